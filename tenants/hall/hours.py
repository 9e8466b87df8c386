"""When a hall and its services are open, read from the region's rows. The rules stand in `calendar`.

A page that asks more than once loads a HallCalendar and asks that; the functions below load one each.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.tenancy.region import current_region
from tenants.catalogue.models import Holiday
from tenants.hall.calendar import (
    DAYS_AHEAD,
    ClosureDays,
    DaySchedule,
    HallCalendar,
    HallStatus,
    Presence,
    Reason,
    ServiceStatus,
    ServiceTimes,
)
from tenants.hall.models import (
    AgencyPresence,
    Closure,
    Counter,
    CounterService,
    Hall,
    OpeningHours,
)

__all__ = [
    "DaySchedule",
    "HallCalendar",
    "HallStatus",
    "Reason",
    "ServiceStatus",
    "hall_status",
    "load_calendar",
    "schedule_on",
    "service_status",
]


def load_calendar(
    session: Session, hall: Hall, first: dt.date | None = None, days: int = DAYS_AHEAD + 2
) -> HallCalendar:
    """Return the calendar of `hall` for `days` local days from `first` (default: today), in five small reads."""
    region = current_region()
    first = first or region.today()
    last = first + dt.timedelta(days=days - 1)
    return HallCalendar(
        zone=region.zone,
        first=first,
        last=last,
        hours=_hours(session, hall.id),
        closures=_closures(session, hall.id, first, last),
        holidays=_holidays(session, first, last),
        presence=_presence(session, hall.id),
        serving=_serving(session, hall.id),
    )


def schedule_on(session: Session, hall: Hall, day: dt.date) -> DaySchedule | None:
    """Return the hours of `hall` on a local day, None when it is closed."""
    return load_calendar(session, hall, day, 1).schedule_on(day)


def hall_status(session: Session, hall: Hall, moment: dt.datetime) -> HallStatus:
    """Return whether `hall` is open at `moment` (aware); times in the answer are in the region's zone."""
    return load_calendar(session, hall, _local_day(moment)).status(moment)


def service_status(session: Session, hall: Hall, service: ServiceTimes, moment: dt.datetime) -> ServiceStatus:
    """Return whether a number for `service` (a RegionService) may be taken in `hall` at `moment` (aware)."""
    return load_calendar(session, hall, _local_day(moment)).service_status(service, moment)


def _local_day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(current_region().zone).date()


def _hours(session: Session, hall_id: int) -> dict[int, DaySchedule]:
    rows = session.scalars(select(OpeningHours).where(OpeningHours.hall_id == hall_id))
    return {row.weekday: DaySchedule(row.opens, row.closes, row.break_starts, row.break_ends) for row in rows}


def _closures(session: Session, hall_id: int, first: dt.date, last: dt.date) -> tuple[ClosureDays, ...]:
    rows = session.scalars(
        select(Closure)
        .where(Closure.hall_id == hall_id, Closure.starts_on <= last, Closure.ends_on >= first)
        .order_by(Closure.starts_on, Closure.id)
    )
    return tuple(ClosureDays(row.starts_on, row.ends_on, row.reason, row.kind == "open") for row in rows)


def _holidays(session: Session, first: dt.date, last: dt.date) -> dict[dt.date, str]:
    rows = session.scalars(select(Holiday).where(Holiday.day.between(first, last)))
    return {row.day: row.name for row in rows}


def _presence(session: Session, hall_id: int) -> dict[int, Presence]:
    rows = session.scalars(select(AgencyPresence).where(AgencyPresence.hall_id == hall_id))
    return {
        row.agency_id: Presence(
            None if row.weekdays is None else frozenset(row.weekdays), row.opens, row.closes, row.valid_from
        )
        for row in rows
    }


def _serving(session: Session, hall_id: int) -> dict[int, frozenset[int]]:
    rows = session.execute(
        select(CounterService.service_id, Counter.agency_id)
        .join(Counter, Counter.id == CounterService.counter_id)
        .where(Counter.hall_id == hall_id, Counter.retired_at.is_(None))
        .distinct()
    )
    serving: dict[int, set[int]] = {}
    for service_id, agency_id in rows:
        serving.setdefault(service_id, set()).add(agency_id)
    return {service_id: frozenset(agencies) for service_id, agencies in serving.items()}
