"""A priority class is corrected at the counter: the line goes on with it, and what was stored stays true."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
from sqlalchemy import select, update

from mpp.database.session import read, write
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.queueing import service
from tenants.queueing.counted import Counted, counted_today
from tenants.queueing.errors import (
    IllegalMoveError,
    NoReasonError,
    NotFoundError,
    NotYourCounterError,
    QueueError,
)
from tenants.queueing.exceptions import Raised
from tenants.queueing.models import QueueCall, Ticket, TicketEvent
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.why import why_before_me
from tests.support.hall import at, more_counters, seat, together

SERVICE = "ktp-el-baru"
Desk = tuple[int, Officer]


@pytest.fixture
def desks(hall: Region) -> list[Desk]:
    return [(counter, seat(counter)) for counter in more_counters(SERVICE, 2)]


def take(priority: str | None, minutes: float) -> Ticket:
    ticket = service.take_ticket(SERVICE, "S.", None, new_key(), "web", priority_class=priority)
    came = current_region().now() - dt.timedelta(minutes=minutes)
    with write() as session:
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(arrived_at=came, queued_at=came))
    return ticket


def code(ticket: Ticket, other: Ticket) -> tuple[str, str]:
    with read() as session:
        mine, theirs = (session.get_one(Ticket, each.id, populate_existing=True) for each in (ticket, other))
        answer = why_before_me(session, mine, theirs)
    return answer.code, answer.short


def test_the_line_goes_on_with_the_corrected_class_and_the_call_stays_what_it_was(desks: list[Desk]) -> None:
    slow, said = take(None, 12), take("elderly", 10)
    assert code(slow, said)[0] == "ahead"
    called = service.call_next(*desks[0])
    assert called and called.id == said.id
    told = code(slow, said)
    assert told[0] == "rank" and "prioritas" in told[1]
    corrected = service.reclassify(said.id, desks[0][1], None)
    assert (corrected.priority_class, corrected.entry, corrected.state) == (None, "walk_in", "called")
    assert code(slow, said) == told, "why it was called is what was true at the call"
    with read() as session:
        assert session.scalars(select(QueueCall.priority)).all() == [True]
    # Put back, it stands where it came.
    service.hold(said.id, desks[0][1], "bukan lansia")
    service.resume(said.id, desks[0][1])
    found = service.call_next(*desks[0])
    assert found and found.id == slow.id


def test_a_booking_stays_a_booking(desks: list[Desk]) -> None:
    due = current_region().now()
    ticket = service.take_ticket(SERVICE, "S.", None, new_key(), "web", due_at=due)
    assert (
        service.reclassify(ticket.id, desks[0][1], "disability", category=Raised.DOCUMENT).kind == "priority"
    )
    again = service.reclassify(ticket.id, desks[0][1], None)
    assert (again.entry, again.kind) == ("booked", "booked")


def test_making_somebody_a_priority_person_needs_a_reason_that_the_overtaken_read(desks: list[Desk]) -> None:
    first, favoured, late = take(None, 12), take(None, 9), take(None, 1)
    for category, words in ((None, "kenalan"), ("kenalan", "kenalan"), ("other", " ")):
        with pytest.raises(NoReasonError):
            service.reclassify(favoured.id, desks[0][1], "elderly", category=category, words=words)
    service.reclassify(favoured.id, desks[0][1], "elderly", category=Raised.OTHER, words="kata Pak Budi")
    told = "alasan lain yang dicatat petugas"
    assert code(first, favoured)[0] == "ahead" and told in code(first, favoured)[1]
    called = service.call_next(*desks[0])
    assert called and called.id == favoured.id
    answer = code(first, favoured)
    assert answer[0] == "raised" and told in answer[1] and "Budi" not in answer[1]
    assert code(late, favoured)[0] == "arrival", "it put nobody before this one"
    with read() as session:
        mine, theirs = session.get_one(Ticket, first.id), session.get_one(Ticket, favoured.id)
        assert why_before_me(session, mine, theirs).note == "kata Pak Budi", "for staff alone"
        assert counted_today(session, first.hall_id) == Counted(out_of_order=0, raised=1)
    # From one class to another, and to none, nobody is overtaken anew.
    service.reclassify(favoured.id, desks[0][1], "infant")
    service.reclassify(favoured.id, desks[0][1], None)
    with read() as session:
        session.expire_all()
        assert counted_today(session, first.hall_id).raised == 1
    assert code(first, favoured)[0] == "raised", "why it was called is what was true at the call"


def test_what_is_refused(app: Platform, desks: list[Desk], banyuwangi: Region) -> None:
    ticket = take(None, 1)
    ticket_id, ticket_code = ticket.id, ticket.code
    with pytest.raises(NotFoundError):
        service.reclassify(ticket_id, desks[0][1], "raja")
    with pytest.raises(NotYourCounterError):
        service.reclassify(ticket_id, Officer(999_999), "elderly", category=Raised.SEEN)
    key = new_key()
    for _twice in range(2):
        service.reclassify(ticket_id, desks[0][1], "elderly", key, category=Raised.SEEN)
    service.leave(ticket_code)
    with pytest.raises(IllegalMoveError, match="dibatalkan"):
        service.reclassify(ticket_id, desks[0][1], "infant")
    with at(app, banyuwangi), pytest.raises(NotFoundError):
        service.reclassify(ticket_id, desks[0][1], "infant")
    with read() as session:
        kinds = session.scalars(select(TicketEvent.kind).order_by(TicketEvent.id)).all()
    assert list(kinds) == ["issue", "reclassify", "cancel"]


def test_many_corrections_at_once_leave_one_line_of_history(
    app: Platform, hall: Region, desks: list[Desk]
) -> None:
    ticket = take(None, 1)

    def correct(to: str) -> None:
        try:
            service.reclassify(ticket.id, desks[0][1], to, category=Raised.SEEN)
        except QueueError:
            return

    together(app, hall, [partial(correct, to) for to in ("elderly", "infant", "pregnant", "disability") * 4])
    with read() as session:
        told = session.scalars(
            select(TicketEvent).where(TicketEvent.kind == "reclassify").order_by(TicketEvent.id)
        ).all()
        last = session.get_one(Ticket, ticket.id, populate_existing=True).priority_class
    assert [event.data["from"] for event in told] == [None, *(event.data["to"] for event in told[:-1])]
    assert told[-1].data["to"] == last
