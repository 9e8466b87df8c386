"""A hall that is open at every hour of every day, so that tests of the queue hold at night too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import delete, select, update

from mpp.accounts.models import Staff
from mpp.database.session import read, serve, write
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.hall.models import (
    AgencyPresence,
    Closure,
    Counter,
    CounterOfficer,
    CounterService,
    CounterState,
    Hall,
    OpeningHours,
)
from tenants.queueing.policies import Officer
from tenants.services.models import RegionService

T = TypeVar("T")


@contextmanager
def at(app: Platform, region: Region) -> Iterator[None]:
    """Work inside a region with a session of one's own."""
    with app.app_context(), serve(region):
        yield


def open_always() -> None:
    """Open every hall, agency and service of the region at hand day and night, holidays too."""
    today = current_region().today()
    with write() as session:
        session.execute(delete(OpeningHours))
        session.execute(
            update(RegionService).values(weekdays=None, opens=None, closes=None, daily_quota=None)
        )
        session.execute(
            update(AgencyPresence).values(weekdays=None, opens=None, closes=None, valid_from=None)
        )
        for hall in session.scalars(select(Hall)):
            days = {"starts_on": today - dt.timedelta(days=1), "ends_on": today + dt.timedelta(days=40)}
            session.add(Closure(hall_id=hall.id, kind="open", reason="uji", **days))
            for weekday in range(1, 8):
                session.add(
                    OpeningHours(hall_id=hall.id, weekday=weekday, opens=dt.time.min, closes=dt.time.max)
                )


def counters_of(slug: str) -> list[Counter]:
    """Counters that serve a service, by number."""
    with read() as session:
        query = (
            select(Counter)
            .join(CounterService, CounterService.counter_id == Counter.id)
            .join(RegionService, RegionService.service_id == CounterService.service_id)
            .where(RegionService.service.has(slug=slug), Counter.retired_at.is_(None))
            .order_by(Counter.number)
        )
        return list(session.scalars(query))


def more_counters(slug: str, most: int) -> list[int]:
    """Ids of `most` counters that serve a service, made where there are too few."""
    with write() as session:
        counters = counters_of(slug)
        model = counters[0]
        highest = max(session.scalars(select(Counter.number).where(Counter.hall_id == model.hall_id)))
        for step in range(most - len(counters)):
            number = highest + 1 + step
            twin = Counter(
                hall_id=model.hall_id, number=number, name=f"Loket {number}", prefix=model.prefix,
                agency_id=model.agency_id,
            )  # fmt: skip
            session.add(twin)
            session.flush()
            for served in session.scalars(
                select(CounterService).where(CounterService.counter_id == model.id)
            ):
                session.add(CounterService(counter_id=twin.id, service_id=served.service_id))
            counters.append(twin)
        return [counter.id for counter in counters[:most]]


def seat(counter_id: int, name: str = "petugas") -> Officer:
    """A new officer who sits at a counter that is open."""
    with write() as session:
        staff = Staff(
            email=f"{name}-{counter_id}@uji.contoh",
            name=f"Petugas {counter_id}",
            password_hash="-",
            role="officer",
        )
        session.add(staff)
        session.flush()
        session.add(CounterOfficer(counter_id=counter_id, staff_id=staff.id))
        counter = session.get_one(Counter, counter_id)
        counter.officer_id, counter.state = staff.id, CounterState.OPEN
        return Officer(staff.id)


def together(app: Platform, region: Region, jobs: list[Callable[[], T]]) -> list[T]:
    """Run the jobs at once, each in a thread with a session and connection of its own; results in order."""

    def run(job: Callable[[], T]) -> T:
        with at(app, region):
            return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))
