"""Where, when and by whom a service is served here, and whether a number can be taken now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.i18n import clock
from mpp.i18n import gettext as _
from mpp.tenancy.region import current_region
from tenants.hall.calendar import HallCalendar, ServiceStatus
from tenants.hall.models import Counter
from tenants.hall.serving import pairs_now
from tenants.portal.queries import HallNow, halls_now
from tenants.portal.words import day_text, days_text, hours_text
from tenants.queueing.policies import offer
from tenants.services.models import RegionService

# Long enough to meet every weekday outside a week of holidays.
DAYS_LOOKED_AT = 21


@dataclass(frozen=True, slots=True)
class Place:
    """A service in one hall."""

    now: HallNow
    status: ServiceStatus
    counters: list[Counter]
    days: str
    # The hours of each run of weekdays, both as people read them.
    hours: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TicketOffer:
    """Whether a number can be taken now; if not, why and when."""

    available: bool
    reason: str | None = None
    when: str | None = None


def places(session: Session, row: RegionService, moment: dt.datetime) -> list[Place]:
    """Return the halls that serve `row`, each with its state at `moment` (aware)."""
    found, pairs = [], pairs_now().subquery()
    for now in halls_now(session, moment):
        counters = list(
            session.scalars(
                select(Counter)
                .join(pairs, pairs.c.counter_id == Counter.id)
                .where(pairs.c.service_id == row.service_id, Counter.hall_id == now.hall.id)
                .order_by(Counter.number)
            )
        )
        if counters:
            status = now.calendar.service_status(row, moment)
            hours = _hours(now.calendar, row, moment.astimezone(now.calendar.zone).date())
            found.append(Place(now, status, counters, days_text(status.days), hours))
    return found


def ticket_offer(here: list[Place], moment: dt.datetime) -> TicketOffer:
    """Return whether a number can be taken now in any hall; if not, the nearest day on which it can."""
    if any(offer(place.status, moment).available for place in here):
        return TicketOffer(True)
    if not here:
        return TicketOffer(False, _("Layanan ini belum dilayani di loket MPP."))
    today = moment.astimezone(current_region().zone).date()
    coming = [place.status for place in here if place.status.next_day]
    if not coming:
        return TicketOffer(False, here[0].status.reason)
    nearest = min(coming, key=lambda status: status.next_day or today)
    when = None
    opens_at = offer(nearest, moment).opens_at
    if nearest.next_day and opens_at:
        when = _(
            "Nomor dibuka %(day)s %(hour)s.",
            day=day_text(nearest.next_day, today),
            hour=clock(opens_at),
        )
    return TicketOffer(False, nearest.reason, when)


def _hours(calendar: HallCalendar, row: RegionService, today: dt.date) -> list[tuple[str, str]]:
    """Return the usual hours, weekdays with the same hours together."""
    by_weekday: dict[int, str] = {}
    for step in range(DAYS_LOOKED_AT):
        day = today + dt.timedelta(days=step)
        window = calendar.service_hours(row, day)
        if window:
            by_weekday.setdefault(day.isoweekday(), hours_text(*window))
    by_hours: dict[str, list[int]] = {}
    for weekday in sorted(by_weekday):
        by_hours.setdefault(by_weekday[weekday], []).append(weekday)
    return [(days_text(weekdays), hours) for hours, weekdays in by_hours.items()]
