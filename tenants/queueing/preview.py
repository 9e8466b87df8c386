"""What another rule would have meant: a real day replayed under two rules, beside what really happened.

The replay has the day's people, service times and open counters (`pastday`); whom an officer called out of order, how
long they looked at an empty line and when somebody came back from a paper it can't know. So it is never the day itself,
and says how far it is from it.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.hall.models import Hall
from tenants.queueing.models import QueueCall
from tenants.queueing.pastday import Desk, Visit, desks_of, past_day
from tenants.queueing.rule import BOOKED, PRIORITY, WALK_IN, Rule, begins, order, streak_of

KINDS = (PRIORITY, BOOKED, WALK_IN)
DAYS_OFFERED = 14
# A call takes some time, or a replay would never go on.
BRIEFEST = dt.timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Waits:
    """Minutes waited by a kind of entry under one rule."""

    people: int
    middle: float
    longest: float
    over_target: int


@dataclass(frozen=True, slots=True)
class Replay:
    """A day under one rule, or as it was: who was called in which order, the waits by kind, and when each visit was
    called. `left` people were never reached.
    """

    calls: tuple[tuple[str, dt.datetime], ...]
    waits: Mapping[str, Waits] = field(default_factory=dict)
    moments: Mapping[int, dt.datetime] = field(default_factory=dict)
    left: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A day as it was, replayed under the rule in force, and under another.

    `moved` are (number, place before, place after). `off`: minutes between the real call and the replayed one under
    the rule in force, for half of the calls at most; None when no call is in both.
    """

    day: dt.date
    people: int
    real: Replay
    now: Replay
    then: Replay
    moved: tuple[tuple[str, int, int], ...]
    off: float | None


def days_with_calls(session: Session, hall_id: int) -> list[dt.date]:
    """Return the latest local days on which a hall has called people, newest first."""
    query = select(QueueCall.local_day).where(QueueCall.hall_id == hall_id).distinct()
    return list(session.scalars(query.order_by(QueueCall.local_day.desc()).limit(DAYS_OFFERED)))


def compare(session: Session, hall_id: int, day: dt.date, before: Rule, after: Rule) -> Comparison:
    """Replay a day of a hall under two rules; the same people, service times and counters in both."""
    hall, past = session.get_one(Hall, hall_id), past_day(session, hall_id, day)
    real = as_it_was(past.visits, before)
    now = replay(past.visits, desks_of(session, hall, day, before, past), before)
    then = replay(past.visits, desks_of(session, hall, day, after, past), after)
    places = _first_places(now)
    moved = [
        (label, places[label], place)
        for label, place in _first_places(then).items()
        if label in places and places[label] != place
    ]
    moved.sort(key=lambda row: -abs(row[1] - row[2]))
    people = len({visit.label for visit in past.visits})
    return Comparison(day, people, real, now, then, tuple(moved), _off(real, now))


def _off(real: Replay, replayed: Replay) -> float | None:
    both = real.moments.keys() & replayed.moments.keys()
    apart = [abs((real.moments[key] - replayed.moments[key]).total_seconds()) / 60 for key in both]
    return median(apart) if apart else None


def _first_places(replayed: Replay) -> dict[str, int]:
    """The place of each number by its first call."""
    places: dict[str, int] = {}
    for place, (label, _at) in enumerate(replayed.calls, start=1):
        places.setdefault(label, place)
    return places


Called = tuple[Visit, dt.datetime, Desk | None]


def as_it_was(visits: Sequence[Visit], rule: Rule) -> Replay:
    """Return the day's real calls in the same form; `rule` for the targets."""
    calls: list[Called] = [(v, v.called_at, None) for v in visits if v.called_at is not None]
    return _told(sorted(calls, key=lambda call: call[1]), visits, rule)


def replay(visits: Sequence[Visit], desks: Sequence[Desk], rule: Rule) -> Replay:
    """Play a day by a rule. Each counter calls within its spans; who gives up or is never reached is not called."""
    coming = sorted(visits, key=lambda v: (v.queued_at, v.id), reverse=True)
    waiting: list[Visit] = []
    by_id = {desk.id: desk for desk in desks}
    free = [(desk.spans[0][0], desk.id) for desk in desks if desk.spans]
    heapq.heapify(free)
    calls: list[tuple[Visit, dt.datetime, Desk]] = []
    while free and (coming or waiting):
        now, desk_id = heapq.heappop(free)
        desk = by_id[desk_id]
        while coming and coming[-1].queued_at <= now:
            waiting.append(coming.pop())
        waiting = [visit for visit in waiting if visit.until is None or visit.until > now]
        mine = [visit for visit in waiting if _since(visit, desk, now) == now]
        if mine:
            streak, horizons = _streak(calls, desk, rule), _horizons(calls, rule, now)
            chosen = order(mine, rule, now, streak, horizons)[0]
            waiting.remove(chosen)
            calls.append((chosen, now, desk))
            ready: dt.datetime | None = now + max(BRIEFEST, dt.timedelta(seconds=chosen.seconds))
        else:
            later = (_since(visit, desk, now) for visit in (*waiting, *coming))
            ready = min((moment for moment in later if moment is not None), default=None)
        again = desk.from_moment(ready) if ready is not None else None
        if again is not None:
            heapq.heappush(free, (again, desk_id))
    return _told(calls, visits, rule)


def _since(visit: Visit, desk: Desk, now: dt.datetime) -> dt.datetime | None:
    """From when on, `now` at the earliest, a counter may call somebody; None: never."""
    if visit.service_id not in desk.serves:
        return None
    if visit.only in (None, desk.id):
        return max(now, visit.queued_at)
    return max(now, visit.queued_at, visit.free_from) if visit.free_from else None


def _told(calls: Sequence[Called], visits: Sequence[Visit], rule: Rule) -> Replay:
    moments = {visit.id: at for visit, at, _desk in calls}
    left = sum(1 for visit in visits if visit.until is None and visit.id not in moments)
    return Replay(tuple((visit.label, at) for visit, at, _desk in calls), _waits(calls, rule), moments, left)


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


def _waits(calls: Sequence[Called], rule: Rule) -> dict[str, Waits]:
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
