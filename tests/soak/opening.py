"""A hall made ready for clients over HTTP: open at every hour, its officers with accounts of their own."""

from __future__ import annotations

from dataclasses import asdict, replace

from sqlalchemy import Select, select

from mpp.accounts.models import Staff
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.catalogue.models import Service
from tenants.hall.models import Counter, CounterOfficer, CounterService, QueueRule
from tenants.hall.models import Hall as HallRecord
from tenants.queueing.rule import Rule
from tests.soak.people import Hall
from tests.support.hall import at, more_counters, open_always

SERVICE = "ktp-el-baru"


def open_hall(app: Platform, region: Region, most: int) -> Hall:
    """Open a region's hall day and night, with `most` counters of one service and an officer for each."""
    with at(app, region):
        open_always()
        counters = more_counters(SERVICE, most)
        with write() as session:
            hall = session.get_one(HallRecord, session.get_one(Counter, counters[0]).hall_id)
            model = session.scalars(select(Staff).where(Staff.email == f"petugas@{region.slug}.contoh")).one()
            desks = []
            for counter in counters:
                email = f"soak{counter}@{region.slug}.contoh"
                staff = Staff(email=email, name="Petugas", role="officer", password_hash=model.password_hash)
                session.add(staff)
                session.flush()
                # Any of them may take over any other's.
                session.add_all(CounterOfficer(counter_id=each, staff_id=staff.id) for each in counters)
                desks.append((email, counter))
            # Clients act faster than people: one may be called again at once.
            values = asdict(replace(Rule(), recall_gap_seconds=0))
            session.add(QueueRule(hall_id=hall.id, reason="uji", **values))
        with read() as session:
            served = [set(session.scalars(_slugs(counter))) for counter in counters]
            other = min(set.intersection(*served) - {SERVICE})
            return Hall(region.slug, hall.id, hall.slug, SERVICE, other, desks)


def _slugs(counter: int) -> Select[str]:
    return (
        select(Service.slug)
        .join(CounterService, CounterService.service_id == Service.id)
        .where(CounterService.counter_id == counter)
    )
