"""A region's part in erasing a national account, the centre's in leaving a region; and telling people of a leak."""

from __future__ import annotations

from sqlalchemy import select

from mpp.jobs.handlers import Job, handler
from mpp.privacy import leaks
from mpp.privacy.closing import REGIONAL
from tenants.people.models import Profile
from tenants.privacy.erasure import LEFT, Left, take_out
from tenants.privacy.leaks import REGION
from tenants.privacy.owner import Owner


@handler(REGIONAL)
def erase_subject(job: Job) -> None:
    """Take out the person whom this region knows by `subject`; one that is gone already is fine."""
    query = select(Profile.id).where(Profile.subject == str(job.payload["subject"]))
    profile_id = job.session.scalar(query.with_for_update())
    if profile_id is not None:
        take_out(job.session, Owner(profile_id=profile_id))


@handler(LEFT)
def left(job: Job) -> None:
    """Finish at the centre what an erasure here began; mostly it is done already."""
    subject = job.payload["subject"]
    Left(int(job.payload["profile"]), None if subject is None else str(subject)).end()


@handler(leaks.JOB)
def tell(job: Job) -> None:
    """Tell one batch of people of a leak."""
    leaks.tell(job.session, REGION, int(job.payload["leak"]))
