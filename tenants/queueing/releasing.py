"""People who were sent to one counter, when that counter can no longer take them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.tenancy.region import current_region
from tenants.queueing.history import note
from tenants.queueing.models import Ticket, TicketState

TARGET_CLOSED = "Loket tujuan ditutup"
TARGET_DROPPED = "Loket tujuan tidak lagi melayani urusan ini"


def release_for(session: Session, counter_id: int, services: Collection[int] | None = None) -> None:
    """Let any counter call those who were sent to a counter that closes, or that no longer serves `services`."""
    sent = select(Ticket).where(
        Ticket.for_counter_id == counter_id,
        Ticket.state == TicketState.WAITING,
        Ticket.local_day == current_region().today(),
    )
    if services is not None:
        sent = sent.where(Ticket.service_id.in_(services))
    reason = TARGET_CLOSED if services is None else TARGET_DROPPED
    for ticket in session.scalars(sent.order_by(Ticket.id).with_for_update(of=Ticket)):
        ticket.for_counter_id = None
        # No "from_service": the person stood in line all the time, nobody has sent them on.
        data = {"to_counter": None, "to_service": ticket.service_id}
        note(session, ticket, "transfer", reason, data)
