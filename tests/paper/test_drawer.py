"""A sheet K from the drawer comes back as tickets: each row once, everybody at the place of the hour written there."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
from sqlalchemy import select

from mpp.database.session import read
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.hall.models import Hall
from tenants.paper import drawer
from tenants.paper.drawer import DrawerSheet, enter_row
from tenants.paper.errors import LineError
from tenants.paper.service import Line, Outcome
from tenants.queueing import service
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.policies import new_key
from tenants.queueing.written import Written
from tests.queueing.histories import assert_legal
from tests.support.hall import more_counters, seat, together

SERVICE = "ktp-el-baru"


def sheet(code: str = "H7K2", back: int = 0) -> DrawerSheet:
    with read() as session:
        day = current_region().today() - dt.timedelta(days=back)
        return drawer.used_sheet(session, session.scalars(select(Hall)).one(), code, day)


def ago(minutes: int) -> dt.time:
    """The time of day then, as somebody writes it; midnight at the earliest."""
    now = current_region().now()
    then = now - dt.timedelta(minutes=minutes)
    return (then.time() if then.date() == now.date() else dt.time.min).replace(second=0, microsecond=0)


def test_who_waited_on_paper_keeps_the_place_of_the_written_hour(hall: Region) -> None:
    used = sheet()
    later = service.take_ticket(SERVICE, "S.", None, new_key(), "web")
    # Typed in any order, hours after: whoever came first is called first, and all of them before who came by phone.
    second = enter_row(used, Line(1, SERVICE, ago(20))).ticket
    first = enter_row(used, Line(2, SERVICE, ago(40))).ticket
    assert (first.number, second.number, later.number) == (3, 2, 1) and first.channel == "paper"
    assert first.arrived_at.astimezone(current_region().zone).time() == ago(40)
    desks = [(counter, seat(counter)) for counter in more_counters(SERVICE, 3)]
    called = [service.call_next(*desk) for desk in desks]
    expected = [first, second, later] if ago(40) < ago(20) else called
    assert [ticket.id for ticket in called if ticket] == [ticket.id for ticket in expected if ticket]
    with read() as session:
        issue = session.scalars(
            select(TicketEvent).where(TicketEvent.ticket_id == first.id, TicketEvent.kind == "issue")
        ).one()
    assert issue.data == {"channel": "paper", "written": "K-2 H7K2"}


def test_no_arrival_lies_outside_its_day_or_in_the_future(hall: Region) -> None:
    now, day = current_region().now(), current_region().today()
    written = partial(Written, day, label="K-1 H7K2")
    assert written(now + dt.timedelta(hours=30)).arrived_at <= current_region().now()
    assert written(now - dt.timedelta(days=9)).arrived_at == dt.datetime.combine(
        day, dt.time.min, tzinfo=current_region().zone
    )
    yesterday = Written(day - dt.timedelta(days=1), now, "K-1 H7K2").arrived_at
    assert yesterday.astimezone(current_region().zone).date() == day - dt.timedelta(days=1)


def test_typed_twice_it_is_once_and_sheets_of_two_desks_do_not_meet(app: Platform, hall: Region) -> None:
    used, other = sheet(), sheet("ABCD")
    found = together(app, hall, [partial(enter_row, used, Line(1, SERVICE, ago(5)))] * 6)
    assert len({entered.ticket.id for entered in found}) == 1 and sum(e.new for e in found) == 1
    assert enter_row(other, Line(1, SERVICE, ago(5))).new
    again = sheet()
    assert again.left == drawer.ROWS - 1 and set(again.typed) == {1}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_sheet_of_yesterday_is_typed_with_its_outcomes(hall: Region, outcome: Outcome) -> None:
    used = sheet(back=1)
    with pytest.raises(LineError, match="sudah lewat"):
        enter_row(used, Line(3, SERVICE, dt.time(9, 5)))
    counter = more_counters(SERVICE, 1)[0]
    line = Line(3, SERVICE, dt.time(9, 5), outcome=outcome, counter_id=counter, ended=dt.time(9, 30))
    ticket = enter_row(used, line).ticket
    with read() as session:
        rows = session.scalars(
            select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
        ).all()
    assert_legal(list(rows), ticket)
    assert ticket.local_day == used.day and ticket.ended_at is not None
    assert ticket.ended_at.astimezone(current_region().zone).time() == dt.time(9, 30)


def test_what_cannot_be_is_refused_and_stores_nothing(hall: Region) -> None:
    later = (current_region().now() + dt.timedelta(minutes=2)).time()
    wrong = [
        (sheet(), Line(drawer.ROWS + 1, SERVICE, ago(1)), "number"),
        (sheet(), Line(1, "tidak-ada", ago(1)), "service"),
        (sheet(back=drawer.DAYS_BACK + 1), Line(1, SERVICE, ago(1)), "came"),
        (sheet(), Line(1, SERVICE, later if later > ago(0) else dt.time.max), "came"),
    ]
    for used, line, field in wrong:
        with pytest.raises(LineError) as refused:
            enter_row(used, line)
        assert refused.value.field == field
    with read() as session:
        assert session.scalars(select(Ticket)).all() == []
    assert drawer.clean_sheet_code(" h7 k2") == "H7K2"
    assert drawer.clean_sheet_code("H7K") is drawer.clean_sheet_code("H7KO") is None
