"""What was given and done on paper comes back as tickets: each number once, nothing lost, nobody called twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from mpp.audit import AuditEntry
from mpp.database.session import read
from mpp.tenancy.provision import owner
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.lobby.board import board, hall_by_id
from tenants.paper import queries
from tenants.paper.errors import LineError
from tenants.paper.service import Line, Outcome, enter, lend_block
from tenants.queueing import service
from tenants.queueing.errors import LeaseError, QueueError
from tenants.queueing.models import NumberLease, Ticket, TicketEvent
from tenants.queueing.policies import new_key
from tenants.queueing.why import why_before_me
from tests.queueing.histories import assert_legal
from tests.support.hall import more_counters, seat, together

SERVICE = "ktp-el-baru"


def now() -> dt.time:
    """This minute, as somebody writes it down."""
    return current_region().now().time().replace(second=0, microsecond=0)


def line(number: int = 1, **facts: Any) -> Line:
    return replace(Line(number, SERVICE, now()), **facts)


def history(ticket: Ticket) -> list[TicketEvent]:
    with read() as session:
        query = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
        return list(session.scalars(query))


def test_who_still_waits_joins_the_line(lease: NumberLease) -> None:
    entered = enter(lease.id, line(2, priority_class="elderly"))
    ticket = entered.ticket
    assert entered.new and ticket.number == 2 and ticket.state == "waiting"
    assert (ticket.channel, ticket.holder, ticket.priority_class) == ("paper", "Tanpa nama", "elderly")
    counter = more_counters(SERVICE, 1)[0]
    called = service.call_next(counter, seat(counter))
    assert called is not None and called.id == ticket.id


@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_was_done_on_paper_is_a_legal_history(lease: NumberLease, outcome: Outcome) -> None:
    counter = more_counters(SERVICE, 1)[0]
    done = line(3, outcome=outcome, counter_id=counter, began=now(), ended=now())
    ticket = enter(lease.id, done).ticket
    rows = history(ticket)
    assert_legal(rows, ticket)
    assert all(row.data["paper"] == lease.id for row in rows[1:])
    assert ticket.state == {"served": "completed"}.get(outcome, outcome)
    assert ticket.ended_at is not None and ticket.ended_at <= current_region().now()
    if outcome is not Outcome.CANCELLED:
        assert ticket.called_at is not None and ticket.arrived_at <= ticket.called_at <= ticket.ended_at
    with read() as session:
        log = session.scalars(select(AuditEntry).where(AuditEntry.action == "paper.enter")).one()
    assert log.data == {"number": ticket.label, "outcome": outcome.value}


def test_a_counter_that_is_busy_now_does_not_hinder_what_was_served_before(lease: NumberLease) -> None:
    counter = more_counters(SERVICE, 1)[0]
    officer = seat(counter)
    service.take_ticket(SERVICE, "S.", None, new_key(), "web")
    assert service.call_next(counter, officer) is not None
    done = line(1, outcome=Outcome.SERVED, counter_id=counter, began=now(), ended=now())
    assert enter(lease.id, done).ticket.state == "completed"


def test_times_count_only_when_they_were_written(lease: NumberLease) -> None:
    ticket = enter(lease.id, line(1, outcome=Outcome.SERVED)).ticket
    assert ticket.called_at is None and ticket.serving_at is None and ticket.ended_at is not None


def test_typed_twice_it_is_once_and_the_first_stands(lease: NumberLease) -> None:
    first = enter(lease.id, line(4))
    again = enter(lease.id, line(4, outcome=Outcome.NO_SHOW))
    other = enter(lease.id, line(4, service="kk-baru"))
    assert first.new and not again.new and not other.new
    assert first.ticket.id == again.ticket.id == other.ticket.id
    assert again.ticket.state == "waiting" and len(history(first.ticket)) == 1


def test_two_people_typing_at_once(app: Platform, hall: Region, lease: NumberLease) -> None:
    done = line(5, outcome=Outcome.SERVED)
    other = line(5, service="kk-baru", outcome=Outcome.CANCELLED)
    found = together(app, hall, [partial(enter, lease.id, one) for one in [done, other] * 6])
    assert len({e.ticket.id for e in found}) == 1
    assert sum(e.new for e in found) == 1
    assert_legal(history(found[0].ticket), found[0].ticket)


def test_numbers_never_meet_those_given_meanwhile(app: Platform, hall: Region, lease: NumberLease) -> None:
    """Paper typed back, numbers taken and counters calling, all at once."""
    desks = [(counter, seat(counter)) for counter in more_counters(SERVICE, 3)]
    called: list[int] = []

    def types(first: int) -> None:
        for number in range(first, 11, 2):
            enter(lease.id, line(number, outcome=Outcome.SERVED))

    def takes() -> None:
        for _round in range(8):
            service.take_ticket(SERVICE, "S.", None, new_key(), "reception")

    def lends() -> None:
        with read() as session:
            prefix = session.get_one(NumberLease, lease.id).prefix
        lend_block(lease.hall_id, prefix, 7)

    def serves(at: int) -> None:
        for _round in range(8):
            ticket = service.call_next(*desks[at])
            if ticket is not None:
                called.append(ticket.id)
                service.start(ticket.id, desks[at][1])
                service.complete(ticket.id, desks[at][1])

    jobs: list[Callable[[], None]] = [partial(types, 1), partial(types, 2), partial(types, 1)]
    jobs += [takes, takes, lends, *(partial(serves, at) for at in range(3))]
    together(app, hall, jobs)
    with read() as session:
        tickets = session.scalars(select(Ticket)).all()
        blocks = session.scalars(select(NumberLease)).all()
    numbers = [t.number for t in tickets]
    assert len(numbers) == len(set(numbers)) == 26
    lent = {number for block in blocks for number in range(block.first, block.last + 1)}
    assert {t.number for t in tickets if t.channel == "paper"} == set(range(1, 11))
    assert not lent & {t.number for t in tickets if t.channel != "paper"}
    paper = {t.id for t in tickets if t.channel == "paper"}
    assert not paper & set(called), "no counter called who was served on paper already"
    for ticket in tickets:
        assert_legal(history(ticket), ticket)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": 11}, "number"),
        ({"began": dt.time(0, 0), "ended": dt.time(0, 0), "outcome": Outcome.SERVED}, "began"),
        ({"began": now, "outcome": Outcome.SERVED}, "ended"),
        ({"began": now}, "outcome"),
        ({"counter_id": 999_999, "outcome": Outcome.SERVED}, "counter"),
        ({"ended": dt.time(0, 0), "outcome": Outcome.SERVED}, "ended"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    lease: NumberLease, change: dict[str, Any], field: str
) -> None:
    if current_region().now().hour == 0:
        pytest.skip("just after midnight nothing lies before")
    facts: dict[str, Any] = {name: value() if value is now else value for name, value in change.items()}
    with pytest.raises(LineError) as refused:
        enter(lease.id, line(**facts))
    assert refused.value.field == field
    with read() as session:
        assert session.scalars(select(Ticket)).all() == []


def test_an_hour_that_has_not_come_is_refused(lease: NumberLease) -> None:
    later = (current_region().now() + dt.timedelta(minutes=2)).time()
    if later > now():
        with pytest.raises(LineError, match="belum tiba"):
            enter(lease.id, line(1, came=later))


def test_a_sheet_of_yesterday_needs_an_outcome(app: Platform, hall: Region, lease: NumberLease) -> None:
    yesterday = current_region().today() - dt.timedelta(days=1)
    with read() as session:
        session.rollback()
        session.expunge_all()
    # Only the owner of the tables can change a block that was lent.
    with owner(app.settings) as connection:
        connection.execute(f"SET search_path TO {hall.schema}")
        day = "UPDATE number_lease SET local_day = local_day - 1, created_at = created_at - interval '1 day'"
        connection.execute(f"{day}; UPDATE ticket_series SET local_day = local_day - 1")
    with pytest.raises(LineError, match="sudah lewat"):
        enter(lease.id, line(1))
    ticket = enter(lease.id, line(1, outcome=Outcome.SERVED, began=now(), ended=now())).ticket
    assert ticket.local_day == yesterday and ticket.state == "completed"
    assert (
        ticket.ended_at is not None and ticket.ended_at.astimezone(current_region().zone).date() == yesterday
    )


def test_numbers_of_other_devices_and_other_services_are_refused(lease: NumberLease) -> None:
    kiosk = service.lease_numbers(lease.hall_id, lease.prefix, 5, "kios-1")
    with pytest.raises(LeaseError):
        enter(kiosk.id, line(kiosk.first))
    with pytest.raises(LeaseError):
        enter(999_999, line(1))
    with read() as session:
        hall = hall_by_id(session, lease.hall_id)
        assert hall is not None
        foreign = next(one for one in queries.letters(session, hall) if one.prefix != lease.prefix)
    with pytest.raises(QueueError):
        enter(lease.id, line(1, service=foreign.services[0][0]))


def test_a_block_pressed_twice_is_one_and_unused_numbers_are_told(lease: NumberLease) -> None:
    assert lend_block(lease.hall_id, lease.prefix, 10).id == lease.id
    assert lend_block(lease.hall_id, lease.prefix, 12).first == 11
    for count in (4, 61):
        with pytest.raises(LeaseError):
            lend_block(lease.hall_id, lease.prefix, count)
    enter(lease.id, line(3))
    with read() as session:
        sheet = queries.sheet(session, lease.id)
    assert sheet is not None and sheet.left == 9 and set(sheet.typed) == {3}
    assert SERVICE in {slug for slug, _name in sheet.letter.services}


def test_the_board_shows_no_call_of_the_past_and_the_reason_is_told(lease: NumberLease) -> None:
    counter = more_counters(SERVICE, 1)[0]
    mine = service.take_ticket(SERVICE, "S.", None, new_key(), "web")
    done = line(1, outcome=Outcome.SERVED, counter_id=counter, began=now(), ended=now())
    paper = enter(lease.id, done).ticket
    with read() as session:
        hall = hall_by_id(session, lease.hall_id)
        assert hall is not None
        shown = board(session, hall)
        assert shown.calling is None and shown.last == ()
        assert "lembar kertas" in why_before_me(session, mine, paper).short
