"""Who is next: the rule of a hall's line, pure. `line` says the same in SQL, and a test holds both together.

Everybody's rank is the time waited ÷ the target of their kind (priority, booked, walk-in). Two caps keep it fair: after
`max_priority_streak` priority calls in a row somebody else is called, and whoever was overtaken `max_overtake` minutes
ago or earlier goes first. Ties go by arrival, then number.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from tenants.hall.serving import QUICK_MINUTES

PRIORITY, BOOKED, WALK_IN = "priority", "booked", "walk_in"
MICROSECOND = dt.timedelta(microseconds=1)
LATEST = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Rule:
    """A hall's values. Targets, `max_overtake`, `quick_minutes` and `idle_minutes` are minutes.

    A number is called `recall_max` times again at most, `recall_gap_seconds` after the last call at the earliest.
    Who has `near_calls` calls to go is told by a message.
    """

    target_priority: int = 15
    target_booked: int = 10
    target_walk_in: int = 45
    max_priority_streak: int = 2
    max_overtake: int = 30
    recall_gap_seconds: int = 20
    recall_max: int = 2
    quick_minutes: int = QUICK_MINUTES
    idle_minutes: int = 30
    near_calls: int = 3

    def target(self, kind: str) -> int:
        """Return the minutes in which somebody of a kind should be called."""
        return {PRIORITY: self.target_priority, BOOKED: self.target_booked}.get(kind, self.target_walk_in)

    def weight(self, kind: str) -> int:
        """Return the whole number that turns microseconds waited into a rank, exactly: no kind's share is rounded."""
        common = math.lcm(self.target_priority, self.target_booked, self.target_walk_in)
        return common // self.target(kind)

    @property
    def bound(self) -> dt.timedelta:
        """How long anybody may stay overtaken."""
        return dt.timedelta(minutes=self.max_overtake)


class Standing(Protocol):
    """Somebody in line, as far as the rule looks. A Ticket is one. All moments are aware."""

    @property
    def kind(self) -> str: ...  # noqa: D102  # priority, booked or walk_in
    @property
    def arrived_at(self) -> dt.datetime: ...  # noqa: D102  # original arrival
    @property
    def due_at(self) -> dt.datetime | None: ...  # noqa: D102  # appointed time of a booking
    @property
    def queued_at(self) -> dt.datetime: ...  # noqa: D102  # since when in the present line
    @property
    def service_id(self) -> int: ...  # noqa: D102
    @property
    def number(self) -> int: ...  # noqa: D102
    @property
    def id(self) -> int: ...  # noqa: D102


S = TypeVar("S", bound=Standing)
# For each service the latest start of waiting among those called `max_overtake` ago or earlier by a counter that
# serves it: who began to wait before that has been overtaken for so long.
Horizons = Mapping[int, dt.datetime]
NOBODY: Horizons = {}


class Why(enum.StrEnum):
    """What decided between two people in line."""

    OVERTAKEN = "overtaken"
    STREAK = "streak"
    RANK = "rank"
    ARRIVAL = "arrival"


def begins(person: Standing) -> dt.datetime:
    """Return when somebody's waiting began: arrival, or the appointed time of who came early for it."""
    return max(person.arrived_at, person.due_at) if person.due_at else person.arrived_at


def waited(person: Standing, now: dt.datetime) -> dt.timedelta:
    """Return how long somebody has waited; nothing before their appointed time."""
    return max(dt.timedelta(0), now - begins(person))


def rank(person: Standing, rule: Rule, now: dt.datetime) -> int:
    """Return time waited ÷ target in exact units; only its order means anything."""
    return (waited(person, now) // MICROSECOND) * rule.weight(person.kind)


def score(person: Standing, rule: Rule, now: dt.datetime) -> float:
    """Return time waited ÷ target: 1.0 is the moment of the target."""
    return round(waited(person, now) / dt.timedelta(minutes=rule.target(person.kind)), 4)


def overtaken(person: Standing, rule: Rule, now: dt.datetime, horizons: Horizons = NOBODY) -> bool:
    """Whether others who began later were called `max_overtake` ago or earlier. A new line counts anew."""
    horizon = horizons.get(person.service_id)
    return horizon is not None and person.queued_at <= now - rule.bound and begins(person) < horizon


def held_back(person: Standing, rule: Rule, streak: int) -> bool:
    """Whether a priority call must wait for one of the others, if there is any."""
    return person.kind == PRIORITY and streak >= rule.max_priority_streak


def order(
    tickets: Iterable[S], rule: Rule, now: dt.datetime, streak: int = 0, horizons: Horizons = NOBODY
) -> list[S]:
    """Return people in the order in which one counter would call them now.

    `streak` are the priority calls in a row of the counter's group (all counters with its letter).
    """
    return sorted(tickets, key=lambda person: _key(person, rule, now, streak, horizons))


def _key(
    person: Standing, rule: Rule, now: dt.datetime, streak: int, horizons: Horizons
) -> tuple[bool, bool, dt.datetime, int, dt.datetime, int, int]:
    over, since = overtaken(person, rule, now, horizons), begins(person)
    return (
        held_back(person, rule, streak),
        not over,
        # Among the overtaken the earliest goes first, whatever their kind; among the others rank decides.
        since if over else LATEST,
        -rank(person, rule, now),
        since,
        person.number,
        person.id,
    )


def streak_of(newest_first: Iterable[bool]) -> int:
    """Return how many of the last calls in a row were priority calls."""
    count = 0
    for priority in newest_first:
        if not priority:
            break
        count += 1
    return count


def horizon_of(
    called: Iterable[tuple[dt.datetime, dt.datetime]], rule: Rule, now: dt.datetime
) -> dt.datetime | None:
    """Return the horizon of a service from (began to wait, called at) of the calls of its counters."""
    return max((began for began, at in called if at <= now - rule.bound), default=None)


def decided(
    first: Standing,
    second: Standing,
    rule: Rule,
    now: dt.datetime,
    streak: int = 0,
    horizons: Horizons = NOBODY,
) -> Why:
    """Return what puts `first` before `second`; the caller knows that it stands there.

    The reason is what would turn them round if it were not there: a cap that only agrees with rank decided nothing.
    """

    def turned(streak: int, horizons: Horizons) -> bool:
        return _key(second, rule, now, streak, horizons) < _key(first, rule, now, streak, horizons)

    if turned(0, horizons):
        return Why.STREAK
    if turned(streak, NOBODY):
        return Why.OVERTAKEN
    if turned(0, NOBODY):
        # Either cap alone would have been enough; this one is asked first.
        return Why.STREAK
    return Why.ARRIVAL if _came(first) < _came(second) else Why.RANK


def _came(person: Standing) -> tuple[dt.datetime, int, int]:
    return begins(person), person.number, person.id
