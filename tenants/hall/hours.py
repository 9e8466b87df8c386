"""When a hall and its services are open, read from the region's rows. The rules stand in `calendar`.

A page that asks more than once loads a HallCalendar and asks that; the functions below load one each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Date, ScalarSelect, Select, bindparam, func, select
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
from tenants.hall.serving import pairs_now

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
    """Return the calendar of `hall` for `days` local days from `first` (default: today), in one read."""
    region = current_region()
    first = first or region.today()
    last = first + dt.timedelta(days=days - 1)
    hours, closures, holidays, presence, serving = session.execute(
        _CALENDAR, {"hall_id": hall.id, "first": first, "last": last}
    ).one()
    return HallCalendar(
        zone=region.zone,
        first=first,
        last=last,
        hours={weekday: DaySchedule(*map(_time, times)) for weekday, *times in hours},
        closures=tuple(
            ClosureDays(_day(starts), _day(ends), reason, kind == "open")
            for starts, ends, reason, kind in closures
        ),
        holidays={_day(day): name for day, name in holidays},
        presence={agency_id: _presence(*facts) for agency_id, *facts in presence},
        serving={service_id: frozenset(agencies) for service_id, agencies in serving},
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


def _rows(columns: Sequence[Any], where: Select[Any], *order: Any) -> ScalarSelect[Any]:
    """A list of a query's rows as one value: five small reads would be five round trips on every number taken."""
    rows = where.with_only_columns(*columns).order_by(*order).subquery()
    listed = func.jsonb_agg(func.jsonb_build_array(*rows.c))
    return select(func.coalesce(listed, func.jsonb_build_array())).scalar_subquery()


def _calendar() -> Select[Any]:
    hall_id = bindparam("hall_id", type_=BigInteger)
    first, last = bindparam("first", type_=Date), bindparam("last", type_=Date)
    hours, closed, present = OpeningHours, Closure, AgencyPresence
    serving = (
        pairs_now()
        .where(Counter.hall_id == hall_id)
        .with_only_columns(
            CounterService.service_id, func.jsonb_agg(Counter.agency_id.distinct()).label("agencies")
        )
        .group_by(CounterService.service_id)
        .subquery()
    )
    return select(
        _rows(
            [hours.weekday, hours.opens, hours.closes, hours.break_starts, hours.break_ends],
            select(hours).where(hours.hall_id == hall_id),
        ),
        _rows(
            [closed.starts_on, closed.ends_on, closed.reason, closed.kind],
            select(closed).where(
                closed.hall_id == hall_id, closed.starts_on <= last, closed.ends_on >= first
            ),
            closed.starts_on,
            closed.id,
        ),
        _rows([Holiday.day, Holiday.name], select(Holiday).where(Holiday.day.between(first, last))),
        _rows(
            [present.agency_id, present.weekdays, present.opens, present.closes, present.valid_from],
            select(present).where(present.hall_id == hall_id),
        ),
        _rows([serving.c.service_id, serving.c.agencies], select(serving)),
    )


def _time(text: str | None) -> Any:
    """A time of day as jsonb writes it."""
    return None if text is None else dt.time.fromisoformat(text)


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _presence(
    weekdays: list[int] | None, opens: str | None, closes: str | None, since: str | None
) -> Presence:
    return Presence(
        None if weekdays is None else frozenset(weekdays),
        _time(opens),
        _time(closes),
        None if since is None else _day(since),
    )


_CALENDAR = _calendar()
