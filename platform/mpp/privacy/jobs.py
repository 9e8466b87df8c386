"""Each night, in each region's own: what was kept long enough ends. A batch a job; more left posts the next job."""

from __future__ import annotations

import datetime as dt

from mpp import outbox
from mpp.jobs.handlers import Job, central_handler, handler
from mpp.privacy import leaks
from mpp.privacy.closing import do_due
from mpp.privacy.national_leaks import NATION
from mpp.privacy.retention import batch

NIGHT = dt.time(1, 30)
AGAIN = "privacy.retain_more"


@handler("privacy.retain", daily=NIGHT)
@central_handler("privacy.retain", daily=NIGHT)
def retain(job: Job) -> None:
    """End one batch of every kind, in the transaction that also marks the job done."""
    _ended, more = batch(job.session, job.region, dt.datetime.now(tz=dt.UTC))
    if more:
        outbox.post(job.session, AGAIN)


@central_handler("privacy.close_accounts", every=dt.timedelta(hours=1))
def close_accounts(job: Job) -> None:
    """Erase the national accounts whose seven days are over."""
    do_due(job.session, dt.datetime.now(tz=dt.UTC))


@central_handler(leaks.JOB)
def tell(job: Job) -> None:
    """Tell one batch of people of a leak of the nation's tables."""
    leaks.tell(job.session, NATION, int(job.payload["leak"]))


handler(AGAIN)(retain)
central_handler(AGAIN)(retain)
