"""Nightly at the centre: grants that ran out are deleted, and the signing key is turned when its time has come."""

from __future__ import annotations

import datetime as dt

from mpp.identity import grants, keys
from mpp.jobs.handlers import Job, central_handler


@central_handler("identity.prune", daily=dt.time(3, 25))
def prune(job: Job) -> None:
    """Delete what ran out; turn the key."""
    grants.prune(job.session)
    keys.turn(job.session)
