"""Races that really race: threads on own connections, and exact counts afterwards."""

from __future__ import annotations

import random
import time
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from mpp.database.session import db, read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, CounterOfficer, CounterState
from tenants.queueing import desk, service
from tenants.queueing.errors import IllegalMoveError, QuotaReachedError
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.policies import Officer, new_key
from tenants.services.models import RegionService
from tests.queueing.histories import assert_legal
from tests.support.hall import counters_of, more_counters, seat, together

SERVICE = "ktp-el-baru"
THREADS = 32


def take(key: str | None = None, slug: str = SERVICE) -> Ticket:
    return service.take_ticket(slug, "S.A.", None, key or new_key(), "web")


def history(ticket_id: int) -> list[str]:
    with read() as session:
        query = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
        return list(session.scalars(query))


def test_thirty_two_threads_take_and_call_over_several_counters(app: Platform, hall: Region) -> None:
    desks = [(counter, seat(counter)) for counter in more_counters(SERVICE, 6)]
    takers, each = THREADS - len(desks), 8
    wanted = takers * each
    called: list[tuple[int, int]] = []

    def takes() -> None:
        for _round in range(each):
            take()

    def serves(counter: int, officer: Officer) -> None:
        dice = random.Random(counter)
        empty = 0
        while empty < 200 and len(called) < wanted:
            ticket = service.call_next(counter, officer)
            if ticket is None:
                empty += 1
                continue
            empty = 0
            called.append((ticket.id, counter))
            if dice.random() < 0.2:
                service.no_show(ticket.id, officer)
            else:
                service.start(ticket.id, officer)
                service.complete(ticket.id, officer)

    jobs = [takes] * takers + [partial(serves, counter, officer) for counter, officer in desks]
    together(app, hall, jobs)

    with read() as session:
        tickets = session.scalars(select(Ticket)).all()
    assert sorted(t.number for t in tickets) == list(range(1, wanted + 1)), "every number once, no gap"
    assert len({t.code for t in tickets}) == wanted
    by_number = sorted(tickets, key=lambda t: t.number)
    assert [t.id for t in by_number] == [t.id for t in sorted(tickets, key=lambda t: t.issued_at)]
    assert len(called) == wanted
    assert Tally(ticket for ticket, _counter in called) == {t.id: 1 for t in tickets}, "nobody called twice"
    assert all(t.state in {"completed", "no_show"} for t in tickets)
    legal = {("issue", "call", "start", "complete"), ("issue", "call", "no_show")}
    assert {tuple(history(t.id)) for t in tickets} <= legal


@pytest.fixture
def own_connections(hall: Region) -> Iterator[None]:
    """Let each of 64 threads have a connection of its own; a web process has fewer."""
    pool: Any = db.engine.pool
    most, pool._max_overflow = pool._max_overflow, 64
    yield
    pool._max_overflow = most


@pytest.mark.parametrize("wanted", [400, pytest.param(2000, marks=pytest.mark.long)])
@pytest.mark.usefixtures("own_connections")
def test_sixty_four_threads_and_eight_counters(app: Platform, hall: Region, wanted: int) -> None:
    """Takers, leavers, officers, priority and walk-in, parking and coming back, all at once and all exact."""
    desks = [(counter, seat(counter)) for counter in more_counters(SERVICE, 8)]
    takers = 64 - len(desks)
    share = [wanted // takers + (1 if n < wanted % takers else 0) for n in range(takers)]
    ended: list[int] = []
    called: list[int] = []

    def takes(count: int, number: int) -> None:
        dice = random.Random(number)
        for _round in range(count):
            priority = dice.choice([None, None, None, "elderly", "infant"])
            ticket = service.take_ticket(SERVICE, "S.A.", None, new_key(), "web", priority_class=priority)
            if dice.random() < 0.03:
                with suppress(IllegalMoveError):
                    service.leave(ticket.code)
                    ended.append(ticket.id)

    def serves(counter: int, officer: Officer) -> None:
        dice = random.Random(counter)
        empty = 0
        while empty < 400 and len(ended) < wanted:
            ticket = service.call_next(counter, officer, new_key())
            if ticket is None:
                empty += 1
                time.sleep(0.01)
                continue
            empty = 0
            called.append(ticket.id)
            chance = dice.random()
            if chance < 0.1:
                service.no_show(ticket.id, officer)
                if not ticket.reactivated and chance < 0.05:
                    service.reactivate(ticket.id, "kembali")
                    continue
            elif chance < 0.15:
                service.hold(ticket.id, officer, "berkas")
                service.resume(ticket.id, officer)
                continue
            else:
                service.start(ticket.id, officer)
                service.complete(ticket.id, officer, new_key())
            ended.append(ticket.id)

    jobs = [partial(takes, count, n) for n, count in enumerate(share)]
    together(app, hall, [*jobs, *(partial(serves, counter, officer) for counter, officer in desks)])

    with read() as session:
        tickets = session.scalars(select(Ticket)).all()
        events = session.scalars(select(TicketEvent).order_by(TicketEvent.id)).all()
    assert sorted(t.number for t in tickets) == list(range(1, wanted + 1)), "every number once, no gap"
    assert len({t.code for t in tickets}) == wanted
    assert sorted(ended) == sorted(t.id for t in tickets), "everybody ended, once"
    assert {t.state for t in tickets} == {"completed", "no_show", "cancelled"}
    calls = Tally(e.ticket_id for e in events if e.kind == "call")
    assert calls == Tally(called), "each call that was answered happened once"
    histories: dict[int, list[TicketEvent]] = defaultdict(list)
    for event in events:
        histories[event.ticket_id].append(event)
    for ticket in tickets:
        assert_legal(histories[ticket.id], ticket)
    # A counter has one person at a time: between two calls of it, the first has left.
    at: dict[int, int | None] = {}
    for event in events:
        if event.kind == "call" and event.counter_id:
            assert at.get(event.counter_id) is None
            at[event.counter_id] = event.ticket_id
        elif event.kind in {"no_show", "hold", "complete"} and event.counter_id:
            assert at[event.counter_id] == event.ticket_id
            at[event.counter_id] = None


def test_a_double_press_of_many_threads_calls_one_person(app: Platform, hall: Region) -> None:
    (counter,) = more_counters(SERVICE, 1)
    officer = seat(counter)
    for _number in range(20):
        take()
    found = together(app, hall, [lambda: service.call_next(counter, officer)] * 20)
    assert {t.label for t in found if t} == {f"{found[0].prefix}-001"} if found[0] else False
    with read() as session:
        assert len(session.scalars(select(TicketEvent).where(TicketEvent.kind == "call")).all()) == 1


@pytest.mark.usefixtures("own_connections")
def test_one_officer_sitting_down_in_many_tabs_sits_at_one_counter(app: Platform, hall: Region) -> None:
    counters = more_counters(SERVICE, 6)
    officer = seat(counters[0])
    with write() as session:
        session.add_all(CounterOfficer(counter_id=other, staff_id=officer.id) for other in counters[1:])
    desk.close(counters[0], officer)
    for _round in range(3):
        found = together(app, hall, [partial(desk.sit, counter, officer) for counter in counters * 2])
        assert {counter.id for counter in found} == set(counters), "each press was answered"
        with read() as session:
            session.rollback()
            seats = session.scalars(select(Counter.id).where(Counter.officer_id == officer.id)).all()
            still_open = session.scalars(
                select(Counter.id).where(Counter.id.in_(counters), Counter.state != CounterState.CLOSED)
            ).all()
            session.rollback()
        assert len(seats) == 1 and seats == still_open, "the former seats are closed"


def test_the_same_key_makes_one_ticket(app: Platform, hall: Region) -> None:
    key = new_key()
    found = together(app, hall, [partial(take, key)] * 20)
    assert len({t.id for t in found}) == 1
    assert take().number == 2, "the losers gave their number back"


def test_a_quota_holds_in_a_race(app: Platform, hall: Region) -> None:
    with write() as session:
        row = session.scalars(select(RegionService).where(RegionService.service.has(slug=SERVICE))).one()
        row.daily_quota = 7

    def try_() -> Ticket | None:
        try:
            return take()
        except QuotaReachedError:
            return None

    found = together(app, hall, [try_] * THREADS)
    assert sorted(t.number for t in found if t) == list(range(1, 8))
    with pytest.raises(QuotaReachedError, match="habis"):
        take()


def test_two_services_of_one_agency_share_a_series(app: Platform, hall: Region) -> None:
    first = counters_of(SERVICE)[0]
    others = [slug for slug in ("kk-baru", "akta-kelahiran", "kia") if counters_of(slug)]
    found = together(app, hall, [partial(take, None, slug) for slug in (SERVICE, *others) * 5])
    same = [t.number for t in found if t.prefix == first.prefix]
    assert len(same) == len(set(same))
    assert sorted(same) == list(range(1, len(same) + 1))
