"""Correcting a priority class: what somebody said of themselves is checked at the counter.

What calls have stored stays as it was true then; the line goes on with the corrected class. Making somebody a priority
person moves them past others: its category is told to everybody, and it is counted in public.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from mpp import audit
from mpp.tenancy.region import current_region
from tenants.hall.models import Counter
from tenants.queueing.errors import IllegalMoveError, NotFoundError, NotYourCounterError
from tenants.queueing.exceptions import Raised, raised_words
from tenants.queueing.history import changed, done_before, note, once
from tenants.queueing.models import OPEN_STATES, Entry, PriorityClass, Ticket
from tenants.queueing.moves import clean_category, folded, illegal, seat_of, ticket_now
from tenants.queueing.policies import Officer
from tenants.queueing.words import class_words


def reclassify(
    ticket_id: int,
    officer: Officer,
    priority_class: str | None,
    key: str | None = None,
    *,
    category: str | None = None,
    words: str = "",
) -> Ticket:
    """Give a ticket another priority class, None for none, by an officer at a counter of its hall.

    Who had none and gets one needs a reason: `category` (of Raised) is told to everybody, `words` to staff alone;
    "other" needs both. Raises NoReasonError, NotFoundError, NotYourCounterError, IllegalMoveError (the visit is over,
    or it is of another day).
    """
    if priority_class is not None and priority_class not in set(PriorityClass):
        raise NotFoundError("Kelas prioritas itu tidak ada.")

    def act(session: Session) -> Ticket:
        before = done_before(session, key, "reclassify", ticket_id)
        if before is not None:
            return before
        seen = ticket_now(session, ticket_id)
        seat = _seat(session, officer, seen)
        was = seen.priority_class
        if was == priority_class:
            return seen
        data: dict[str, Any] = {"from": was, "to": priority_class}
        if was is None:
            why = clean_category(Raised, category, words, "Pilih sebab menjadikannya prioritas.", "raised")
            data |= {"raised": True, "category": why.value}
        # Who booked stays booked; otherwise the class says how they stand in line.
        kind = Entry.PRIORITY if priority_class else Entry.WALK_IN
        entry = case((Ticket.entry == Entry.BOOKED, Ticket.entry), else_=kind.value)
        statement = update(Ticket).where(Ticket.id == ticket_id, Ticket.state.in_(OPEN_STATES))
        statement = statement.where(Ticket.local_day == current_region().today())
        # As it was seen: of two corrections at once the second looks again.
        statement = statement.where(Ticket.priority_class.is_not_distinct_from(was))
        values = {"priority_class": priority_class, "entry": entry}
        ticket = changed(session, statement.values(**values).returning(Ticket))
        if ticket is None:
            raise _refused(ticket_now(session, ticket_id), was)
        note(session, ticket, "reclassify", folded(words), data, key=key, counter_id=seat)
        audit.record(
            session,
            action="ticket.class",
            subject=f"ticket:{ticket_id}",
            data={"number": ticket.label, "from": _said(was), "to": _said(priority_class), **_why(data)},
        )
        return ticket

    return once(act)


def _seat(session: Session, officer: Officer, ticket: Ticket) -> int:
    own = select(Counter.id).where(seat_of(officer), Counter.hall_id == ticket.hall_id)
    seat = session.scalar(own)
    if seat is None:
        raise NotYourCounterError("Duduk dahulu di loket gedung ini.")
    return seat


def _said(priority_class: str | None) -> str:
    return (class_words(priority_class) or "Bukan prioritas").lower()


def _why(data: dict[str, Any]) -> dict[str, str]:
    return {"note": raised_words(data["category"])} if "category" in data else {}


def _refused(ticket: Ticket, was: str | None) -> IllegalMoveError:
    if ticket.state in OPEN_STATES and ticket.priority_class != was:
        now = _said(ticket.priority_class)
        return IllegalMoveError(f"Kelas {ticket.label} baru saja diubah petugas lain menjadi {now}.")
    return illegal(ticket)
