"""Races that really race: threads on own connections, and exact counts afterwards."""

from __future__ import annotations

import random
from collections import Counter as Tally
from functools import partial

import pytest
from sqlalchemy import select

from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing import service
from tenants.queueing.errors import QuotaReachedError
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.policies import Officer, new_key
from tenants.services.models import RegionService
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


def test_a_double_press_of_many_threads_calls_one_person(app: Platform, hall: Region) -> None:
    (counter,) = more_counters(SERVICE, 1)
    officer = seat(counter)
    for _number in range(20):
        take()
    found = together(app, hall, [lambda: service.call_next(counter, officer)] * 20)
    assert {t.label for t in found if t} == {f"{found[0].prefix}-001"} if found[0] else False
    with read() as session:
        assert len(session.scalars(select(TicketEvent).where(TicketEvent.kind == "call")).all()) == 1


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
