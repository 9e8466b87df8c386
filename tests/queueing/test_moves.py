"""The life of a ticket: legal moves, illegal ones, and officers at counters."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from mpp.audit import AuditEntry
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, CounterOfficer
from tenants.queueing import desk, service
from tenants.queueing.console import console
from tenants.queueing.errors import (
    CounterTakenError,
    IllegalMoveError,
    NotFoundError,
    NotYourCounterError,
    QueueError,
    TooOftenError,
    TooSoonError,
)
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.rule import Rule
from tenants.queueing.rules import save_rule
from tests.support.hall import at, more_counters, seat

SERVICE = "ktp-el-baru"
Move = Callable[[int, Officer], Ticket]
MOVES: list[Move] = [service.recall, service.start, service.complete, service.no_show]


@pytest.fixture
def desks(hall: Region) -> list[tuple[int, Officer]]:
    """Two counters of one service with an officer each."""
    return [(counter, seat(counter)) for counter in more_counters(SERVICE, 2)]


def take() -> Ticket:
    return service.take_ticket(SERVICE, "Siti", None, new_key(), "web")


def call(counter: int, officer: Officer, key: str | None = None) -> Ticket:
    ticket = service.call_next(counter, officer, key)
    assert ticket is not None
    return ticket


def events(ticket: Ticket) -> list[tuple[str, str]]:
    with read() as session:
        rows = session.scalars(
            select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
        )
        return [(row.kind, row.state) for row in rows]


def test_the_whole_way(desks: list[tuple[int, Officer]]) -> None:
    take()
    counter, officer = desks[0]
    ticket = call(counter, officer)
    assert (ticket.state, ticket.counter_id, ticket.calls) == (TicketState.CALLED, counter, 1)
    service.start(ticket.id, officer)
    done = service.complete(ticket.id, officer)
    assert done.state == TicketState.COMPLETED and done.ended_at
    assert events(ticket) == [
        ("issue", "waiting"), ("call", "called"), ("start", "serving"), ("complete", "completed"),
    ]  # fmt: skip
    assert service.call_next(counter, officer) is None


def test_each_move_sent_twice_happens_once(desks: list[tuple[int, Officer]]) -> None:
    take()
    counter, officer = desks[0]
    key = new_key()
    ticket = call(counter, officer, key)
    assert call(counter, officer, key).id == ticket.id
    for move in (service.start, service.complete):
        move(ticket.id, officer)
        move(ticket.id, officer)
    take()
    # The same request once more, after the ticket has ended: still that ticket, nobody new.
    assert call(counter, officer, key).id == ticket.id
    assert [kind for kind, _state in events(ticket)] == ["issue", "call", "start", "complete"]


@pytest.mark.parametrize(
    ("before", "illegal"),
    [
        ([], [service.recall, service.start, service.complete, service.no_show]),
        ([service.start], [service.recall, service.no_show]),
        ([service.start, service.complete], [service.recall, service.start, service.no_show]),
        ([service.no_show], [service.recall, service.start, service.complete]),
    ],
)
def test_illegal_moves_change_nothing(
    desks: list[tuple[int, Officer]], before: list[Move], illegal: list[Move]
) -> None:
    take()
    counter, officer = desks[0]
    ticket = call(counter, officer)
    for move in before:
        move(ticket.id, officer)
    history = events(ticket)
    for move in illegal:
        if not before and move in {service.start, service.no_show}:
            continue
        with pytest.raises((IllegalMoveError, TooSoonError)):
            move(ticket.id, officer)
    assert events(ticket) == history


def test_a_waiting_ticket_can_only_be_called(desks: list[tuple[int, Officer]]) -> None:
    ticket = take()
    for move in MOVES:
        with pytest.raises(NotYourCounterError):
            move(ticket.id, desks[0][1])


def test_another_officer_cannot_touch_it(desks: list[tuple[int, Officer]]) -> None:
    take()
    (counter, officer), (other, stranger) = desks
    ticket = call(counter, officer)
    for move in MOVES:
        with pytest.raises(NotYourCounterError, match="tidak di loket Anda"):
            move(ticket.id, stranger)
    with pytest.raises(NotYourCounterError):
        service.call_next(counter, stranger)
    assert service.call_next(other, stranger) is None


def test_recall_waits_for_the_gap_and_has_a_most(desks: list[tuple[int, Officer]]) -> None:
    take()
    counter, officer = desks[0]
    ticket = call(counter, officer)
    with pytest.raises(TooSoonError, match="detik lagi"):
        service.recall(ticket.id, officer)
    save_rule(ticket.hall_id, replace(Rule(), recall_gap_seconds=5, recall_max=1), "uji")
    with pytest.raises(TooSoonError, match="detik lagi"):
        service.recall(ticket.id, officer)
    time.sleep(5.1)
    key = new_key()
    again = service.recall(ticket.id, officer, key)
    assert again.calls == 2 and again.state == TicketState.CALLED
    assert service.recall(ticket.id, officer, key).calls == 2, "replayed"
    time.sleep(5.1)
    with pytest.raises(TooOftenError, match="dipanggil 2 kali"):
        service.recall(ticket.id, officer)


def test_nobody_is_called_while_somebody_is_served(desks: list[tuple[int, Officer]]) -> None:
    take(), take()
    counter, officer = desks[0]
    ticket = call(counter, officer)
    assert call(counter, officer).id == ticket.id
    service.start(ticket.id, officer)
    with pytest.raises(IllegalMoveError, match="masih dilayani"):
        service.call_next(counter, officer)


def test_the_line_goes_by_arrival(desks: list[tuple[int, Officer]]) -> None:
    first, second, third = take(), take(), take()
    service.leave(second.code)
    assert [call(*desks[0]).id, call(*desks[1]).id] == [first.id, third.id]


def test_leaving_is_for_those_who_wait(desks: list[tuple[int, Officer]]) -> None:
    ticket = take()
    assert service.leave(ticket.code).state == TicketState.CANCELLED
    assert service.leave(ticket.code).state == TicketState.CANCELLED
    assert events(ticket) == [("issue", "waiting"), ("cancel", "cancelled")]
    take()
    called = call(*desks[0])
    with pytest.raises(IllegalMoveError, match="sudah dipanggil"):
        service.leave(called.code)
    with pytest.raises(NotFoundError):
        service.leave("TIDAKADA2345")


def test_yesterdays_line_is_not_called_today(desks: list[tuple[int, Officer]]) -> None:
    ticket = take()
    with write() as session:
        session.execute(update(Ticket).values(local_day=Ticket.local_day - 1))
    assert service.call_next(*desks[0]) is None
    with read() as session:
        assert session.get_one(Ticket, ticket.id, populate_existing=True).state == TicketState.WAITING


def test_a_paused_counter_finishes_and_calls_nobody(desks: list[tuple[int, Officer]]) -> None:
    take(), take()
    counter, officer = desks[0]
    ticket = call(counter, officer)
    assert desk.pause(counter, officer, "Istirahat").state_note == "Istirahat"
    service.start(ticket.id, officer)
    service.complete(ticket.id, officer)
    with pytest.raises(IllegalMoveError, match="tidak menerima"):
        service.call_next(counter, officer)
    desk.resume(counter, officer)
    assert service.call_next(counter, officer)


def test_one_officer_one_counter(desks: list[tuple[int, Officer]]) -> None:
    (counter, officer), (other, _colleague) = desks
    with pytest.raises(NotYourCounterError, match="tidak ditugaskan"):
        desk.sit(other, officer)
    with write() as session:
        session.add(CounterOfficer(counter_id=other, staff_id=officer.id))
    with pytest.raises(CounterTakenError, match="Ambil alih"):
        desk.sit(other, officer)
    desk.sit(other, officer, take_over=True)
    with read() as session:
        former, now = session.get_one(Counter, counter), session.get_one(Counter, other)
        assert (former.officer_id, former.state) == (None, "closed")
        assert (now.officer_id, now.state) == (officer.id, "open")
        acts = [entry.action for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert acts[-2:] == ["counter.close", "counter.take_over"]


def test_nobody_walks_away_from_a_person(desks: list[tuple[int, Officer]]) -> None:
    take()
    (counter, officer), (other, colleague) = desks
    ticket = call(counter, officer)
    with pytest.raises(IllegalMoveError, match=ticket.label):
        desk.close(counter, officer)
    admin = Officer(colleague.id, admin=True)
    # The colleague takes over with the person; the old officer can do nothing more.
    desk.sit(counter, admin, take_over=True)
    with pytest.raises(QueueError):
        service.start(ticket.id, officer)
    assert service.start(ticket.id, colleague).state == TicketState.SERVING
    assert other


def test_the_console_shows_the_line(desks: list[tuple[int, Officer]]) -> None:
    tickets = [take() for _person in range(5)]
    counter, officer = desks[0]
    call(counter, officer)
    with read() as session:
        view = console(session, session.get_one(Counter, counter))
    assert view.current and view.current.ticket.id == tickets[0].id
    assert [waiting.ticket.id for waiting in view.coming] == [t.id for t in tickets[1:4]]
    assert view.people == 4 and [line.people for line in view.lines] == [4]


def test_ids_of_a_neighbour_are_nothing_here(
    app: Platform, desks: list[tuple[int, Officer]], banyuwangi: Region
) -> None:
    take()
    counter, officer = desks[0]
    ticket = call(counter, officer)
    with at(app, banyuwangi):
        stranger = Officer(officer.id, admin=True)
        for move in MOVES:
            with pytest.raises(NotFoundError):
                move(ticket.id, stranger)
        with pytest.raises(NotYourCounterError):
            service.call_next(999_999, stranger)
        with pytest.raises(NotFoundError):
            desk.sit(999_999, stranger)
