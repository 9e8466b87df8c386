"""Nightly: sessions and counts of tries that ran out are deleted, of the centre and of each region."""

from __future__ import annotations

import datetime as dt

from mpp.accounts import guard, sessions
from mpp.jobs.handlers import Job, central_handler, handler


@handler("accounts.prune", daily=dt.time(3, 20))
@central_handler("accounts.prune", daily=dt.time(3, 20))
def prune(job: Job) -> None:
    """Delete what ran out."""
    sessions.prune(job.session)
    guard.prune(job.session)
