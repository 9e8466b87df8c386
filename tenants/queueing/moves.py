"""What all moves of a ticket at a counter share: one conditional UPDATE, one row of history, safe to repeat."""

from __future__ import annotations

import enum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from tenants.hall.models import Counter
from tenants.queueing.errors import (
    IllegalMoveError,
    NoReasonError,
    NotFoundError,
    NotYourCounterError,
    TooSoonError,
)
from tenants.queueing.exceptions import OTHER
from tenants.queueing.history import changed, done_before, note
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.policies import Officer

STATE_WORDS = {
    TicketState.WAITING: "masih menunggu",
    TicketState.CALLED: "sedang dipanggil",
    TicketState.SERVING: "sedang dilayani",
    TicketState.ON_HOLD: "sedang ditunda",
    TicketState.COMPLETED: "sudah selesai",
    TicketState.NO_SHOW: "dicatat tidak hadir",
    TicketState.CANCELLED: "sudah dibatalkan",
}
LONGEST_REASON = 200
K = TypeVar("K", bound=enum.StrEnum)


def move(  # noqa: PLR0913  # each part of a move is said by its name
    session: Session,
    ticket_id: int,
    officer: Officer,
    kind: str,
    condition: tuple[Any, ...],
    values: dict[str, Any],
    *,
    reason: str | None = None,
    data: dict[str, Any] | None = None,
    key: str | None = None,
    counter_id: int | None = None,
) -> Ticket:
    """Change the ticket at this officer's counter if `condition` holds, and note it.

    Sent again with its key, or once more although it has its state already, it changes nothing.
    Raises NotFoundError, NotYourCounterError, IllegalMoveError.
    """
    before = done_before(session, key, kind, ticket_id)
    if before is not None:
        return before
    own = select(Counter.id).where(seat_of(officer))
    statement = update(Ticket).where(Ticket.id == ticket_id, Ticket.counter_id.in_(own), *condition)
    ticket = changed(session, statement.values(**values).returning(Ticket))
    if ticket is not None:
        note(session, ticket, kind, reason, data, key=key, counter_id=counter_id)
        return ticket
    ticket = held(session, ticket_id, officer)
    if ticket.state == values.get("state"):
        return ticket
    if kind == "recall" and ticket.state == TicketState.CALLED:
        raise TooSoonError("Baru saja dipanggil.")
    raise illegal(ticket)


def held(session: Session, ticket_id: int, officer: Officer) -> Ticket:
    """Return the ticket at this officer's counter, as it stands now. Raises NotFoundError, NotYourCounterError."""
    ticket = ticket_now(session, ticket_id)
    if session.scalar(select(Counter.id).where(Counter.id == ticket.counter_id, seat_of(officer))) is None:
        raise NotYourCounterError(f"{ticket.label} tidak di loket Anda.")
    return ticket


def seat_of(officer: Officer) -> ColumnElement[bool]:
    """The condition of being the counter at which an officer sits, and whose console they act from."""
    own = Counter.officer_id == officer.id
    return own if officer.at is None else and_(own, Counter.id == officer.at)


def ticket_now(session: Session, ticket_id: int) -> Ticket:
    """Return a ticket of this region as it stands now. Raises NotFoundError."""
    ticket = session.get(Ticket, ticket_id, populate_existing=True)
    if ticket is None:
        raise NotFoundError("Nomor antrean ini tidak ada.")
    return ticket


def illegal(ticket: Ticket) -> IllegalMoveError:
    """Return why a ticket cannot be moved as asked."""
    return IllegalMoveError(
        f"{ticket.label} {STATE_WORDS[TicketState(ticket.state)]}. Muat ulang layar loket."
    )


def clean_reason(text: str | None, question: str) -> str:
    """Return a reason in words, white space folded. Raises NoReasonError with `question` when there is none."""
    reason = folded(text)
    if reason is None:
        raise NoReasonError(question)
    return reason


def clean_category(kind: type[K], category: str | None, words: str, question: str, field: str) -> K:
    """Return the category of a reason that everybody may read; "other" needs words, for staff alone.

    Raises NoReasonError, with `question` about `field` when none of them was chosen.
    """
    if category not in set(kind):
        raise NoReasonError(question, field)
    if category == OTHER:
        clean_reason(words, "Tulis alasan lainnya. Hanya petugas yang membacanya.")
    return kind(category)


def folded(text: str | None) -> str | None:
    """Return words with their white space folded, None when they say nothing."""
    words = " ".join((text or "").split())[:LONGEST_REASON]
    return words if any(sign.isalnum() for sign in words) else None
