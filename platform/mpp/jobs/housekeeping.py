"""Jobs of the kernel itself: rows of the outbox that are done don't stay for ever."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, func, or_

from mpp.jobs.handlers import Job, central_handler, handler
from mpp.outbox import CentralOutboxEntry, OutboxEntry

DONE_ROWS_STAY = dt.timedelta(days=7)
FAILED_ROWS_STAY = dt.timedelta(days=90)
QUIET_HOUR = dt.time(3, 10)


@handler("outbox.prune", daily=QUIET_HOUR)
@central_handler("outbox.prune", daily=QUIET_HOUR)
def prune(job: Job) -> None:
    """Delete what was done more than a week ago; rows that failed stay a season, for somebody to look at."""
    entry = OutboxEntry if job.region else CentralOutboxEntry
    done = entry.done_at < func.now() - DONE_ROWS_STAY
    job.session.execute(delete(entry).where(or_(done, entry.created_at < func.now() - FAILED_ROWS_STAY)))
