"""The name of somebody being called: for voices of a hall that has turned names on, and for nothing else."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.queueing.policies import NAMELESS
from tenants.sound.queries import settings_of


def name_called(session: Session, hall_id: int, call_id: int) -> str | None:
    """Return whom the call `call_id` of a hall calls.

    None where names are off, where nobody is called any more, and where the ticket has no name.
    """
    if not settings_of(session, hall_id).names_spoken:
        return None
    query = select(Ticket.holder).join(TicketEvent, TicketEvent.ticket_id == Ticket.id)
    name = session.scalar(
        query.where(
            TicketEvent.id == call_id,
            TicketEvent.hall_id == hall_id,
            TicketEvent.kind.in_(("call", "recall")),
            Ticket.state == TicketState.CALLED,
        )
    )
    return None if name in NAMELESS else name
