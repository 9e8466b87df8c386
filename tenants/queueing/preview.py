"""What another rule would have meant: a real day's arrivals and service times, replayed under two rules. Pure but for
the reading of the day.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants.hall.models import Counter
from tenants.queueing import line
from tenants.queueing.models import QueueCall, Ticket, TicketEvent
from tenants.queueing.rule import BOOKED, PRIORITY, WALK_IN, Rule, begins, order, streak_of

# Somebody who did not come costs a counter about so much.
ABSENT_SECONDS = 90
KINDS = (PRIORITY, BOOKED, WALK_IN)
# What ends a call: the counter is free again.
ENDS = ("complete", "no_show", "hold", "transfer", "close_day")
# What puts somebody in line again.
BACK = ("resume", "transfer", "reactivate")
DAYS_OFFERED = 14


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who stands in line from `queued_at` on, and for how many seconds they then kept a counter."""

    id: int
    number: int
    label: str
    kind: str
    service_id: int
    arrived_at: dt.datetime
    due_at: dt.datetime | None
    queued_at: dt.datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class Desk:
    """A counter as it was that day: its letter, what it serves, from when to when it called people."""

    id: int
    prefix: str
    serves: frozenset[int]
    first: dt.datetime
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class Waits:
    """Minutes waited by a kind of entry under one rule."""

    people: int
    middle: float
    longest: float
    over_target: int


@dataclass(frozen=True, slots=True)
class Replay:
    """A day under one rule: who was called in which order, and the waits by kind."""

    calls: tuple[tuple[str, dt.datetime], ...]
    waits: Mapping[str, Waits] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A day under the rule in force and under another. `moved` are (number, place before, place after)."""

    day: dt.date
    people: int
    now: Replay
    then: Replay
    moved: tuple[tuple[str, int, int], ...]


def days_with_calls(session: Session, hall_id: int) -> list[dt.date]:
    """Return the latest local days on which a hall has called people, newest first."""
    query = select(QueueCall.local_day).where(QueueCall.hall_id == hall_id).distinct()
    return list(session.scalars(query.order_by(QueueCall.local_day.desc()).limit(DAYS_OFFERED)))


def compare(session: Session, hall_id: int, day: dt.date, before: Rule, after: Rule) -> Comparison:
    """Replay a day of a hall under two rules; the same people, service times and counters in both."""
    visits = _visits(session, hall_id, day)
    now = replay(visits, _desks(session, hall_id, day, before), before)
    then = replay(visits, _desks(session, hall_id, day, after), after)
    places = _first_places(now)
    moved = [
        (label, places[label], place)
        for label, place in _first_places(then).items()
        if label in places and places[label] != place
    ]
    moved.sort(key=lambda row: -abs(row[1] - row[2]))
    return Comparison(day, len({visit.label for visit in visits}), now, then, tuple(moved))


def _first_places(replayed: Replay) -> dict[str, int]:
    """The place of each number by its first call."""
    places: dict[str, int] = {}
    for place, (label, _at) in enumerate(replayed.calls, start=1):
        places.setdefault(label, place)
    return places


def replay(visits: Sequence[Visit], desks: Sequence[Desk], rule: Rule) -> Replay:
    """Play a day by a rule. Counters work from their first to their last moment, and until their line is empty."""
    coming = sorted(visits, key=lambda v: (v.queued_at, v.id))
    waiting: list[Visit] = []
    free = [(desk.first, desk.id) for desk in desks]
    heapq.heapify(free)
    by_id = {desk.id: desk for desk in desks}
    calls: list[tuple[Visit, dt.datetime, Desk]] = []
    while free and (coming or waiting):
        now, desk_id = heapq.heappop(free)
        desk = by_id[desk_id]
        while coming and coming[0].queued_at <= now:
            waiting.append(coming.pop(0))
        mine = [visit for visit in waiting if visit.service_id in desk.serves]
        if not mine:
            later = next((v.queued_at for v in coming if v.service_id in desk.serves), None)
            if later is not None:
                heapq.heappush(free, (max(later, now), desk_id))
            continue
        chosen = order(mine, rule, now, _streak(calls, desk, rule), _horizons(calls, rule, now))[0]
        waiting.remove(chosen)
        calls.append((chosen, now, desk))
        heapq.heappush(free, (now + dt.timedelta(seconds=max(1, chosen.seconds)), desk_id))
    return Replay(tuple((visit.label, at) for visit, at, _desk in calls), _waits(calls, rule))


def _streak(calls: Sequence[tuple[Visit, dt.datetime, Desk]], desk: Desk, rule: Rule) -> int:
    group = (v.kind == PRIORITY for v, _at, at_desk in reversed(calls) if at_desk.prefix == desk.prefix)
    return min(streak_of(group), rule.max_priority_streak)


def _horizons(
    calls: Sequence[tuple[Visit, dt.datetime, Desk]], rule: Rule, now: dt.datetime
) -> dict[int, dt.datetime]:
    found: dict[int, dt.datetime] = {}
    for visit, at, desk in calls:
        if at > now - rule.bound:
            break
        for service in desk.serves:
            found[service] = max(begins(visit), found.get(service, begins(visit)))
    return found


def _waits(calls: Sequence[tuple[Visit, dt.datetime, Desk]], rule: Rule) -> dict[str, Waits]:
    minutes: dict[str, list[float]] = defaultdict(list)
    for visit, at, _desk in calls:
        minutes[visit.kind].append(max(0.0, (at - begins(visit)).total_seconds() / 60))
    return {
        kind: Waits(
            len(found), median(found), max(found), sum(1 for wait in found if wait > rule.target(kind))
        )
        for kind in KINDS
        if (found := minutes.get(kind))
    }


def _visits(session: Session, hall_id: int, day: dt.date) -> list[Visit]:
    """Every call of the day as a visit; who was parked, sent on or restored stands in line again when they did."""
    rows = session.execute(
        select(QueueCall, Ticket)
        .join(Ticket, Ticket.id == QueueCall.ticket_id)
        .where(QueueCall.hall_id == hall_id, QueueCall.local_day == day)
        .order_by(QueueCall.at, QueueCall.event_id)
    ).all()
    events = session.execute(
        select(TicketEvent.ticket_id, TicketEvent.id, TicketEvent.kind, TicketEvent.at)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(TicketEvent.hall_id == hall_id, Ticket.local_day == day)
        .where(TicketEvent.kind.in_((*ENDS, *BACK)))
        .order_by(TicketEvent.id)
    )
    told: dict[int, list[tuple[int, str, dt.datetime]]] = defaultdict(list)
    for ticket_id, event_id, kind, at in events:
        told[ticket_id].append((event_id, kind, at))
    return [_visit(call, ticket, told[ticket.id]) for call, ticket in rows]


def _visit(call: QueueCall, ticket: Ticket, told: Sequence[tuple[int, str, dt.datetime]]) -> Visit:
    end = next((at for event, kind, at in told if event > call.event_id and kind in ENDS), None)
    back = [at for event, kind, at in told if event < call.event_id and kind in BACK]
    kind = PRIORITY if call.priority else BOOKED if ticket.entry == BOOKED else WALK_IN
    return Visit(
        call.event_id, ticket.number, ticket.label, kind, call.service_id, ticket.arrived_at, ticket.due_at,
        back[-1] if back else ticket.arrived_at, _seconds(call, end),
    )  # fmt: skip


def _seconds(call: QueueCall, end: dt.datetime | None) -> int:
    """How long a call kept its counter."""
    return ABSENT_SECONDS if end is None else int((end - call.at).total_seconds())


def _desks(session: Session, hall_id: int, day: dt.date, rule: Rule) -> list[Desk]:
    pairs = line.served_pairs(rule).where(Counter.hall_id == hall_id).subquery()
    serves: dict[int, set[int]] = defaultdict(set)
    for counter_id, service_id in session.execute(select(pairs.c.counter_id, pairs.c.service_id)):
        serves[counter_id].add(service_id)
    rows = session.execute(
        select(Counter.id, Counter.prefix, func.min(QueueCall.at), func.max(QueueCall.at))
        .join(QueueCall, QueueCall.counter_id == Counter.id)
        .where(QueueCall.hall_id == hall_id, QueueCall.local_day == day)
        .group_by(Counter.id, Counter.prefix)
    )
    return [Desk(key, prefix, frozenset(serves[key]), first, last) for key, prefix, first, last in rows]
