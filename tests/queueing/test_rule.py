"""The pure rule: who is next, for every line that hypothesis can think of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.queueing.errors import RuleValueError
from tenants.queueing.rule import (
    Rule,
    Why,
    begins,
    decided,
    horizon_of,
    order,
    overtaken,
    rank,
    score,
    streak_of,
)
from tenants.queueing.rules import RANGES, check

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
RULE = Rule()


@dataclass(frozen=True)
class Person:
    id: int
    kind: str
    arrived_at: dt.datetime
    queued_at: dt.datetime
    due_at: dt.datetime | None = None
    service_id: int = 1
    number: int = 0


def person(number: int, kind: str, minutes: float, *, due: float | None = None) -> Person:
    arrived = NOW - minutes * MINUTE
    return Person(number, kind, arrived, arrived, None if due is None else NOW - due * MINUTE, number=number)


def test_rank_is_time_waited_by_target() -> None:
    slow, fast = person(1, "walk_in", 30), person(2, "priority", 12)
    assert score(slow, RULE, NOW) == pytest.approx(30 / 45, abs=1e-3)
    assert score(fast, RULE, NOW) == pytest.approx(0.8)
    assert order([slow, fast], RULE, NOW) == [fast, slow]
    assert decided(fast, slow, RULE, NOW) is Why.RANK


def test_the_streak_lets_somebody_else_in_but_only_if_there_is_one() -> None:
    slow, fast, other = person(1, "walk_in", 5), person(2, "priority", 20), person(3, "priority", 19)
    assert order([slow, fast, other], RULE, NOW, streak=1)[0] is fast
    assert order([slow, fast, other], RULE, NOW, streak=2) == [slow, fast, other]
    assert decided(slow, fast, RULE, NOW, streak=2) is Why.STREAK
    assert order([fast, other], RULE, NOW, streak=9) == [fast, other]
    assert streak_of([True, True, False, True]) == 2 and streak_of([]) == 0


def test_who_was_overtaken_too_long_goes_first() -> None:
    slow, fast = person(1, "walk_in", 40), person(2, "priority", 30)
    early, late = NOW - 31 * MINUTE, NOW - 29 * MINUTE
    assert horizon_of([(NOW - 35 * MINUTE, late)], RULE, NOW) is None
    horizon = horizon_of([(NOW - 35 * MINUTE, early), (NOW - 50 * MINUTE, early)], RULE, NOW)
    assert horizon == NOW - 35 * MINUTE
    lines = {1: horizon}
    assert overtaken(slow, RULE, NOW, lines) and not overtaken(fast, RULE, NOW, lines)
    assert order([fast, slow], RULE, NOW, horizons=lines) == [slow, fast]
    assert decided(slow, fast, RULE, NOW, horizons=lines) is Why.OVERTAKEN
    # Whoever came into this line a moment ago was not overtaken in it.
    assert not overtaken(replace(slow, queued_at=NOW - MINUTE), RULE, NOW, lines)


def test_a_booking_waits_from_its_appointed_time() -> None:
    early = person(1, "booked", 60, due=5)
    assert begins(early) == NOW - 5 * MINUTE and score(early, RULE, NOW) == 0.5
    not_yet = person(2, "booked", 60, due=-10)
    assert rank(not_yet, RULE, NOW) == 0, "before its time it has not waited"
    late = person(3, "booked", 2, due=30)
    assert begins(late) == late.arrived_at, "coming late earns nothing"


def test_ties_go_by_arrival_then_number() -> None:
    first, second = person(2, "walk_in", 10), person(1, "walk_in", 10)
    assert [p.number for p in order([first, second], RULE, NOW)] == [1, 2]
    assert decided(second, first, RULE, NOW) is Why.ARRIVAL


@pytest.mark.parametrize("name", RANGES)
def test_values_have_their_range(name: str) -> None:
    check(RULE)
    least, most = RANGES[name]
    for wrong in (least - 1, most + 1):
        with pytest.raises(RuleValueError) as caught:
            check(replace(RULE, **{name: wrong}))
        assert caught.value.field == name


people = st.builds(
    person,
    st.integers(1, 999),
    st.sampled_from(["priority", "booked", "walk_in"]),
    st.floats(0, 300),
    due=st.none() | st.floats(-60, 300),
)
rules = st.builds(
    Rule,
    **{name: st.integers(least, most) for name, (least, most) in RANGES.items()},
)


def what_turns_round(
    first: Person, second: Person, rule: Rule, streak: int, lines: Mapping[int, dt.datetime]
) -> set[Why]:
    """The reasons that hold for a place: take one away, and the two change places."""

    def turned(rule: Rule = rule, streak: int = streak, lines: Mapping[int, dt.datetime] = lines) -> bool:
        return order([first, second], rule, NOW, streak, lines)[0] is second

    alike = replace(rule, target_priority=9, target_booked=9, target_walk_in=9)
    alone = {
        why for why, found in ((Why.STREAK, turned(streak=0)), (Why.OVERTAKEN, turned(lines={}))) if found
    }
    if alone:
        return alone
    if turned(streak=0, lines={}):
        return {Why.STREAK, Why.OVERTAKEN}
    # Nobody is held back or pulled forward: the targets decide, or who came first.
    return {Why.RANK if turned(alike, 0, {}) else Why.ARRIVAL}


@given(st.lists(people, max_size=12), rules, st.integers(0, 10), st.none() | st.floats(0, 300))
@settings(max_examples=300, deadline=None)
def test_an_order_is_total_loses_nobody_and_has_a_reason_for_each_place(
    line: list[Person], rule: Rule, streak: int, horizon: float | None
) -> None:
    line = [replace(p, id=place) for place, p in enumerate(line)]
    lines = {} if horizon is None else {1: NOW - horizon * MINUTE}
    found = order(line, rule, NOW, streak, lines)
    assert sorted(p.id for p in found) == [p.id for p in line]
    assert order(reversed(line), rule, NOW, streak, lines) == found, "the order of asking changes nothing"
    for first, second in pairwise(found):
        why = decided(first, second, rule, NOW, streak, lines)
        if why is Why.RANK:
            assert rank(first, rule, NOW) > rank(second, rule, NOW)
        if why is Why.ARRIVAL:
            assert begins(first) <= begins(second)
        if why is Why.STREAK:
            assert second.kind == "priority" and streak >= rule.max_priority_streak
        assert why in what_turns_round(first, second, rule, streak, lines)
    assert rank(person(1, "walk_in", 24 * 60), rule, NOW) < 2**63, "fits the database's whole numbers"


@given(
    st.lists(
        st.tuples(st.floats(0, 6), st.sampled_from(["priority", "booked", "walk_in"])),
        min_size=20,
        max_size=80,
    ),
    rules,
    st.integers(3, 12),
)
@settings(max_examples=80, deadline=None)
def test_nobody_starves_at_one_counter(arrivals: list[tuple[float, str]], rule: Rule, service: int) -> None:
    """Once overtaken for the bound, only the earlier ones and one call of the streak come before anybody."""
    moment, coming = NOW, []
    for number, (gap, kind) in enumerate(arrivals, start=1):
        moment += gap * MINUTE
        coming.append(Person(number, kind, moment, moment, number=number))
    now = NOW
    waiting: list[Person] = []
    calls: list[tuple[Person, dt.datetime]] = []
    while coming or waiting:
        while coming and coming[0].arrived_at <= now:
            waiting.append(coming.pop(0))
        if not waiting:
            now = coming[0].arrived_at
            continue
        streak = streak_of(p.kind == "priority" for p, _at in reversed(calls))
        lines = {}
        horizon = horizon_of(((begins(p), at) for p, at in calls), rule, now)
        if horizon:
            lines = {1: horizon}
        chosen = order(waiting, rule, now, streak, lines)[0]
        if chosen.kind == "priority" and any(p.kind != "priority" for p in waiting):
            assert streak < rule.max_priority_streak, "at most k in a row while others wait"
        late = [p for p in waiting if overtaken(p, rule, now, lines)]
        if late and streak < rule.max_priority_streak:
            assert chosen in late, "they go first"
            assert chosen.arrived_at == min(p.arrived_at for p in late), "the earliest of them"
        waiting.remove(chosen)
        calls.append((chosen, now))
        now += service * MINUTE
    for p, at in calls:
        later = [t for q, t in calls if begins(q) > begins(p) and t < at]
        if later:
            # From the bound on only those go first who came before, and one of the others in each streak.
            after = [q for q, t in calls if t >= min(later) + rule.bound and t < at and begins(q) > begins(p)]
            assert len(after) <= 1 + len([t for _q, t in calls if t < at]) // (rule.max_priority_streak + 1)
