"""The devices' jobs: printing a slip, and closing those that nobody works on any more."""

from __future__ import annotations

import datetime as dt

from mpp.jobs.handlers import Job, handler
from tenants.devices import printing


@handler(printing.JOB)
def print_slip(job: Job) -> None:
    """Print the slip that was promised; an unreachable printer is tried again while somebody may still wait for it."""
    printing.send(int(job.payload["job"]))


@handler("device.print_close", every=dt.timedelta(minutes=1))
def close_stale(job: Job) -> None:
    """Say of slips interrupted while they were sent that nobody knows whether paper came out."""
    printing.close_stale(job.session)
