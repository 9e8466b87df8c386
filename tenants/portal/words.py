"""Days and hours in words: when a hall or a service is open, as people say it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from babel.dates import get_day_names

from mpp.i18n import clock, current_locale, full_date
from mpp.i18n import gettext as _
from tenants.hall.calendar import HallCalendar

WEEK = 7
# A range is written with the dash made for it.
TO = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class OpenLine:
    """One line that says whether a hall is open now and until when."""

    open: bool
    text: str


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One day of the week's table."""

    day: str
    hours: str
    note: str | None = None
    closed: bool = False


def day_name(weekday: int) -> str:
    """Return the name of an ISO weekday (Monday = 1) in the language at hand."""
    return str(get_day_names("wide", locale=current_locale())[weekday - 1])


def days_text(weekdays: Sequence[int]) -> str:
    """Return "Senin" to "Jumat" as a range, "Rabu", "Selasa dan Kamis"; empty for no day."""
    days = sorted(set(weekdays))
    if not days:
        return ""
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{day_name(days[0])}{TO}{day_name(days[-1])}"
    names = [day_name(day) for day in days]
    if len(names) == 1:
        return names[0]
    return ", ".join(names[:-1]) + " " + _("dan") + " " + names[-1]


def hours_text(opens: dt.time, closes: dt.time) -> str:
    """Return "08.00" to "15.00" as a range."""
    return f"{opens:%H.%M}{TO}{closes:%H.%M}"


def day_text(day: dt.date, today: dt.date) -> str:
    """Return "hari ini", "besok", "Senin" within a week, else the full date."""
    ahead = (day - today).days
    if ahead == 0:
        return _("hari ini")
    if ahead == 1:
        return _("besok")
    if 1 < ahead < WEEK:
        return day_name(day.isoweekday())
    return full_date(day)


def open_line(calendar: HallCalendar, moment: dt.datetime) -> OpenLine:
    """Return "Buka · tutup 15.00 WIB" or "Tutup · buka lagi Senin 08.00 WIB", with the reason on a special day."""
    status, now = calendar.status(moment), moment.astimezone(calendar.zone)
    if status.open and not status.on_break and status.closes_at:
        return OpenLine(True, _("Buka · tutup %(hour)s", hour=clock(status.closes_at)))
    if status.opens_at is None:
        return OpenLine(False, _with_reason(_("Tutup"), calendar, now.date()))
    hour = clock(status.opens_at)
    if status.on_break:
        return OpenLine(False, _("Istirahat · buka lagi %(hour)s", hour=hour))
    day = day_text(status.opens_at.date(), now.date())
    text = _("Tutup · buka lagi %(day)s %(hour)s", day=day, hour=hour)
    return OpenLine(False, _with_reason(text, calendar, now.date()))


def week_rows(calendar: HallCalendar, today: dt.date) -> list[WeekRow]:
    """Return this week from Monday to Sunday with its closures and holidays; the calendar must hold those days."""
    monday = today - dt.timedelta(days=today.weekday())
    return [_week_row(calendar, monday + dt.timedelta(days=step)) for step in range(WEEK)]


def _week_row(calendar: HallCalendar, day: dt.date) -> WeekRow:
    name = day_name(day.isoweekday())
    schedule = calendar.schedule_on(day)
    if schedule is None:
        return WeekRow(name, _("Tutup"), _special(calendar, day), closed=True)
    note = schedule.note
    if schedule.break_starts and schedule.break_ends:
        pause = _("istirahat %(hours)s", hours=hours_text(schedule.break_starts, schedule.break_ends))
        note = f"{pause} · {note}" if note else pause
    return WeekRow(name, hours_text(schedule.opens, schedule.closes), note)


def _special(calendar: HallCalendar, day: dt.date) -> str | None:
    """Why a day is closed that is usually open."""
    return calendar.closed_reason(day) if day.isoweekday() in calendar.hours else None


def _with_reason(text: str, calendar: HallCalendar, day: dt.date) -> str:
    reason = _special(calendar, day)
    return f"{text} ({reason})" if reason else text
