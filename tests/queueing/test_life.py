"""Parking, another line, coming back, one person out of order: place and number stay, each change has its row."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update

from mpp.database.session import read, write
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.hall.models import Counter
from tenants.queueing import desk, service
from tenants.queueing.counted import counted_today
from tenants.queueing.errors import (
    FormReusedError,
    IllegalMoveError,
    NoReasonError,
    NotYourCounterError,
    QueueError,
)
from tenants.queueing.exceptions import OutOfOrder
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.queries import ticket_view
from tenants.queueing.why import find_number, why_before_me
from tenants.queueing.words import call_words
from tests.queueing.remembered import call_was
from tests.support.hall import counters_of, more_counters, seat

SERVICE, OTHER = "ktp-el-baru", "kk-baru"
Desk = tuple[int, Officer]


@pytest.fixture
def desks(hall: Region) -> list[Desk]:
    """Two counters of one service with an officer each."""
    return [(counter, seat(counter)) for counter in more_counters(SERVICE, 2)]


def take(slug: str = SERVICE, priority: str | None = None, minutes: float = 0) -> Ticket:
    """A ticket, taken `minutes` ago."""
    ticket = service.take_ticket(slug, "Siti", None, new_key(), "web", priority_class=priority)
    if minutes:
        came = current_region().now() - dt.timedelta(minutes=minutes)
        with write() as session:
            moved = update(Ticket).where(Ticket.id == ticket.id).values(arrived_at=came, queued_at=came)
            session.execute(moved)
    return now(ticket)


def now(ticket: Ticket) -> Ticket:
    with read() as session:
        return session.get_one(Ticket, ticket.id, populate_existing=True)


def call(at: Desk) -> Ticket:
    ticket = service.call_next(*at)
    assert ticket is not None
    return ticket


def events(ticket: Ticket) -> list[TicketEvent]:
    with read() as session:
        rows = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
        return list(session.scalars(rows))


def why(ticket: Ticket, other: Ticket) -> tuple[str, str]:
    with read() as session:
        found = why_before_me(session, now(ticket), now(other))
    return found.code, " ".join((found.short, *found.more))


def test_a_parked_person_comes_back_by_arrival(desks: list[Desk]) -> None:
    first, second = take(), take()
    assert call(desks[0]).id == first.id
    with pytest.raises(NoReasonError):
        service.hold(first.id, desks[0][1], "  ")
    held = service.hold(first.id, desks[0][1], "melengkapi berkas")
    assert held.state == TicketState.ON_HOLD and held.held_at
    assert call(desks[0]).id == second.id, "the counter is free"
    with pytest.raises(IllegalMoveError, match=second.label):
        service.resume(first.id, desks[0][1], here=True)
    third = take()
    back = service.resume(first.id, desks[0][1])
    assert (back.state, back.arrived_at, back.held_at, back.counter_id) == (
        "waiting",
        first.arrived_at,
        None,
        None,
    )
    assert call(desks[1]).id == first.id, "before the third, who came later"
    assert third.number == 3
    assert [(e.kind, e.state) for e in events(first)] == [
        ("issue", "waiting"), ("call", "called"), ("hold", "on_hold"), ("resume", "waiting"), ("call", "called"),
    ]  # fmt: skip
    assert events(first)[2].reason == "melengkapi berkas"


def test_a_parked_person_goes_on_at_a_free_counter(desks: list[Desk]) -> None:
    ticket = take()
    call(desks[0])
    service.start(ticket.id, desks[0][1])
    service.hold(ticket.id, desks[0][1], "fotokopi")
    key = new_key()
    back = service.resume(ticket.id, desks[1][1], here=True, key=key)
    assert (back.state, back.counter_id) == (TicketState.SERVING, desks[1][0])
    assert service.resume(ticket.id, desks[1][1], here=True, key=key).id == ticket.id
    assert service.complete(ticket.id, desks[1][1]).state == TicketState.COMPLETED


def test_one_visit_several_services_one_number(desks: list[Desk]) -> None:
    other = next(c for c in counters_of(OTHER))
    early = take()
    first_service = early.service_id
    call(desks[0])
    service.start(early.id, desks[0][1])
    late = take(OTHER)
    sent = service.transfer(early.id, desks[0][1], service=OTHER, reason="sekalian KK")
    assert (sent.label, sent.arrived_at, sent.state, sent.counter_id) == (
        early.label,
        early.arrived_at,
        "waiting",
        None,
    )
    assert len(sent.visit_services) == 2 and sent.service_id == sent.visit_services[1]
    told = events(early)[-1]
    assert (told.kind, told.counter_id, told.reason) == ("transfer", desks[0][0], "sekalian KK")
    assert told.data["from_service"] == first_service
    there = (other.id, Officer(other.officer_id) if other.officer_id else None)
    officer = there[1] or (desks[0][1] if other.id == desks[0][0] else seat(other.id, "kk"))
    assert call((other.id, officer)).id == early.id
    assert late.number == early.number + 1


def test_a_visit_goes_on_to_its_next_service_by_one_press(desks: list[Desk]) -> None:
    ticket = service.take_ticket(SERVICE, "Siti", None, new_key(), "web", more=[OTHER])
    first, second = ticket.visit_services
    call(desks[0])
    with pytest.raises(IllegalMoveError):
        service.go_on(ticket.id, desks[0][1])
    service.start(ticket.id, desks[0][1])
    with pytest.raises(NoReasonError, match="masih perlu"):
        service.complete(ticket.id, desks[0][1], new_key(), " ")
    key = new_key()
    for _twice in range(2):
        sent = service.go_on(ticket.id, desks[0][1], key)
    assert (sent.state, sent.service_id, sent.label) == ("waiting", second, ticket.label)
    assert (sent.arrived_at, sent.for_counter_id) == (ticket.arrived_at, None)
    told = events(ticket)[-1]
    assert (told.kind, told.counter_id, told.data["from_service"]) == ("transfer", desks[0][0], first)
    assert [e.kind for e in events(ticket)].count("transfer") == 1
    assert steps(ticket) == ["done", "now"]
    called = service.call_one(*desks[1], ticket.id, None)
    assert steps(called) == ["done", "now"]
    service.start(ticket.id, desks[1][1])
    assert service.complete(ticket.id, desks[1][1]).state == TicketState.COMPLETED, "nothing is left to waive"
    assert steps(ticket) == ["done", "done"] and "waived" not in events(ticket)[-1].data


def test_a_visit_that_ends_before_all_is_done_says_why(desks: list[Desk]) -> None:
    ticket = service.take_ticket(SERVICE, "Siti", None, new_key(), "web", more=[OTHER])
    call(desks[0])
    service.start(ticket.id, desks[0][1])
    assert steps(ticket) == ["now", "coming"]
    done = service.complete(ticket.id, desks[0][1], reason="kembali besok")
    told = events(ticket)[-1]
    assert (told.kind, told.reason, told.data["waived"]) == (
        "complete",
        "kembali besok",
        done.visit_services[1:],
    )
    assert steps(ticket) == ["done", "waived"]


def steps(ticket: Ticket) -> list[str]:
    with read() as session:
        view = ticket_view(session, ticket.code)
    assert view is not None
    return [step.state for step in view.steps]


def test_a_transfer_to_one_counter_waits_for_it_until_it_closes(desks: list[Desk]) -> None:
    (first, officer), (second, colleague) = desks
    ticket = take()
    call(desks[0])
    with pytest.raises(IllegalMoveError, match="lain"):
        service.transfer(ticket.id, officer, reason="salah")
    service.transfer(ticket.id, officer, counter_id=second, reason="berkas ada di sana")
    assert service.call_next(first, officer) is None, "it waits for the other one"
    desk.close(second, colleague)
    assert now(ticket).for_counter_id is None
    assert call(desks[0]).id == ticket.id
    with pytest.raises(IllegalMoveError, match="tutup"):
        service.transfer(ticket.id, officer, counter_id=second, reason="lagi")


def test_a_no_show_comes_back_once(desks: list[Desk]) -> None:
    ticket, later = take(), take()
    call(desks[0])
    service.no_show(ticket.id, desks[0][1])
    with pytest.raises(NoReasonError):
        service.reactivate(ticket.id, "")
    key = new_key()
    for _twice in range(2):
        back = service.reactivate(ticket.id, "di toilet", key)
    assert back.state == TicketState.WAITING and back.reactivated and back.arrived_at == ticket.arrived_at
    assert call(desks[0]).id == ticket.id and later.id
    service.no_show(ticket.id, desks[0][1])
    with pytest.raises(IllegalMoveError, match="sudah pernah dipulihkan"):
        service.reactivate(ticket.id, "lagi")
    assert [e.kind for e in events(ticket)].count("reactivate") == 1


def test_a_key_names_one_act(desks: list[Desk]) -> None:
    take(), take()
    key = new_key()
    ticket = service.call_next(*desks[0], key)
    assert ticket is not None
    with pytest.raises(FormReusedError):
        service.start(ticket.id, desks[0][1], key)
    key = new_key()
    service.start(ticket.id, desks[0][1], key)
    service.complete(ticket.id, desks[0][1])
    assert service.start(ticket.id, desks[0][1], key).state == TicketState.COMPLETED, "replayed late: no harm"
    assert [e.kind for e in events(ticket)] == ["issue", "call", "start", "complete"]


def test_priority_is_called_sooner_and_the_one_passed_over_is_told_why(desks: list[Desk]) -> None:
    slow, fast = take(minutes=12), take(priority="elderly", minutes=6)
    called = call(desks[0])
    assert called.id == fast.id
    rule = events(fast)[-1].data["rule"]
    assert (rule["kind"], rule["class"], rule["position"], rule["streak"]) == ("priority", "elderly", 2, 0)
    assert rule["waited_seconds"] // 60 == 6 and rule["target_seconds"] == 15 * 60
    code, text = why(slow, fast)
    assert (
        code == "rank" and "6 dari target 15 menit (40%)" in text and "12 dari target 45 menit (27%)" in text
    )
    assert "lansia" in text and "elderly" not in text
    assert why(fast, slow) == ("not_called", f"{slow.label} belum dipanggil, Anda sudah.")


def test_the_streak_gives_the_others_a_turn_and_says_so(desks: list[Desk]) -> None:
    slow = take(minutes=1)
    fast = [take(priority="infant", minutes=10 - n) for n in range(3)]
    for ticket in fast[:2]:
        assert call(desks[0]).id == ticket.id
        service.no_show(ticket.id, desks[0][1])
    assert call(desks[0]).id == slow.id
    code, text = why(fast[2], slow)
    assert code == "streak" and "2 nomor prioritas" in text


def test_who_came_later_and_was_held_back_by_the_cap_is_told_so(desks: list[Desk]) -> None:
    for _priority in range(2):
        service.no_show(call_after(desks[0], take(priority="infant", minutes=14)).id, desks[0][1])
    slow, fast, walked_in = take(minutes=12), take(priority="infant", minutes=10), take(minutes=9)
    assert call(desks[0]).id == slow.id
    code, text = why(fast, slow)
    assert code == "streak" and "2 nomor prioritas" in text, "the cap, although the other one came first"
    assert why(walked_in, slow)[0] == "arrival", "the cap put nobody before this one"


def call_after(at: Desk, ticket: Ticket) -> Ticket:
    called = call(at)
    assert called.id == ticket.id
    return called


def test_the_bound_gives_the_overtaken_their_turn_and_says_so(
    app: Platform, hall: Region, desks: list[Desk]
) -> None:
    slow, fast, later = (
        take(minutes=40),
        take(priority="pregnant", minutes=38),
        take(priority="infant", minutes=35),
    )
    assert call(desks[0]).id == fast.id
    call_was(app.settings, hall, fast, 31)
    assert call(desks[1]).id == slow.id
    rule = events(slow)[-1].data["rule"]
    assert rule["overtaken"] and rule["position"] == 1
    code, text = why(later, slow)
    assert code == "overtaken" and "30 menit, batas terlama" in text, (
        "but for the bound the later one goes first"
    )
    walked_in = take(minutes=20)
    assert why(walked_in, slow)[0] == "before"


def test_a_call_out_of_order_needs_a_reason_and_is_counted_in_public(desks: list[Desk]) -> None:
    first, second, third = take(), take(), take()
    for category, words in ((None, "hendak pingsan"), ("lainnya", "hendak pingsan"), ("other", " ")):
        with pytest.raises(NoReasonError):
            service.call_one(*desks[0], third.id, category, words)
    assert now(third).state == TicketState.WAITING, "without a reason nobody was called"
    called = service.call_one(*desks[0], third.id, OutOfOrder.EMERGENCY, "Bu Sari hendak pingsan")
    assert called.id == third.id
    with read() as session:
        assert counted_today(session, first.hall_id).out_of_order == 1
    code, text = why(first, third)
    assert code == "out_of_order" and "di luar urutan: keadaan darurat." in text
    assert "Sari" not in text and "pingsan" not in text, "the officer's own words are not for everybody"
    assert why(second, third)[0] == "out_of_order"
    with read() as session:
        note = why_before_me(session, now(first), now(third)).note
        assert note == "Bu Sari hendak pingsan" and "pingsan" in (call_words(session, now(third)) or "")
    with pytest.raises(IllegalMoveError, match=third.label):
        service.call_one(*desks[0], first.id, OutOfOrder.MISTAKE)
    assert service.call_one(*desks[1], first.id, None).id == first.id
    with read() as session:
        assert counted_today(session, first.hall_id).out_of_order == 1, "calling the next one is in order"
    with pytest.raises(QueueError):
        service.call_one(*desks[1], third.id, OutOfOrder.MISTAKE)


def test_why_knows_who_came_first_who_was_away_and_other_lines(desks: list[Desk]) -> None:
    first, second = take(), take()
    assert why(second, first)[0] == "ahead" and why(first, second)[0] == "behind"
    call(desks[0])
    assert why(second, first)[0] == "arrival"
    service.no_show(first.id, desks[0][1])
    call(desks[0])
    assert why(first, second)[0] == "no_show"
    late = take()
    assert why(late, second)[0] == "before"
    assert why(late, late)[0] == "same"
    with read() as session:
        assert find_number(session, late, f" {first.prefix.lower()}-{first.number} ").id == first.id  # type: ignore[union-attr]
        assert find_number(session, late, "Z99") is None and find_number(session, late, "12") is None


def test_a_quick_counter_takes_only_short_services(desks: list[Desk]) -> None:
    with write() as session:
        session.execute(update(Counter).where(Counter.id == desks[0][0]).values(quick=True))
    ticket = take()
    with read() as session:
        minutes = session.get_one(Ticket, ticket.id).service.standards[0].service_minutes
    found = service.call_next(*desks[0])
    assert (found is not None) == (minutes is not None and minutes <= 10)
    if found is None:
        assert call(desks[1]).id == ticket.id


def test_a_stranger_cannot_park_or_send(desks: list[Desk]) -> None:
    ticket = take()
    call(desks[0])
    with pytest.raises(NotYourCounterError):
        service.hold(ticket.id, desks[1][1], "x")
    with pytest.raises(NotYourCounterError):
        service.transfer(ticket.id, desks[1][1], service=OTHER, reason="x")
