"""The history of a ticket: one row for every change, the source of every statistic."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from mpp import audit
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.signal import announce


def changed(session: Session, statement: ReturningUpdate[Ticket]) -> Ticket | None:
    """Run a conditional UPDATE of one ticket and return it as it stands now, None when the condition failed."""
    # The row an UPDATE returns is the truth; what the session remembers of it is not.
    options: dict[str, Any] = {"synchronize_session": False, "populate_existing": True}
    return session.execute(statement, execution_options=options).scalar_one_or_none()


def note(
    session: Session,
    ticket: Ticket,
    kind: str,
    reason: str | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Write the row of history of a change by the actor at hand, and wake the hall's screens after the commit."""
    who = audit.actor.get()
    session.add(
        TicketEvent(
            ticket_id=ticket.id, hall_id=ticket.hall_id, at=func.clock_timestamp(), kind=kind,
            state=ticket.state, counter_id=ticket.counter_id, actor_kind=who.kind, actor_id=who.id,
            reason=reason, data=data or {},
        )
    )  # fmt: skip
    announce(session, ticket.hall_id)
