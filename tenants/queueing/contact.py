"""A telephone number behind a ticket: covered for everybody, shown to the officer who needs it, who says for what."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from mpp.crypto import disclosure
from mpp.crypto.masks import mask_phone, whole_phone
from mpp.database.session import write
from mpp.tenancy.region import current_region
from tenants.queueing.errors import NotFoundError
from tenants.queueing.models import Ticket
from tenants.queueing.policies import Officer
from tenants.queueing.queries import own_counter

FIELD = "phone"


@dataclass(frozen=True, slots=True)
class Contact:
    """What an officer sees: the number covered, or whole once they said what for."""

    ticket: Ticket
    masked: str
    phone: str | None = None

    @property
    def read_out(self) -> str:
        """The whole number as it is read out, empty while it is covered."""
        return whole_phone(self.phone) if self.phone else ""


def contact(session: Session, ticket_id: int, officer: Officer | None) -> Contact:
    """Return the covered number of a ticket of today. Raises NotFoundError.

    With `officer` only of one that this officer's counter has called; None is the desk, where anybody may ask.
    """
    ticket = _own(session, ticket_id, officer)
    return Contact(ticket, mask_phone(ticket.phone))


def show_phone(ticket_id: int, officer: Officer | None, why: str) -> Contact:
    """Return the number itself, after writing down who looked and for what.

    Raises NotFoundError, and NoPurposeError when `why` is none of mpp.crypto.disclosure.Why.
    """
    purpose = disclosure.purpose(why)
    with write() as session:
        ticket = _own(session, ticket_id, officer)
        disclosure.note(session, subject=f"ticket:{ticket.id}", field=FIELD, why=purpose)
    # After the commit: what is not in the log has not been shown.
    return Contact(ticket, mask_phone(ticket.phone), ticket.phone)


def _own(session: Session, ticket_id: int, officer: Officer | None) -> Ticket:
    """The ticket, when it is of today, has a number, and was called by this officer's counter, if one is asked for."""
    counter = own_counter(session, officer) if officer else None
    ticket = session.scalar(
        select(Ticket).where(Ticket.id == ticket_id).options(undefer(Ticket.phone)),
        execution_options={"populate_existing": True},
    )
    if ticket is not None and ticket.phone is not None and ticket.local_day == current_region().today():
        called_here = counter is not None and ticket.counter_id == counter.id
        if officer is None or called_here:
            return ticket
    raise NotFoundError("Nomor HP ini tidak ada, atau bukan milik nomor yang Anda panggil hari ini.")
