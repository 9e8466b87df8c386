"""The SQL of the line and the pure rule agree, for random queues in a real database."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.database.session import read, write
from mpp.settings import Settings
from mpp.tenancy.provision import owner
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.catalogue.models import ServiceStandard
from tenants.hall.models import Counter
from tenants.queueing import line
from tenants.queueing.models import QueueCall, Ticket, TicketEvent
from tenants.queueing.rule import Rule, begins, horizon_of, order, streak_of
from tenants.queueing.rules import RANGES
from tests.support.hall import more_counters

# Queues of so many dice; make long throws them all.
ROUNDS, SOME = 40, 12


def a_rule(dice: random.Random) -> Rule:
    """Values that make every clause bite now and then."""
    values = {name: dice.randint(least, min(most, least + 60)) for name, (least, most) in RANGES.items()}
    return replace(Rule(**values), max_priority_streak=dice.randint(1, 3), max_overtake=dice.randint(5, 40))


def a_hall(
    dice: random.Random, counters: list[Counter], now: dt.datetime, settings: Settings, region: Region
) -> None:
    """Some people waiting, some called before; equal moments are common, so that ties happen."""
    services = {c.id: [link.service_id for link in c.services] for c in counters}
    wipe(settings, region)
    with write() as session:
        for number in range(1, dice.randint(2, 40)):
            arrived = now - dt.timedelta(minutes=dice.randint(0, 90))
            called = dice.random() < 0.4
            counter = dice.choice(counters)
            booked = dice.random() < 0.3
            ticket = (
                Ticket(
                    code=f"c-{number}", idempotency_key=f"k-{number}", hall_id=counter.hall_id,
                    service_id=dice.choice(services[counter.id]), local_day=current_region().today(),
                    prefix=dice.choice("AB"), number=number, holder="U", channel="web",
                    # Of those called some came back into a line: their call counts all the same.
                    state="completed" if called and dice.random() < 0.6 else "waiting",
                    priority_class=dice.choice([None, None, "elderly", "infant"]),
                    entry="booked" if booked else dice.choice(["walk_in", "walk_in", "priority"]),
                    due_at=now + dt.timedelta(minutes=dice.randint(-60, 30)) if booked else None,
                    arrived_at=arrived, issued_at=arrived,
                    queued_at=arrived if dice.random() < 0.8 else now - dt.timedelta(minutes=dice.randint(0, 20)),
                    for_counter_id=None if called or dice.random() < 0.9 else dice.choice(counters).id,
                )
            )  # fmt: skip
            session.add(ticket)
            session.flush()
            for _call in range(dice.choice([1, 1, 2]) if called else 0):
                a_call(
                    session, ticket, counter, min(now, arrived + dt.timedelta(minutes=dice.randint(0, 60)))
                )


def a_call(session: Session, ticket: Ticket, counter: Counter, at: dt.datetime) -> None:
    event = TicketEvent(
        ticket_id=ticket.id, hall_id=ticket.hall_id, at=at, kind="call", state="called", counter_id=counter.id,
        actor_kind="system",
    )  # fmt: skip
    session.add(event)
    session.flush()
    session.add(
        QueueCall(
            event_id=event.id, ticket_id=ticket.id, hall_id=ticket.hall_id, local_day=ticket.local_day,
            prefix=counter.prefix, counter_id=counter.id, service_id=ticket.service_id, at=at,
            began=begins(ticket), priority=ticket.kind == "priority",
        )
    )  # fmt: skip


def wipe(settings: Settings, region: Region) -> None:
    """Only the owner of the tables can take a history away."""
    with read() as session:
        session.rollback()
    with owner(settings) as connection:
        connection.execute(f"SET search_path TO {region.schema}")
        connection.execute("TRUNCATE ticket, ticket_event, queue_call CASCADE")


@pytest.mark.parametrize(
    "seed", [*range(SOME), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(SOME, ROUNDS))]
)
def test_both_name_the_same_order_for_every_counter(app: Platform, hall: Region, seed: int) -> None:
    dice = random.Random(seed)
    ids = more_counters("ktp-el-baru", 3)
    with write() as session:
        counters = list(session.scalars(select(Counter).where(Counter.id.in_(ids)).order_by(Counter.id)))
        counters[2].prefix = "B"
        # The counters share some services and not others.
        for counter in counters:
            links = list(counter.services)
            for link in dice.sample(links, len(links) // 3):
                session.delete(link)
        for each in counters:
            each.quick = dice.random() < 0.2
        session.flush()
        for counter in counters:
            session.refresh(counter)
    now = current_region().now()
    counters = [c for c in counters if c.services]
    for _round in range(4):
        rule = a_rule(dice)
        a_hall(dice, counters, now, app.settings, hall)
        for counter in counters:
            compare(counter, rule, now)


def compare(counter: Counter, rule: Rule, now: dt.datetime) -> None:
    day = current_region().today()
    with read() as session:
        waiting = select(Ticket).where(line.callable_here(Ticket, counter.id, rule, day))
        in_sql = [
            t.id
            for t in session.scalars(line.in_order(waiting, Ticket, counter.id, rule, day, line.moment(now)))
        ]
        people = list(session.scalars(waiting))
        streak = line.streak(session, counter.id, rule, day)
        horizons = line.horizons_now(session, counter.hall_id, rule, day, now)
        assert streak == line.streaks(session, counter.hall_id, rule, day).get(counter.prefix, 0)
        assert (streak, horizons) == by_hand(session, counter, rule, now)
        in_python = [t.id for t in order(people, rule, now, streak, horizons)]
        first = session.scalar(select(line.next_ticket(counter.id, rule, day, line.moment(now))))
        expected = served(counter, rule)
        places = [t.id for t in order(people, rule, now, streak, horizons)]
        for person in people[:6]:
            ahead = session.scalars(line.comes_before(session, waiting, Ticket, person, rule, now, streak))
            assert {t.id for t in ahead} == set(places[: places.index(person.id)])
        session.rollback()
    assert in_sql == in_python
    assert first == (in_python[0] if in_python else None)
    assert {t.service_id for t in people} <= expected


def by_hand(
    session: Session, counter: Counter, rule: Rule, now: dt.datetime
) -> tuple[int, dict[int, dt.datetime]]:
    """Streak and horizons by the pure rule, from the calls themselves."""
    calls = session.scalars(select(QueueCall).order_by(QueueCall.at.desc(), QueueCall.event_id.desc())).all()
    streak = streak_of(call.priority for call in calls if call.prefix == counter.prefix)
    counters = session.scalars(select(Counter).where(Counter.hall_id == counter.hall_id)).all()
    serves = {c.id: served(c, rule) for c in counters if c.retired_at is None}
    lines = {}
    for service in set().union(*serves.values()):
        called = ((call.began, call.at) for call in calls if service in serves[call.counter_id])
        horizon = horizon_of(called, rule, now)
        if horizon is not None:
            lines[service] = horizon
    return min(streak, rule.max_priority_streak), lines


def served(counter: Counter, rule: Rule) -> set[int]:
    """What a counter calls for, reckoned without the line's own SQL."""
    own = {link.service_id for link in counter.services}
    if not counter.quick:
        return own
    with read() as session:
        rows = session.scalars(select(ServiceStandard).where(ServiceStandard.service_id.in_(own)))
        return {r.service_id for r in rows if r.service_minutes and r.service_minutes <= rule.quick_minutes}
