"""A ticket from its taking to its end: each move one conditional statement and one row of history.

Moves are safe to repeat: a press that was carried out and is sent again finds its own result.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.dml import ReturningUpdate

from mpp.database.session import read, write
from mpp.tenancy.region import current_region
from tenants.hall.models import Counter, CounterService, CounterState
from tenants.queueing.errors import IllegalMoveError, NotFoundError, NotYourCounterError, TooSoonError
from tenants.queueing.history import changed, note
from tenants.queueing.models import ACTIVE_STATES, Ticket, TicketEvent, TicketState
from tenants.queueing.policies import RECALL_GAP, Officer
from tenants.queueing.taking import leave, take_ticket

__all__ = ["call_next", "complete", "leave", "no_show", "recall", "start", "take_ticket"]

ACTIVE_INDEX = "uq_ticket_active_counter"
STATE_WORDS = {
    TicketState.WAITING: "masih menunggu",
    TicketState.CALLED: "sedang dipanggil",
    TicketState.SERVING: "sedang dilayani",
    TicketState.COMPLETED: "sudah selesai",
    TicketState.NO_SHOW: "dicatat tidak hadir",
    TicketState.CANCELLED: "sudah dibatalkan",
}


def call_next(counter_id: int, officer: Officer, key: str | None = None) -> Ticket | None:
    """Call the longest waiting ticket of the counter's services; None when nobody waits.

    Pressed twice, or sent again with the same `key`, it gives the ticket already called. Raises
    NotFoundError, NotYourCounterError, IllegalMoveError.
    """
    try:
        with write() as session:
            ticket = _called_with(session, counter_id, key) or _active(session, counter_id, officer)
            if ticket is not None:
                return ticket
            ticket = changed(session, _call(counter_id, officer))
            if ticket is None:
                _check_desk(session, counter_id, officer)
                return None
            note(session, ticket, "call", data={"key": key} if key else {})
            return ticket
    except IntegrityError as error:
        # Another press of the same button was faster by a hair; the index let only one through.
        if ACTIVE_INDEX not in str(error.orig):
            raise
    with read() as session:
        return _active(session, counter_id, officer)


def _call(counter_id: int, officer: Officer) -> ReturningUpdate[Ticket]:
    """The whole choice in one statement: who waits longest, locked by nobody else, becomes called."""
    waiting = aliased(Ticket)
    first: ScalarSelect[int] = (
        select(waiting.id)
        .where(waiting.state == TicketState.WAITING, waiting.local_day == current_region().today())
        .where(waiting.hall_id == _open_desk(counter_id, officer, Counter.hall_id).scalar_subquery())
        .where(
            waiting.service_id.in_(
                select(CounterService.service_id).where(CounterService.counter_id == counter_id)
            )
        )
        .order_by(waiting.issued_at, waiting.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    now = func.clock_timestamp()
    return (
        update(Ticket)
        .where(Ticket.id == first)
        .values(state=TicketState.CALLED, counter_id=counter_id, called_at=now, calls=1)
        .returning(Ticket)
    )


def _open_desk(counter_id: int, officer: Officer, column: Any) -> Select[Any]:
    return select(column).where(
        Counter.id == counter_id,
        Counter.officer_id == officer.id,
        Counter.state == CounterState.OPEN,
        Counter.retired_at.is_(None),
    )


def _called_with(session: Session, counter_id: int, key: str | None) -> Ticket | None:
    """The ticket of this counter's last call, if it was this very request."""
    if key is None:
        return None
    last = session.scalar(
        select(TicketEvent)
        .where(
            TicketEvent.hall_id == select(Counter.hall_id).where(Counter.id == counter_id).scalar_subquery()
        )
        .where(TicketEvent.counter_id == counter_id, TicketEvent.kind == "call")
        .order_by(TicketEvent.id.desc())
        .limit(1)
    )
    return session.get(Ticket, last.ticket_id) if last and last.data.get("key") == key else None


def _active(session: Session, counter_id: int, officer: Officer) -> Ticket | None:
    ticket = session.scalar(
        select(Ticket)
        .join(Counter, Counter.id == Ticket.counter_id)
        .where(Ticket.counter_id == counter_id, Ticket.state.in_(ACTIVE_STATES))
        .where(Counter.officer_id == officer.id)
    )
    if ticket and ticket.state == TicketState.SERVING:
        raise IllegalMoveError(f"{ticket.label} masih dilayani. Selesaikan dahulu, lalu panggil berikutnya.")
    return ticket


def _check_desk(session: Session, counter_id: int, officer: Officer) -> None:
    """Raise why this officer can't call here; silent when the line is just empty."""
    counter = session.get(Counter, counter_id, populate_existing=True)
    if counter is None or counter.retired_at is not None:
        raise NotFoundError("Loket ini tidak ada.")
    if counter.officer_id != officer.id:
        raise NotYourCounterError("Anda tidak sedang duduk di loket ini. Pilih loket Anda dahulu.")
    if counter.state != CounterState.OPEN:
        raise IllegalMoveError("Loket sedang tidak menerima orang. Buka loket dahulu.")


def recall(ticket_id: int, officer: Officer) -> Ticket:
    """Call the same person again, 20 seconds after the last call at the earliest. Raises TooSoonError."""
    with write() as session:
        seen = _held(session, ticket_id, officer)
        last = session.scalar(
            select(func.max(TicketEvent.at)).where(
                TicketEvent.ticket_id == ticket_id, TicketEvent.kind.in_(("call", "recall"))
            )
        )
        gap = dt.datetime.now(tz=dt.UTC) - last if last else RECALL_GAP
        if seen.state == TicketState.CALLED and gap < RECALL_GAP:
            seconds = max(1, int((RECALL_GAP - gap).total_seconds()))
            raise TooSoonError(f"Baru saja dipanggil. Panggil ulang bisa {seconds} detik lagi.")
        # `calls` as it was seen: of two presses at once only one finds it so.
        condition = (Ticket.state == TicketState.CALLED, Ticket.calls == seen.calls)
        return _move(session, ticket_id, officer, "recall", condition, {"calls": Ticket.calls + 1})


def start(ticket_id: int, officer: Officer) -> Ticket:
    """Begin serving the person who was called."""
    values = {"state": TicketState.SERVING, "serving_at": func.clock_timestamp()}
    return _step(ticket_id, officer, "start", TicketState.CALLED, values)


def complete(ticket_id: int, officer: Officer) -> Ticket:
    """End serving: the counter is free."""
    values = {"state": TicketState.COMPLETED, "ended_at": func.clock_timestamp()}
    return _step(ticket_id, officer, "complete", TicketState.SERVING, values)


def no_show(ticket_id: int, officer: Officer) -> Ticket:
    """Note that the person called did not come: the counter is free."""
    values = {"state": TicketState.NO_SHOW, "ended_at": func.clock_timestamp()}
    return _step(ticket_id, officer, "no_show", TicketState.CALLED, values)


def _step(ticket_id: int, officer: Officer, kind: str, source: TicketState, values: dict[str, Any]) -> Ticket:
    with write() as session:
        return _move(session, ticket_id, officer, kind, (Ticket.state == source,), values)


def _move(
    session: Session,
    ticket_id: int,
    officer: Officer,
    kind: str,
    condition: tuple[Any, ...],
    values: dict[str, Any],
) -> Ticket:
    own = select(Counter.id).where(Counter.officer_id == officer.id)
    move = update(Ticket).where(Ticket.id == ticket_id, Ticket.counter_id.in_(own), *condition)
    ticket = changed(session, move.values(**values).returning(Ticket))
    if ticket is not None:
        note(session, ticket, kind)
        return ticket
    ticket = _held(session, ticket_id, officer)
    if ticket.state == values.get("state"):
        return ticket
    if kind == "recall" and ticket.state == TicketState.CALLED:
        raise TooSoonError("Baru saja dipanggil.")
    raise IllegalMoveError(
        f"{ticket.label} {STATE_WORDS[TicketState(ticket.state)]}. Muat ulang layar loket."
    )


def _held(session: Session, ticket_id: int, officer: Officer) -> Ticket:
    """The ticket at this officer's counter, as it stands now."""
    ticket = session.get(Ticket, ticket_id, populate_existing=True)
    if ticket is None:
        raise NotFoundError("Nomor antrean ini tidak ada.")
    at = session.scalar(select(Counter.officer_id).where(Counter.id == ticket.counter_id))
    if at != officer.id:
        raise NotYourCounterError(f"{ticket.label} tidak di loket Anda.")
    return ticket
