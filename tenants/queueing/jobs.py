"""The queue's jobs: closing a local day, and counters that were forgotten."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from mpp.jobs.handlers import Job, handler
from tenants.queueing.history import note
from tenants.queueing.models import OPEN_STATES, Ticket, TicketState
from tenants.queueing.presence import close_one, forgotten

DAY_OVER = "Hari layanan berakhir"
NOT_ENDED = "Hari layanan berakhir, layanan tidak ditutup petugas"
# A few minutes into the new day: the last presses of the old one have committed.
AFTER_MIDNIGHT = dt.time(0, 5)


@handler("day.close", daily=AFTER_MIDNIGHT)
def close_day(job: Job) -> None:
    """Close what is left of `day` and of days before, one row of history each.

    Whoever was not served is cancelled; a service that nobody ended counts as completed, so that the counter is free.
    """
    day = dt.date.fromisoformat(job.payload["day"])
    left = job.session.scalars(
        select(Ticket)
        .where(Ticket.local_day <= day, Ticket.state.in_(OPEN_STATES))
        .order_by(Ticket.id)
        .with_for_update(of=Ticket)
    )
    for ticket in left:
        served = ticket.state == TicketState.SERVING
        ticket.state = TicketState.COMPLETED if served else TicketState.CANCELLED
        ticket.ended_at = func.clock_timestamp()
        note(job.session, ticket, "close_day", NOT_ENDED if served else DAY_OVER)


@handler("counters.forgotten", every=dt.timedelta(minutes=1))
def close_forgotten(job: Job) -> None:
    """Close the counters that their officers have left behind."""
    for counter_id in forgotten(job.session):
        close_one(job.session, counter_id)
