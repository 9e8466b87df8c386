"""A simulated hall as rows of a real region: counters, services, officers, hours, and the tickets of earlier days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from mpp.accounts.models import Staff
from mpp.database.session import central_write, read, write
from mpp.tenancy.region import current_region
from tenants.catalogue.models import ServiceStandard
from tenants.hall.models import (
    AgencyPresence,
    Closure,
    Counter,
    CounterOfficer,
    CounterService,
    Hall,
    OpeningHours,
)
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.policies import Officer, new_code, new_key
from tenants.services.models import RegionService
from tests.simulator.day import MIDNIGHT, Day
from tests.simulator.parameters import SimHall, clock_of, parameters

SERVICES = 9


@dataclass(frozen=True, slots=True)
class Rows:
    """A hall's ids: counter and officer of each desk, id and slug of each simulated service."""

    hall_id: int
    counters: dict[int, int]
    officers: dict[int, Officer]
    services: dict[int, int]
    slugs: dict[int, str]

    def service_of(self, service_id: int) -> int:
        """The simulated number of a service."""
        return next(number for number, own in self.services.items() if own == service_id)


def local(moment: dt.datetime) -> dt.datetime:
    """A moment of a simulated day (whose zone says nothing) in the region's zone."""
    return moment.replace(tzinfo=current_region().zone)


def build(hall: SimHall) -> Rows:
    """Make the hall the only one of the region at hand; the national minutes become those of the hall."""
    name = f"gedung-{hall.seed}"
    with read() as session:
        rows = session.scalars(select(RegionService).where(RegionService.enabled).order_by(RegionService.id))
        chosen = list(rows.unique())[:SERVICES]
        agency = session.scalars(select(AgencyPresence)).first()
        assert agency is not None
    with central_write() as session:
        for number, row in enumerate(chosen):
            session.execute(
                update(ServiceStandard)
                .where(ServiceStandard.id == row.standard_id)
                .values(service_minutes=hall.national.get(number))
            )
    with write() as session:
        session.execute(update(Counter).values(retired_at=MIDNIGHT, officer_id=None))
        session.execute(update(Hall).values(active=False))
        session.execute(
            update(RegionService).values(weekdays=None, opens=None, closes=None, daily_quota=None)
        )
        built = Hall(slug=name, name=name, address="-")
        session.add(built)
        session.flush()
        hours = parameters()["hours"]
        opens, closes, rest_from, rest_to = (
            (MIDNIGHT + clock_of(text)).time() for text in (hours["opens"], hours["closes"], *hours["rest"])
        )
        for weekday in range(1, 6):
            session.add(
                OpeningHours(
                    hall_id=built.id, weekday=weekday, opens=opens, closes=closes,
                    break_starts=rest_from, break_ends=rest_to,
                )
            )  # fmt: skip
        first = MIDNIGHT.date()
        session.add(
            Closure(
                hall_id=built.id, kind="open", reason="uji", starts_on=first,
                ends_on=first + dt.timedelta(days=120),
            )
        )  # fmt: skip
        session.add(AgencyPresence(hall_id=built.id, agency_id=agency.agency_id))
        counters, officers = {}, {}
        for desk in hall.desks:
            counter = Counter(
                hall_id=built.id, number=desk.key + 1, name=f"Loket {desk.key + 1}", prefix=desk.group,
                agency_id=agency.agency_id,
            )  # fmt: skip
            staff = Staff(
                email=f"{name}-{desk.key}@uji.contoh", name=f"Petugas {desk.key}", password_hash="-",
                role="officer",
            )  # fmt: skip
            session.add_all((counter, staff))
            session.flush()
            session.add(CounterOfficer(counter_id=counter.id, staff_id=staff.id))
            for service in desk.serves:
                session.add(CounterService(counter_id=counter.id, service_id=chosen[service].service_id))
            counters[desk.key], officers[desk.key] = counter.id, Officer(staff.id)
        return Rows(
            built.id, counters, officers, {n: row.service_id for n, row in enumerate(chosen)},
            {n: row.service.slug for n, row in enumerate(chosen)},
        )  # fmt: skip


def remember(rows: Rows, days: Iterable[Day]) -> None:
    """Put the tickets of earlier days into the region, as the queue would have left them."""
    zone = current_region().zone
    found = [row for day in days for row in _tickets(rows, day, zone)]
    if found:
        with write() as session:
            session.execute(insert(Ticket), found)


def _tickets(rows: Rows, day: Day, zone: ZoneInfo) -> Iterable[dict[str, object]]:
    for visit in day.visits.values():
        if visit.called is None or visit.ended is None or visit.desk is None:
            continue
        came, called, ended = (
            day.at(seconds).replace(tzinfo=zone) for seconds in (visit.came, visit.called, visit.ended)
        )
        yield {
            "code": new_code(), "idempotency_key": new_key(), "hall_id": rows.hall_id,
            "service_id": rows.services[visit.person.service_id], "local_day": came.date(),
            "prefix": "Z", "number": visit.person.number, "holder": "S.A.", "channel": "web",
            "state": TicketState.NO_SHOW if visit.absent else TicketState.COMPLETED,
            "counter_id": rows.counters[visit.desk], "issued_at": came, "arrived_at": came, "queued_at": came,
            "entry": visit.person.kind, "priority_class": visit.wave, "called_at": called, "calls": 1,
            "serving_at": None if visit.absent else min(called + dt.timedelta(seconds=30), ended),
            "ended_at": ended,
        }  # fmt: skip
