"""A support access whose time is over is closed; the region's admins are told of each beginning and end."""

from __future__ import annotations

from sqlalchemy import func, select

from mpp.accounts.models import Role, Staff
from mpp.jobs.handlers import Job, handler
from mpp.observability import log
from mpp.support import access
from mpp.support.models import Ender
from mpp.support.telling import NOTICE, OVER
from mpp.tenancy.region import current_region


@handler(OVER)
def over(job: Job) -> None:
    """Close an access at the end of its time; it has opened nothing since then anyway."""
    access.end(job.payload["access"], Ender.TIME, region_id=current_region().id)


@handler(NOTICE)
def notice(job: Job) -> None:
    """Tell the admins. The only channel now is the worker's console; the page of accesses shows the same."""
    admins = select(func.count()).where(Staff.role == Role.ADMIN.value, Staff.active)
    log.info(
        "message to admins", channel="console", kind=f"support.{job.payload['moment']}",
        access=job.payload["access"], admins=job.session.scalar(admins),
    )  # fmt: skip
