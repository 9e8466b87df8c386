"""The history of a ticket: one row for every change, the source of every statistic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from mpp import audit
from mpp.database.session import write
from mpp.i18n import gettext as _
from tenants.queueing.errors import FormReusedError, QueueError
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.signal import announce

KEY_INDEX = "uq_ticket_event_event_key"
T = TypeVar("T")


def changed(
    session: Session, statement: ReturningUpdate[Ticket], given: dict[str, Any] | None = None
) -> Ticket | None:
    """Run a conditional UPDATE of one ticket and return it as it stands now, None when the condition failed."""
    # The row an UPDATE returns is the truth; what the session remembers of it is not.
    options: dict[str, Any] = {"synchronize_session": False, "populate_existing": True}
    return session.execute(statement, given, execution_options=options).scalar_one_or_none()


def note(
    session: Session,
    ticket: Ticket,
    kind: str,
    reason: str | None = None,
    data: dict[str, Any] | None = None,
    *,
    key: str | None = None,
    counter_id: int | None = None,
) -> None:
    """Write the row of history of a change by the actor at hand, and wake the hall's screens after the commit.

    `key` names the act, so that it happens once; `counter_id` the counter that did it, when the ticket left it.
    """
    who = audit.actor.get()
    session.add(
        TicketEvent(
            ticket_id=ticket.id, hall_id=ticket.hall_id, at=func.clock_timestamp(), kind=kind,
            state=ticket.state, counter_id=counter_id or ticket.counter_id, actor_kind=who.kind, actor_id=who.id,
            reason=reason, data=data or {}, event_key=key,
        )
    )  # fmt: skip
    announce(session, ticket.hall_id)


def done_before(session: Session, key: str | None, kind: str, ticket_id: int | None = None) -> Ticket | None:
    """Return the ticket, as it stands now, that the act `key` has changed already; None when it is new.

    Raises FormReusedError when the key names another act.
    """
    if key is None:
        return None
    event = session.scalar(select(TicketEvent).where(TicketEvent.event_key == key))
    if event is None:
        return None
    if event.kind != kind or (ticket_id is not None and event.ticket_id != ticket_id):
        raise FormReusedError(_("Perintah ini sudah dipakai untuk hal lain. Muat ulang halaman."))
    return session.get_one(Ticket, event.ticket_id, populate_existing=True)


def once(act: Callable[[Session], T]) -> T:
    """Carry out an act in a transaction; when its key was used at the same moment, find what the other did.

    A refusal is asked for twice: of two senders of one act at once, the slower finds it done and must not read that
    as "not allowed".
    """
    try:
        with write() as session:
            return act(session)
    except QueueError:
        pass
    except IntegrityError as error:
        if KEY_INDEX not in str(error.orig):
            raise
    with write() as session:
        return act(session)
