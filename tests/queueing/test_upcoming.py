"""What the display says comes next is what the counters then call."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from sqlalchemy import event, select, update

from mpp.database.session import db, read, write
from mpp.tenancy.region import Region, current_region
from tenants.hall.models import Counter
from tenants.lobby.board import board, hall_by_id
from tenants.queueing import service
from tenants.queueing.models import Ticket
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.upcoming import upcoming
from tenants.services.models import RegionService
from tests.support.hall import counters_of, more_counters, seat

SERVICE = "ktp-el-baru"


def take(slug: str, priority: str | None, minutes: float) -> Ticket:
    ticket = service.take_ticket(slug, "S.", None, new_key(), "web", priority_class=priority)
    came = current_region().now() - dt.timedelta(minutes=minutes)
    with write() as session:
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(arrived_at=came, queued_at=came))
    return ticket


def another_letter() -> tuple[str, Counter]:
    """A service of a counter with another letter, and that counter."""
    letter = counters_of(SERVICE)[0].prefix
    with read() as session:
        counter = session.scalars(
            select(Counter).where(Counter.prefix != letter, Counter.retired_at.is_(None)).order_by(Counter.id)
        ).first()
        assert counter
        enabled = select(RegionService).where(
            RegionService.service_id.in_([link.service_id for link in counter.services]),
            RegionService.enabled,
        )
        return session.scalars(enabled).first().service.slug, counter  # type: ignore[union-attr]


def shown(hall_id: int) -> tuple[str, ...]:
    with read() as session:
        hall = hall_by_id(session, hall_id)
        assert hall
        return board(session, hall).next


@pytest.mark.parametrize("seed", range(6))
def test_one_counter_calls_what_was_shown(hall: Region, seed: int) -> None:
    dice = random.Random(seed)
    (counter,) = more_counters(SERVICE, 1)
    officer = seat(counter)
    tickets = [
        take(SERVICE, dice.choice([None, None, "elderly", "infant"]), dice.uniform(1, 100))
        for _one in range(14)
    ]
    hall_id = tickets[0].hall_id
    for _turn in range(3):
        announced = shown(hall_id)
        assert len(announced) == len(set(announced)) == min(6, 14 - 4 * _turn)
        called = []
        for _call in range(4):
            ticket = service.call_next(counter, officer)
            if ticket is not None:
                called.append(ticket.label)
                service.no_show(ticket.id, officer)
        assert tuple(called) == announced[: len(called)]


def test_plain_arrival_is_not_the_order(hall: Region) -> None:
    (counter,) = more_counters(SERVICE, 1)
    seat(counter)
    slow, fast = take(SERVICE, None, 12), take(SERVICE, "elderly", 10)
    assert shown(slow.hall_id) == (fast.label, slow.label)


def test_each_open_counter_has_its_first_one_shown(hall: Region) -> None:
    """Two letters: the long line of one does not hide who comes next at the other."""
    other_slug, there = another_letter()
    desks: list[tuple[int, Officer]] = [(c, seat(c)) for c in more_counters(SERVICE, 2)]
    seat(there.id, "lain")
    long = [take(SERVICE, None, 90 - n) for n in range(9)]
    other = take(other_slug, None, 1)
    announced = shown(long[0].hall_id)
    assert announced[:3] == (long[0].label, long[1].label, other.label) and len(announced) == 6
    # Sent to one counter: only that one calls, and only once is it shown.
    with write() as session:
        session.execute(update(Ticket).where(Ticket.id == long[8].id).values(for_counter_id=desks[1][0]))
        paused = update(Counter).where(Counter.id != desks[0][0], Counter.hall_id == long[0].hall_id)
        session.execute(paused.values(state="paused"))
    announced = shown(long[0].hall_id)
    assert other.label not in announced and long[8].label not in announced
    with write() as session:
        session.execute(update(Counter).values(state="closed", officer_id=None))
    assert {long[0].label, other.label} <= set(shown(long[0].hall_id)), "before opening too"


def test_the_list_costs_five_reads(hall: Region) -> None:
    for counter in more_counters(SERVICE, 8):
        seat(counter)
    tickets = [take(SERVICE, None, n) for n in range(20)]
    with read() as session:
        counters = session.scalars(select(Counter).where(Counter.hall_id == tickets[0].hall_id)).all()
        statements: list[str] = []

        def record(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", record)
        found = upcoming(session, tickets[0].hall_id, counters, 6)
        event.remove(db.engine, "before_cursor_execute", record)
    assert len(found) == 6
    assert len(statements) == 5
