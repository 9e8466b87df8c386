"""A hall at one moment as the simulation sees it, and the dice that are thrown for it. Pure, no SQL."""

from __future__ import annotations

import datetime as dt
import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tenants.queueing.rule import Horizons, Rule
from tenants.waiting.durations import Duration

NEVER = float("inf")
# An officer who rests outside of the hall's break comes back after some minutes.
PAUSE_SECONDS = (180.0, 480.0, 900.0, 1500.0)
SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in line, or expected (`arrived_at` in the future); what the rule looks at, in the rule's own words."""

    id: int
    service_id: int
    kind: str
    arrived_at: dt.datetime
    queued_at: dt.datetime
    number: int = 0
    due_at: dt.datetime | None = None
    # The only counter that may call; None: any that serves it.
    only: int | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """A ticket at a counter: called, or `serving`, for `elapsed` seconds since the call."""

    service: int
    elapsed: float
    serving: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """A counter that takes people now or soon: `paused` for so many seconds, or `opens_in`; nobody from `until` on."""

    key: int
    group: str
    serves: frozenset[int]
    until: float = NEVER
    busy: Busy | None = None
    paused: float | None = None
    opens_in: float = 0.0


@dataclass(frozen=True, slots=True)
class Unstaffed:
    """A service without an officer: seconds that each of its counters has left today, and what one person takes."""

    left: Sequence[float]
    usual: float

    def fits(self, ahead: int) -> bool:
        """Whether somebody with so many people before them could be served until closing."""
        return max(self.left, default=0.0) >= self.usual and sum(self.left) >= (ahead + 1) * self.usual


@dataclass(frozen=True, slots=True)
class State:
    """A hall at one moment (aware). `called` are calls of the last hours for the rule's memory:
    (moment, began to wait, services of the counter), oldest first. `streaks` count priority calls by letter.
    """

    moment: dt.datetime
    desks: Sequence[Desk]
    waiting: Sequence[Person]
    durations: Mapping[int, Duration]
    rule: Rule = field(default_factory=Rule)
    expected: Sequence[Person] = ()
    called: Sequence[tuple[dt.datetime, dt.datetime, frozenset[int]]] = ()
    streaks: Mapping[str, int] = field(default_factory=dict)
    # The hall's break, from and to.
    rest: tuple[float, float] | None = None
    # Services for which a newcomer's wait is asked.
    asked: Sequence[int] = ()
    # Services that only counters without an officer could serve.
    unstaffed: Mapping[int, Unstaffed] = field(default_factory=dict)
    seed: int = 0


class Order(Protocol):
    """The rule of the line: `tenants.queueing.rule.order`, or another one to compare with."""

    def __call__(
        self, tickets: Sequence[Person], rule: Rule, now: dt.datetime, streak: int, horizons: Horizons
    ) -> list[Person]:
        """Return people in the order in which one counter would call them."""


class Tables:
    """Draws from the durations, quickly. The same state gives the same draws: what people read must not flicker."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.dice = random.Random(state.seed)  # noqa: S311  # statistics, no secret
        self.random = self.dice.random
        self._free = {desk.key: self._moments(desk) for desk in state.desks}

    def seconds(self, service: int) -> float:
        """How long one call of a service keeps a counter."""
        table = self.state.durations[service].call
        return table[int(self.random() * len(table))]

    def free_at(self, desk: Desk) -> float:
        """When a counter can call next; a person being served takes what such people still take."""
        moments = self._free[desk.key]
        return moments[int(self.random() * len(moments))]

    def _moments(self, desk: Desk) -> tuple[float, ...]:
        """Equally likely moments at which a counter is free."""
        begins = [0.0]
        if desk.busy is not None and desk.busy.service in self.state.durations:
            begins = self._left(self.state.durations[desk.busy.service], desk.busy)
        if desk.paused is not None:
            begins = [max(begin, pause) for begin in begins for pause in _longer(PAUSE_SECONDS, desk.paused)]
        moments = (self.after_rest(max(begin, desk.opens_in)) for begin in begins)
        return tuple(moment if moment < desk.until else NEVER for moment in moments)

    def _left(self, known: Duration, busy: Busy) -> list[float]:
        return _longer(known.visit if busy.serving else known.call, busy.elapsed)

    def after_rest(self, moment: float) -> float:
        """The moment itself, or the end of the hall's break that it falls into."""
        rest = self.state.rest
        return rest[1] if rest is not None and rest[0] <= moment < rest[1] else moment


def _longer(table: Sequence[float], elapsed: float) -> list[float]:
    """What is left, after `elapsed` seconds, of something that takes as long as one of a sorted table."""
    first = bisect_right(table, elapsed)
    if first < len(table):
        return [value - elapsed for value in table[first:]]
    # Longer than any before: such things go on for about a quarter of what they took.
    return [elapsed * 0.5 * share for share in SHARES]
