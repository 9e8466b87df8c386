"""Checking in at a kiosk or the desk: whoever took a number on a phone says "I am here", and sees where they stand.

What is typed or scanned is a ticket's number ("A-012"), its code, or the address behind its QR code. A number alone
stands on every display, so what it shows is no more than a display shows.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.database.session import read
from mpp.tenancy.region import current_region
from tenants.hall.models import Hall
from tenants.queueing.history import done_before, note, once
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.queueing.policies import CODE_LENGTH, CODE_SIGNS, clean_code
from tenants.queueing.queries import TicketView, ticket_view

KIND = "check_in"
# Whoever took the number there is known to be in the hall.
IN_HALL = ("kiosk", "reception")
LONGEST = 300
# The last part of a ticket's address, as our QR codes carry it.
IN_ADDRESS = re.compile(r"/antrean/([A-Za-z0-9-]+)")
FRESH: dict[str, Any] = {"execution_options": {"populate_existing": True}}
NUMBER = re.compile(r"([A-Z]{1,2})[\s.-]*([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket as it was found: `here` when it is of this hall, `since` when its holder checked in (aware)."""

    view: TicketView
    here: bool
    since: dt.datetime | None


def find(session: Session, hall: Hall, text: str) -> Found | None:
    """Return the ticket that was typed or scanned; a number means today's in this hall. None when there is none."""
    text = text.strip()[:LONGEST]
    address = IN_ADDRESS.search(text)
    code = clean_code(address[1] if address else text)
    if len(code) != CODE_LENGTH or set(code) - set(CODE_SIGNS):
        code = _code_of_number(session, hall, text) or ""
    view = ticket_view(session, code) if code else None
    if view is None:
        return None
    return Found(view, view.ticket.hall_id == hall.id, _since(session, view.ticket.id))


def check_in(hall: Hall, text: str) -> Found | None:
    """Note once that the holder of a waiting ticket of today has arrived; return the ticket. It changes no place."""
    with read() as session:
        found = find(session, hall, text)
    if found is None or not found.here or found.view.past or found.since is not None:
        return found
    ticket = found.view.ticket
    if ticket.state != TicketState.WAITING or ticket.channel in IN_HALL:
        return found
    key = f"check-in-{ticket.code}"

    def act(session: Session) -> dt.datetime | None:
        # Held until the row of history stands: nobody calls it in between, and the history stays in order.
        held = session.scalar(
            select(Ticket).where(Ticket.id == ticket.id).with_for_update(of=Ticket), **FRESH
        )
        waits = held is not None and held.state == TicketState.WAITING
        if held is not None and waits and done_before(session, key, KIND, held.id) is None:
            note(session, held, KIND, key=key)
            session.flush()
        return _since(session, ticket.id)

    return Found(found.view, here=True, since=once(act))


def _code_of_number(session: Session, hall: Hall, text: str) -> str | None:
    written = NUMBER.fullmatch(text.upper())
    if written is None:
        return None
    return session.scalar(
        select(Ticket.code).where(
            Ticket.hall_id == hall.id,
            Ticket.local_day == current_region().today(),
            Ticket.prefix == written[1],
            Ticket.number == int(written[2]),
        )
    )


def _since(session: Session, ticket_id: int) -> dt.datetime | None:
    return session.scalar(
        select(TicketEvent.at).where(TicketEvent.ticket_id == ticket_id, TicketEvent.kind == KIND).limit(1)
    )
