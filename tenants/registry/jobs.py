"""Jobs of the registry: numbers pushed by each region; provisioning and catalogue news by the centre."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from mpp.database.session import serve, write
from mpp.jobs.handlers import Job, central_handler, handler
from mpp.tenancy.content import touch
from mpp.tenancy.models import RegionRecord, RegionState
from tenants.registry.prepare import create_region
from tenants.registry.rollup import push


@handler("rollup", every=dt.timedelta(minutes=5))
def rollup(job: Job) -> None:
    """Push the region's numbers to the centre."""
    assert job.region is not None
    push(job.session, job.region)


@central_handler("region.provision")
def provision(job: Job) -> None:
    """Register and provision one of the 514 with the owner's rights, which only the worker holds."""
    create_region(job.settings, job.payload["code"])


@central_handler("catalogue.activity")
def catalogue_activity(job: Job) -> None:
    """Make every region's cached pages stale: a service is offered or withdrawn nationwide."""
    records = job.session.scalars(select(RegionRecord).where(RegionRecord.state != RegionState.REGISTERED))
    for region in [record.as_region() for record in records]:
        with serve(region), write() as session:
            touch(session)
