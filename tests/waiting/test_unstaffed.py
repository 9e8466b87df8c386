"""What counters without an officer could still serve today."""

from __future__ import annotations

import datetime as dt

from tenants.hall.calendar import DaySchedule, HallCalendar, Presence
from tenants.waiting.durations import Samples, usual_seconds
from tenants.waiting.loading import Day, Place
from tenants.waiting.state import NEVER, Unstaffed
from tenants.waiting.unstaffed import Beyond, beyond
from tests.waiting.test_engine import person

ALWAYS = Presence()
MONDAY = dt.datetime(2027, 3, 1, tzinfo=dt.UTC)


def left_at(hour: float, presence: Presence | None = ALWAYS, closes: dt.time = dt.time(15)) -> float:
    """Seconds that a counter has left at an hour of a day from 8 to 15 with a break from 12 to 13."""
    schedule = DaySchedule(dt.time(8), closes, dt.time(12), dt.time(13))
    day = MONDAY.date()
    agencies = {1: presence} if presence else {}
    calendar = HallCalendar(dt.UTC, day, day, {1: schedule}, presence=agencies)  # type: ignore[arg-type]
    return Day(MONDAY + dt.timedelta(hours=hour), calendar, schedule, {}).left(
        Place(1, "A", 1, "closed", None, None)
    )


def test_the_time_left_is_without_the_break_and_ends_with_the_agency() -> None:
    assert left_at(7) == left_at(8) == 6 * 3600
    assert left_at(12.5) == left_at(13) == 2 * 3600
    assert left_at(14.75) == 900 and left_at(16) == 0
    assert left_at(13, Presence(closes=dt.time(14))) == 3600
    assert left_at(13, Presence(weekdays=frozenset({2}))) == left_at(13, None) == 0
    assert left_at(13, closes=dt.time.max) == NEVER


def test_who_cannot_fit_is_beyond_reach_though_a_counter_opened_now() -> None:
    line = [person(n, 30 - n) for n in range(4)]
    one = {1: Unstaffed([3000.0], 900.0)}
    assert beyond(one, line) == Beyond(frozenset({3}), frozenset({1}))
    assert beyond(one, line[:2]) == Beyond()
    assert beyond({1: Unstaffed([3000.0, 3000.0], 900.0)}, line) == Beyond()
    assert beyond({1: Unstaffed([600.0, 600.0], 900.0)}, []) == Beyond(newcomers=frozenset({1}))
    assert beyond({2: Unstaffed([], 900.0)}, line) == Beyond(newcomers=frozenset({2}))


def test_the_usual_minutes_are_the_stated_ones() -> None:
    samples = Samples(served={1: [60.0, 120.0], 2: [60.0, 120.0]}, national_minutes={1: 15, 2: None})
    assert [usual_seconds(samples, service) for service in (1, 2, 3)] == [900, 90, 720]
