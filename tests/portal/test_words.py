"""Hours in words: open or closed, until when, and the week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from mpp.tenancy.region import Region, region_context
from tenants.hall.calendar import ClosureDays, DaySchedule, HallCalendar
from tenants.portal.words import days_text, open_line, week_rows

WITA = ZoneInfo("Asia/Makassar")
MONDAY = dt.date(2026, 8, 10)
DAY = DaySchedule(dt.time(8), dt.time(15))
FRIDAY = DaySchedule(dt.time(8), dt.time(15, 30), dt.time(11, 30), dt.time(13))
REGION = Region(
    1,
    "64.72",
    "samarinda",
    "Kota Samarinda",
    "kota",
    "Kalimantan Timur",
    "region_1",
    "region_1",
    "Asia/Makassar",
)


@pytest.fixture(autouse=True)
def samarinda() -> Iterator[None]:
    with region_context(REGION):
        yield


def calendar(
    closures: tuple[ClosureDays, ...] = (), holidays: dict[dt.date, str] | None = None
) -> HallCalendar:
    return HallCalendar(
        zone=WITA,
        first=MONDAY,
        last=MONDAY + dt.timedelta(days=40),
        hours={1: DAY, 2: DAY, 3: DAY, 4: DAY, 5: FRIDAY},
        closures=closures,
        holidays=holidays or {},
    )


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """Days from the Monday, local hour, given in UTC as the database does."""
    local = dt.datetime.combine(MONDAY + dt.timedelta(days=day), dt.time(hour, minute), tzinfo=WITA)
    return local.astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (at(0, 9), "Buka · tutup 15.00 WITA"),
        (at(0, 7, 59), "Tutup · buka lagi hari ini 08.00 WITA"),
        (at(0, 15), "Tutup · buka lagi besok 08.00 WITA"),
        (at(4, 12), "Istirahat · buka lagi 13.00 WITA"),
        (at(4, 20), "Tutup · buka lagi Senin 08.00 WITA"),
        (at(5, 9), "Tutup · buka lagi Senin 08.00 WITA"),
    ],
)
def test_one_line_says_whether_it_is_open(moment: dt.datetime, text: str) -> None:
    assert open_line(calendar(), moment).text == text


def test_a_holiday_says_why_and_when_again() -> None:
    independence = {MONDAY + dt.timedelta(days=7): "Hari Kemerdekaan"}
    line = open_line(calendar(holidays=independence), at(7, 9))
    assert not line.open
    assert line.text == "Tutup · buka lagi besok 08.00 WITA (Hari Kemerdekaan)"


def test_a_long_closure_names_the_date() -> None:
    closure = ClosureDays(MONDAY, MONDAY + dt.timedelta(days=8), "Pindah gedung")
    line = open_line(calendar((closure,)), at(0, 9))
    assert line.text == "Tutup · buka lagi Rabu, 19 Agustus 2026 08.00 WITA (Pindah gedung)"


def test_closed_for_good_promises_nothing() -> None:
    closure = ClosureDays(MONDAY, MONDAY + dt.timedelta(days=400), "Renovasi")
    assert open_line(calendar((closure,)), at(0, 9)).text == "Tutup (Renovasi)"


def test_the_week_shows_breaks_and_closed_days() -> None:
    closure = ClosureDays(MONDAY + dt.timedelta(days=1), MONDAY + dt.timedelta(days=1), "Rapat daerah")
    rows = week_rows(calendar((closure,)), MONDAY + dt.timedelta(days=2))
    assert [row.day for row in rows] == ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]
    assert (rows[1].hours, rows[1].note, rows[1].closed) == ("Tutup", "Rapat daerah", True)
    assert rows[4].hours == "08.00\N{EN DASH}15.30"
    assert rows[4].note == "istirahat 11.30\N{EN DASH}13.00"
    assert (rows[6].closed, rows[6].note) == (True, None)


@pytest.mark.parametrize(
    ("days", "text"),
    [
        ([], ""),
        ([3], "Rabu"),
        ([2, 4], "Selasa dan Kamis"),
        ([1, 2, 3, 4, 5], "Senin\N{EN DASH}Jumat"),
        ([1, 2, 5], "Senin, Selasa dan Jumat"),
    ],
)
def test_days_are_said_as_people_say_them(days: list[int], text: str) -> None:
    assert days_text(days) == text
