"""The hall played forward many times: when each waiting ticket, and a newcomer, would be called. Pure, no SQL.

A few courses ask the real rule at every call and give the order of calls (`course`); around each of them many cheap
ones draw other service times in that order, which changes slowly. Times without a date are seconds from now.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

from tenants.queueing.rule import order
from tenants.waiting.course import calls
from tenants.waiting.durations import TABLE
from tenants.waiting.state import NEVER, Order, Person, State, Tables
from tenants.waiting.unstaffed import Beyond, beyond

NORMAL = NormalDist()
COURSES = 2
DRAWS = 15


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds until the call: half of the courses are shorter than `p50`, four of five than `p80`, one of ten than
    `p10`: who comes by then is seldom too late.

    `served` is the share of courses in which the call comes before the counters close; the times are those of these
    courses, endless when there is none.
    """

    p10: float
    p50: float
    p80: float
    served: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the simulation says; nothing for those whom no counter can call, but who of them is `beyond` reach today.

    `place` is how many calls away a ticket is within its group of counters: 1 = next.
    """

    waits: Mapping[int, Wait] = field(default_factory=dict)
    newcomers: Mapping[int, Wait] = field(default_factory=dict)
    place: Mapping[int, int] = field(default_factory=dict)
    beyond: Beyond = field(default_factory=Beyond)


def simulate(state: State, by: Order = order, *, courses: int = COURSES, draws: int = DRAWS) -> Outlook:
    """Return when everybody in `state` may count on being called."""
    options = _options(state)
    people = [p for p in state.waiting if _of(options, p)]
    asked = [service for service in state.asked if (service, None) in options]
    tables = Tables(state)
    rows: list[list[float]] = []
    first: list[Person] = []
    size = courses * draws
    for course in range(courses):
        called = calls(state, people, by, tables)
        first = first or called
        plan = _plan(state, called, asked, people, options)
        rows += [_draw(plan, tables, course * draws + draw, size) for draw in range(draws)]
    waits = [_wait(sorted(column), size) for column in zip(*rows, strict=True)]
    return Outlook(
        waits=dict(zip([person.id for person in people], waits, strict=False)),
        newcomers=dict(zip(asked, waits[len(people) :], strict=True)),
        place=_places(first, state),
        beyond=beyond(state.unstaffed, state.waiting),
    )


# The counters, by their place in State.desks, that may call for a service, or for it at one counter only.
Options = dict[tuple[int, int | None], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """An order of calls as places: each step is (slot, counters, durations, place of its factor).

    The last slot is for all those whose wait nobody asks: who is only expected.
    """

    steps: Sequence[tuple[int, tuple[int, ...], tuple[float, ...], int]]
    probes: Sequence[tuple[int, tuple[int, ...]]]
    slots: int
    unsure: Sequence[float]
    state: State


def _options(state: State) -> Options:
    options: Options = {}
    for index, desk in enumerate(state.desks):
        for service in desk.serves & state.durations.keys():
            options[service, None] = (*options.get((service, None), ()), index)
            options[service, desk.key] = (index,)
    return options


def _of(options: Options, person: Person) -> tuple[int, ...]:
    return options.get((person.service_id, person.only), ())


def _plan(
    state: State,
    called: Sequence[Person],
    asked: Sequence[int],
    people: Sequence[Person],
    options: Options,
) -> _Plan:
    nobody = len(people) + len(asked)
    slots = {id(person): slot for slot, person in enumerate(people)}
    factor = {service: place for place, service in enumerate(state.durations)}
    steps = [
        (slots.get(id(p), nobody), _of(options, p), state.durations[p.service_id].call, factor[p.service_id])
        for p in called
    ]
    probes = [(len(people) + number, options[service, None]) for number, service in enumerate(asked)]
    unsure = [duration.unsure for duration in state.durations.values()]
    return _Plan(steps, probes, nobody + 1, unsure, state)


def _draw(plan: _Plan, tables: Tables, number: int, of: int) -> list[float]:
    """One course in the order of the plan, with service times of its own; the moment of each slot's call."""
    draw, at_rest = tables.random, tables.state.rest or (NEVER, NEVER)
    free = [tables.free_at(desk) for desk in plan.state.desks]
    until = [desk.until for desk in plan.state.desks]
    # Each service is slower or faster than thought as a whole; spread evenly over the courses.
    step = next(n for n in (7, 11, 13, 1) if math.gcd(n, of) == 1)
    factors = [
        math.exp(unsure * NORMAL.inv_cdf(((number * step + 3 * place) % of + 0.5) / of))
        for place, unsure in enumerate(plan.unsure)
    ]
    called = [NEVER] * plan.slots
    at = free.__getitem__
    rests, works = at_rest
    for slot, options, table, factor in plan.steps:
        desk = options[0] if len(options) == 1 else min(options, key=at)
        called[slot] = begin = free[desk]
        end = begin + table[int(draw() * TABLE)] * factors[factor]
        if rests <= end < works:
            end = works
        free[desk] = end if end < until[desk] else NEVER
    for slot, options in plan.probes:
        called[slot] = min(map(at, options))
    called.pop()
    return called


def _wait(moments: Sequence[float], size: int) -> Wait:
    served = bisect_left(moments, NEVER)
    known = moments[:served] or [NEVER]
    return Wait(_share(known, 0.1), _share(known, 0.5), _share(known, 0.8), served / size)


def _share(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    position = min(max(0.0, share * len(ordered) - 0.5), len(ordered) - 1.0)
    low = int(position)
    high = min(len(ordered) - 1, low + 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def _places(called: Sequence[Person], state: State) -> dict[int, int]:
    group = _groups(state)
    reached: dict[int, int] = defaultdict(int)
    place = {}
    for person in called:
        if person.arrived_at > state.moment:
            continue
        here = group[person.service_id]
        reached[here] += 1
        place[person.id] = reached[here]
    return place


def _groups(state: State) -> dict[int, int]:
    """Services by the group of counters that they share, directly or by way of others."""
    group: dict[int, int] = {}
    for desk in state.desks:
        known = {group[service] for service in desk.serves if service in group}
        joined = min(known, default=desk.key)
        for service, old in list(group.items()):
            if old in known:
                group[service] = joined
        group.update(dict.fromkeys(desk.serves, joined))
    return group
