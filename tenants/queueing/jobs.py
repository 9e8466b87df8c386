"""The queue's jobs: closing a local day."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from mpp.jobs.handlers import Job, handler
from tenants.queueing.history import note
from tenants.queueing.models import Ticket, TicketState

DAY_OVER = "Hari layanan berakhir"
# A few minutes into the new day: the last presses of the old one have committed.
AFTER_MIDNIGHT = dt.time(0, 5)


@handler("day.close", daily=AFTER_MIDNIGHT)
def close_day(job: Job) -> None:
    """Cancel the tickets of `day` and of days before that nobody served; one row of history each."""
    day = dt.date.fromisoformat(job.payload["day"])
    left = job.session.scalars(
        select(Ticket)
        .where(Ticket.local_day <= day, Ticket.state.in_((TicketState.WAITING, TicketState.CALLED)))
        .order_by(Ticket.id)
        .with_for_update(of=Ticket)
    )
    for ticket in left:
        ticket.state, ticket.ended_at = TicketState.CANCELLED, func.clock_timestamp()
        note(job.session, ticket, "cancel", DAY_OVER)
