"""When a hall and its services are open: pure rules over values, no SQL.

Days and hours are local, in the region's zone. A moment may come in any zone; answers come in the region's.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

from mpp.i18n import clock
from mpp.i18n import gettext as _

# How far ahead the next opening is looked for; beyond it nobody plans a visit.
DAYS_AHEAD = 30
WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
EVERY_WEEKDAY = frozenset(range(1, 8))


class Reason(enum.StrEnum):
    """Why something is not served now."""

    DISABLED = "disabled"
    NO_COUNTER = "no_counter"
    AGENCY_ABSENT = "agency_absent"
    NOT_THIS_DAY = "not_this_day"
    HALL_CLOSED = "hall_closed"
    BEFORE_HOURS = "before_hours"
    AFTER_HOURS = "after_hours"


@dataclass(frozen=True, slots=True)
class DaySchedule:
    """Hours of one local day; both break ends stand or neither. `note` says why it is open on a holiday."""

    opens: dt.time
    closes: dt.time
    break_starts: dt.time | None = None
    break_ends: dt.time | None = None
    note: str | None = None

    def holds(self, time: dt.time) -> bool:
        """Whether `time` lies within opening hours, the break included."""
        return self.opens <= time < self.closes

    def rests(self, time: dt.time) -> bool:
        """Whether `time` lies within the break."""
        if self.break_starts is None or self.break_ends is None:
            return False
        return self.break_starts <= time < self.break_ends


@dataclass(frozen=True, slots=True)
class ClosureDays:
    """Days that differ from the week: closed, or (`opens`) open although the nation rests."""

    starts_on: dt.date
    ends_on: dt.date
    reason: str
    opens: bool = False

    def covers(self, day: dt.date) -> bool:
        """Whether `day` is one of them, both ends included."""
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True)
class Presence:
    """An agency's own weekdays and hours in the hall; None is "as the hall". `since`: its first day there."""

    weekdays: frozenset[int] | None = None
    opens: dt.time | None = None
    closes: dt.time | None = None
    since: dt.date | None = None

    def on(self, weekday: int, day: dt.date | None = None) -> bool:
        """Whether it comes on an ISO weekday, and has begun to by `day`."""
        begun = self.since is None or day is None or self.since <= day
        return begun and (self.weekdays is None or weekday in self.weekdays)


class ServiceTimes(Protocol):
    """What the calendar asks of a region's service row; None means as the hall."""

    @property
    def service_id(self) -> int:
        """The national service."""

    @property
    def enabled(self) -> bool:
        """Whether the region offers it."""

    @property
    def weekdays(self) -> list[int] | None:
        """Its own ISO weekdays."""

    @property
    def opens(self) -> dt.time | None:
        """From when numbers are given."""

    @property
    def closes(self) -> dt.time | None:
        """Until when numbers are given."""


@dataclass(frozen=True, slots=True)
class HallStatus:
    """Whether the hall is open at a moment.

    `open` counts the break in, `on_break` tells it apart. `closes_at` is today's closing while open.
    `opens_at` is the end of the break while on break, and the next opening within 30 days while closed.
    `reason` says in one line why it is closed; None while open.
    """

    open: bool
    on_break: bool
    closes_at: dt.datetime | None
    opens_at: dt.datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """Whether a number for a service may be taken at a moment (quotas are the queue's business).

    `days` are the ISO weekdays on which it is usually served here. `next_day` is the next local day on which it is
    served, today as long as its hours are not over. `opens_at`/`closes_at` bound the hours of `next_day`.
    """

    available: bool
    reason: str | None
    next_day: dt.date | None
    days: tuple[int, ...]
    code: Reason | None = None
    opens_at: dt.datetime | None = None
    closes_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class HallCalendar:
    """Everything that decides about one hall's hours from `first` to `last`, loaded once a request.

    `hours` by ISO weekday, `holidays` by day, `presence` by agency id, `serving` by service id: the agencies whose
    counters serve it. Days outside the range raise ValueError: an answer from missing rows would be wrong.
    """

    zone: ZoneInfo
    first: dt.date
    last: dt.date
    hours: Mapping[int, DaySchedule]
    closures: Collection[ClosureDays] = ()
    holidays: Mapping[dt.date, str] = field(default_factory=dict)
    presence: Mapping[int, Presence] = field(default_factory=dict)
    serving: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def schedule_on(self, day: dt.date) -> DaySchedule | None:
        """Return the hall's hours on `day`, None when closed."""
        found = self._day(day)
        return found if isinstance(found, DaySchedule) else None

    def closed_reason(self, day: dt.date) -> str | None:
        """Return why the hall is closed on `day`, None when open."""
        found = self._day(day)
        return found if isinstance(found, str) else None

    def status(self, moment: dt.datetime) -> HallStatus:
        """Return the hall's state at `moment` (aware, any zone)."""
        now = moment.astimezone(self.zone)
        today = self._day(now.date())
        if isinstance(today, DaySchedule) and today.holds(now.time()):
            rests = today.rests(now.time())
            back = self._at(now.date(), today.break_ends) if rests and today.break_ends else None
            return HallStatus(True, rests, self._at(now.date(), today.closes), back, None)
        if isinstance(today, DaySchedule):
            reason = (
                _("Belum buka") if now.time() < today.opens else _("Jam pelayanan hari ini sudah selesai")
            )
        else:
            reason = today
        return HallStatus(False, False, None, self._next_opening(now), reason)

    def service_status(self, service: ServiceTimes, moment: dt.datetime) -> ServiceStatus:
        """Return a service's state in this hall at `moment` (aware, any zone)."""
        days = self.service_days(service)
        if not service.enabled:
            return ServiceStatus(False, _("Layanan ini belum tersedia di sini."), None, days, Reason.DISABLED)
        if not self.serving.get(service.service_id):
            text = _("Belum ada loket yang melayani di gedung ini.")
            return ServiceStatus(False, text, None, days, Reason.NO_COUNTER)
        now = moment.astimezone(self.zone)
        window = self.service_hours(service, now.date())
        if window and window[0] <= now.time() < window[1]:
            opens, closes = (self._at(now.date(), time) for time in window)
            return ServiceStatus(True, None, now.date(), days, None, opens, closes)
        code, text = self._why_not(service, now, window)
        for day in self._ahead(now.date()):
            coming = self.service_hours(service, day)
            if coming and (day > now.date() or now.time() < coming[0]):
                opens, closes = (self._at(day, time) for time in coming)
                return ServiceStatus(False, text, day, days, code, opens, closes)
        return ServiceStatus(False, text, None, days, code)

    def service_days(self, service: ServiceTimes) -> tuple[int, ...]:
        """Return the ISO weekdays on which the service is usually served here, closures aside."""
        return tuple(day for day in sorted(self.hours) if self._weekday_hours(service, day, self.hours[day]))

    def service_hours(self, service: ServiceTimes, day: dt.date) -> tuple[dt.time, dt.time] | None:
        """Return from when to when the service takes people on `day`, None when not at all."""
        schedule = self.schedule_on(day)
        return self._weekday_hours(service, day.isoweekday(), schedule, day) if schedule else None

    def present_on(self, agency_id: int, day: dt.date) -> bool:
        """Whether an agency is in the hall on `day`."""
        presence = self.presence.get(agency_id)
        return (
            presence is not None and presence.on(day.isoweekday(), day) and self.schedule_on(day) is not None
        )

    def _day(self, day: dt.date) -> DaySchedule | str:
        """The hours of a day, or why it is closed. A closure wins over "tetap buka": nobody travels in vain."""
        if not self.first <= day <= self.last:
            raise ValueError(f"{day} is outside of the loaded days {self.first} to {self.last}")
        special = [closure for closure in self.closures if closure.covers(day)]
        for closure in special:
            if not closure.opens:
                return closure.reason
        hours = self.hours.get(day.isoweekday())
        if hours is None:
            return _("Tutup setiap hari %(day)s", day=_(WEEKDAYS[day.weekday()]))
        if special:
            return DaySchedule(
                hours.opens, hours.closes, hours.break_starts, hours.break_ends, special[0].reason
            )
        return self.holidays.get(day) or hours

    def _weekday_hours(
        self, service: ServiceTimes, weekday: int, hall: DaySchedule, day: dt.date | None = None
    ) -> tuple[dt.time, dt.time] | None:
        if service.weekdays is not None and weekday not in service.weekdays:
            return None
        windows = []
        for agency_id in self.serving.get(service.service_id, ()):
            presence = self.presence.get(agency_id)
            if presence is None or not presence.on(weekday, day):
                continue
            opens = max(hall.opens, service.opens or hall.opens, presence.opens or hall.opens)
            closes = min(hall.closes, service.closes or hall.closes, presence.closes or hall.closes)
            if opens < closes:
                windows.append((opens, closes))
        return (min(w[0] for w in windows), max(w[1] for w in windows)) if windows else None

    def _why_not(
        self, service: ServiceTimes, now: dt.datetime, window: tuple[dt.time, dt.time] | None
    ) -> tuple[Reason, str]:
        today = self._day(now.date())
        if isinstance(today, str):
            return Reason.HALL_CLOSED, today
        if window and now.time() < window[0]:
            return Reason.BEFORE_HOURS, _("Nomor dibuka pukul %(time)s.", time=clock(window[0]))
        if window:
            return Reason.AFTER_HOURS, _("Jam layanan hari ini sudah selesai.")
        if service.weekdays is not None and now.isoweekday() not in service.weekdays:
            return Reason.NOT_THIS_DAY, _("Hari ini layanan ini tidak ada.")
        return Reason.AGENCY_ABSENT, _("Hari ini instansinya tidak hadir di MPP.")

    def _next_opening(self, now: dt.datetime) -> dt.datetime | None:
        for day in self._ahead(now.date()):
            schedule = self.schedule_on(day)
            if schedule and (day > now.date() or now.time() < schedule.opens):
                return self._at(day, schedule.opens)
        return None

    def _ahead(self, day: dt.date) -> Iterator[dt.date]:
        """Days from `day` on for which the calendar can answer, 30 at most."""
        for step in range(DAYS_AHEAD + 1):
            if day + dt.timedelta(days=step) <= self.last:
                yield day + dt.timedelta(days=step)

    def _at(self, day: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, time, tzinfo=self.zone)
