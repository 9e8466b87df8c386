"""Tickets of people who are signed in: their own list, and a guest's ticket taken into an account."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from mpp import audit
from mpp.database.session import write
from mpp.i18n import gettext as _
from tenants.queueing.errors import NotFoundError, OwnedError
from tenants.queueing.models import Ticket
from tenants.queueing.queries import service_names

# A list to look at, not an archive; all of it is in "data saya".
MOST = 50


@dataclass(frozen=True, slots=True)
class Own:
    """One ticket in its owner's list."""

    ticket: Ticket
    service: str
    today: bool


def own_tickets(session: Session, profile_id: int, today: dt.date) -> list[Own]:
    """Return a person's tickets, the newest first, at most `MOST`. `today` is the region's local day."""
    query = (
        select(Ticket)
        .where(Ticket.profile_id == profile_id)
        .options(joinedload(Ticket.hall), joinedload(Ticket.service), joinedload(Ticket.counter))
        .order_by(Ticket.id.desc())
        .limit(MOST)
    )
    tickets = session.scalars(query).all()
    names = service_names(session, {ticket.service_id for ticket in tickets})
    return [Own(ticket, names.get(ticket.service_id, ""), ticket.local_day == today) for ticket in tickets]


def own_count(session: Session, profile_id: int) -> int:
    """Return how many tickets a person has here in all."""
    return session.scalars(select(func.count()).where(Ticket.profile_id == profile_id)).one()


def keep(code: str, profile_id: int) -> Ticket:
    """Take a guest's ticket into an account, by whoever holds its code. Taking one's own again changes nothing.

    Raises NotFoundError, and OwnedError when it belongs to somebody else's account.
    """
    with write() as session:
        mine = update(Ticket).where(Ticket.code == code, Ticket.profile_id.is_(None))
        taken = session.scalar(mine.values(profile_id=profile_id).returning(Ticket.id))
        if taken is not None:
            audit.record(session, action="ticket.keep", subject=f"ticket:{taken}")
        ticket = session.scalar(
            select(Ticket).where(Ticket.code == code), execution_options={"populate_existing": True}
        )
        if ticket is None:
            raise NotFoundError(_("Nomor ini tidak ada di sini."))
        if ticket.profile_id != profile_id:
            raise OwnedError(_("Nomor ini sudah tersimpan di akun orang lain."))
        return ticket
