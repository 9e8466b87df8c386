"""Hours as rules: weeks, breaks, holidays, closures, agencies, in three zones and at every minute."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.hall.calendar import (
    DAYS_AHEAD,
    ClosureDays,
    DaySchedule,
    HallCalendar,
    Presence,
    Reason,
)

ZONES = [ZoneInfo(name) for name in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")]
MONDAY = dt.date(2026, 3, 2)
RANGE = {"first": MONDAY - dt.timedelta(days=7), "last": MONDAY + dt.timedelta(days=45)}
PLAIN = DaySchedule(dt.time(8), dt.time(15))
FRIDAY = DaySchedule(dt.time(8), dt.time(15, 30), dt.time(11, 30), dt.time(13))
WEEK = {1: PLAIN, 2: PLAIN, 3: PLAIN, 4: PLAIN, 5: FRIDAY}


@dataclass
class Times:
    """A service's own limits."""

    service_id: int = 1
    enabled: bool = True
    weekdays: list[int] | None = None
    opens: dt.time | None = None
    closes: dt.time | None = None


def calendar(zone: ZoneInfo = ZONES[0], **changes: object) -> HallCalendar:
    values = {"hours": WEEK, "presence": {7: Presence()}, "serving": {1: frozenset({7})}} | RANGE | changes
    return HallCalendar(zone=zone, **values)  # type: ignore[arg-type]  # values are picked by each test


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = ZONES[0]) -> dt.datetime:
    """A moment `day` days after Monday."""
    return dt.datetime.combine(MONDAY + dt.timedelta(days=day), dt.time(hour, minute), tzinfo=zone)


times = st.integers(0, 23 * 60 + 59).map(lambda minutes: dt.time(minutes // 60, minutes % 60))


@st.composite
def schedules(draw: st.DrawFn) -> DaySchedule:
    opens, closes = sorted(draw(st.lists(times, min_size=2, max_size=2, unique=True)))
    if (closes.hour * 60 + closes.minute) - (opens.hour * 60 + opens.minute) > 10 and draw(st.booleans()):
        middle = opens.hour * 60 + opens.minute + 2
        end = draw(st.integers(middle + 1, closes.hour * 60 + closes.minute - 1))
        return DaySchedule(opens, closes, dt.time(middle // 60, middle % 60), dt.time(end // 60, end % 60))
    return DaySchedule(opens, closes)


closures = st.builds(
    lambda start, length, opens: ClosureDays(
        MONDAY + dt.timedelta(days=start), MONDAY + dt.timedelta(days=start + length), "Rapat kerja", opens
    ),
    st.integers(-5, 40), st.integers(0, 6), st.booleans(),
)  # fmt: skip
moments = st.builds(
    lambda minutes: dt.datetime.combine(MONDAY, dt.time(), tzinfo=dt.UTC) + dt.timedelta(minutes=minutes),
    st.integers(0, 14 * 24 * 60),
)


@given(
    zone=st.sampled_from(ZONES),
    hours=st.dictionaries(st.integers(1, 7), schedules()),
    special=st.lists(closures, max_size=4),
    holidays=st.dictionaries(
        st.integers(0, 40).map(lambda n: MONDAY + dt.timedelta(days=n)), st.just("Libur")
    ),
    moment=moments,
)
def test_the_answer_holds_at_the_moments_it_names(
    zone: ZoneInfo,
    hours: dict[int, DaySchedule],
    special: list[ClosureDays],
    holidays: dict[dt.date, str],
    moment: dt.datetime,
) -> None:
    hall = calendar(zone, hours=hours, closures=special, holidays=holidays)
    status = hall.status(moment)
    assert status.open == (status.closes_at is not None) == (status.reason is None)
    assert not status.on_break or (status.open and status.opens_at is not None)
    minute = dt.timedelta(minutes=1)
    if status.closes_at:
        assert moment < status.closes_at
        assert status.closes_at.astimezone(zone).date() == moment.astimezone(zone).date()
        assert not hall.status(status.closes_at).open
        assert hall.status(status.closes_at - minute).open
    if status.opens_at:
        assert status.opens_at > moment
        then = hall.status(status.opens_at)
        assert then.open and not then.on_break
        assert status.opens_at.utcoffset() == zone.utcoffset(status.opens_at.replace(tzinfo=None))
        assert status.on_break or not hall.status(status.opens_at - minute).open
    if not status.open and status.opens_at is None:
        later = [moment.astimezone(zone).date() + dt.timedelta(days=n) for n in range(1, DAYS_AHEAD + 1)]
        assert all(hall.schedule_on(day) is None for day in later if day <= hall.last)


@given(
    zone=st.sampled_from(ZONES), hours=st.dictionaries(st.integers(1, 7), schedules()),
    weekdays=st.none() | st.lists(st.integers(1, 7), min_size=1, max_size=4, unique=True),
    present=st.none() | st.frozensets(st.integers(1, 7), min_size=1), opens=st.none() | times, moment=moments,
)  # fmt: skip
def test_a_service_is_never_offered_outside_of_its_hall(
    zone: ZoneInfo,
    hours: dict[int, DaySchedule],
    weekdays: list[int] | None,
    present: frozenset[int] | None,
    opens: dt.time | None,
    moment: dt.datetime,
) -> None:
    hall = calendar(zone, hours=hours, presence={7: Presence(present)})
    status = hall.service_status(Times(weekdays=weekdays, opens=opens), moment)
    today = moment.astimezone(zone).isoweekday()
    assert status.available == (status.reason is None) == (status.code is None)
    assert set(status.days) <= set(hours)
    if status.available:
        assert hall.status(moment).open
        assert weekdays is None or today in weekdays
        assert present is None or today in present
    if status.next_day:
        assert status.next_day.isoweekday() in status.days
        assert status.opens_at and status.closes_at and status.closes_at > moment


@pytest.mark.parametrize("zone", ZONES)
def test_the_local_day_is_the_regions_own(zone: ZoneInfo) -> None:
    # 23.30 UTC on Sunday is Monday morning in every Indonesian zone.
    moment = dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC)
    status = calendar(zone).status(moment)
    assert status.open == (moment.astimezone(zone).hour >= 8)


def test_friday_rests_and_says_until_when() -> None:
    status = calendar().status(at(4, 12))
    assert status.open and status.on_break
    assert status.opens_at == at(4, 13) and status.closes_at == at(4, 15, 30)
    assert not calendar().status(at(4, 13)).on_break


def test_a_weekend_leads_to_monday_and_midnight_belongs_to_the_new_day() -> None:
    status = calendar().status(at(5, 9))
    assert status.reason == "Tutup setiap hari Sabtu" and status.opens_at == at(7, 8)
    assert calendar().status(at(7, 0)).reason == "Belum buka"
    assert calendar().status(at(6, 23, 59)).reason == "Tutup setiap hari Minggu"


def test_the_edges_of_a_day() -> None:
    hall = calendar()
    assert not hall.status(at(0, 7, 59)).open and hall.status(at(0, 8)).open
    assert hall.status(at(0, 14, 59)).open and not hall.status(at(0, 15)).open
    assert hall.status(at(0, 15)).opens_at == at(1, 8)


def test_a_holiday_closes_and_a_local_decision_opens_but_a_closure_wins() -> None:
    holidays = {MONDAY: "Hari Suci Nyepi"}
    assert calendar(holidays=holidays).status(at(0, 9)).reason == "Hari Suci Nyepi"
    stays = ClosureDays(MONDAY, MONDAY, "Tetap melayani paspor", opens=True)
    opened = calendar(holidays=holidays, closures=[stays])
    assert opened.status(at(0, 9)).open and opened.schedule_on(MONDAY).note == "Tetap melayani paspor"  # type: ignore[union-attr]  # open
    shut = ClosureDays(MONDAY, MONDAY, "Listrik padam")
    assert calendar(holidays=holidays, closures=[stays, shut]).status(at(0, 9)).reason == "Listrik padam"


def test_staying_open_needs_hours_of_that_weekday() -> None:
    sunday = MONDAY + dt.timedelta(days=6)
    assert calendar(closures=[ClosureDays(sunday, sunday, "Pameran", opens=True)]).schedule_on(sunday) is None


def test_nothing_within_thirty_days_says_so() -> None:
    shut = ClosureDays(MONDAY, MONDAY + dt.timedelta(days=44), "Renovasi")
    status = calendar(closures=[shut]).status(at(0, 9))
    assert (status.open, status.opens_at, status.reason) == (False, None, "Renovasi")


def test_a_day_that_was_not_loaded_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        calendar().schedule_on(RANGE["last"] + dt.timedelta(days=1))


def test_an_agency_comes_on_wednesdays_only() -> None:
    hall = calendar(presence={7: Presence(frozenset({3}))})
    status = hall.service_status(Times(closes=dt.time(12)), at(0, 9))
    assert status.code is Reason.AGENCY_ABSENT
    assert status.days == (3,) and status.next_day == MONDAY + dt.timedelta(days=2)
    assert (status.opens_at, status.closes_at) == (at(2, 8), at(2, 12))
    assert hall.service_status(Times(closes=dt.time(12)), at(2, 11, 59)).available
    over = hall.service_status(Times(closes=dt.time(12)), at(2, 12))
    assert over.code is Reason.AFTER_HOURS and over.next_day == MONDAY + dt.timedelta(days=9)


@pytest.mark.parametrize(
    ("times", "changes", "code"),
    [
        (Times(enabled=False), {}, Reason.DISABLED),
        (Times(), {"serving": {}}, Reason.NO_COUNTER),
        (Times(), {"presence": {}}, Reason.AGENCY_ABSENT),
        (Times(weekdays=[2]), {}, Reason.NOT_THIS_DAY),
        (Times(opens=dt.time(10)), {}, Reason.BEFORE_HOURS),
        (Times(), {"holidays": {MONDAY: "Libur"}}, Reason.HALL_CLOSED),
    ],
)
def test_why_a_service_is_not_served(times: Times, changes: dict[str, object], code: Reason) -> None:
    status = calendar(**changes).service_status(times, at(0, 9))
    assert not status.available and status.code is code and status.reason


def test_an_agency_that_has_not_begun_is_absent_but_announced() -> None:
    begins = MONDAY + dt.timedelta(days=9)
    hall = calendar(presence={7: Presence(since=begins)})
    status = hall.service_status(Times(), at(0, 9))
    assert status.code is Reason.AGENCY_ABSENT and status.next_day == begins
    assert not hall.present_on(7, MONDAY) and hall.present_on(7, begins)
