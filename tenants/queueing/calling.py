"""Calling: who is next by the hall's rule, or one person out of order with a reason; each call stores why."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, Update, bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from mpp.database.session import read, write
from mpp.tenancy.region import current_region
from tenants.hall.models import Counter, CounterState
from tenants.queueing import line, memory
from tenants.queueing.errors import (
    IllegalMoveError,
    NoReasonError,
    NotFoundError,
    NotYourCounterError,
    QueueError,
)
from tenants.queueing.exceptions import OutOfOrder
from tenants.queueing.history import KEY_INDEX, changed, done_before
from tenants.queueing.models import ACTIVE_STATES, Ticket, TicketState
from tenants.queueing.moves import clean_reason, folded, illegal, ticket_now
from tenants.queueing.policies import Officer
from tenants.queueing.rule import Rule, begins, decided, order, overtaken, score, waited
from tenants.queueing.rules import rule_at
from tenants.waiting.nudge import nudge

ACTIVE_INDEX = "uq_ticket_active_counter"
# People passed over whom a call remembers one by one; of the rest only how many.
SKIPPED_KEPT = 50
BUSY = "busy"
# Another act holds a number for milliseconds, so a call asks anew who comes first, after so many seconds each time.
PAUSES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)


def call_next(counter_id: int, officer: Officer, key: str | None = None) -> Ticket | None:
    """Call who is next for a counter by the hall's rule; None when nobody waits.

    Pressed twice, or sent again with the same `key`, it gives the ticket already called. Raises
    NotFoundError, NotYourCounterError, IllegalMoveError.
    """
    return _call(counter_id, officer, key)


def call_one(
    counter_id: int,
    officer: Officer,
    ticket_id: int,
    category: str | None,
    words: str = "",
    key: str | None = None,
) -> Ticket:
    """Call one person; if others would come first, the call counts as out of order and needs a reason.

    `category` (of OutOfOrder) is told to everybody, `words` to staff alone; "other" needs both.
    Raises NoReasonError, NotFoundError, NotYourCounterError, IllegalMoveError.
    """
    ticket = _call(counter_id, officer, key, Chosen(ticket_id, category, words))
    if ticket is None:
        with read() as session:
            found = ticket_now(session, ticket_id)
        if found.state == TicketState.WAITING:
            raise IllegalMoveError(
                f"{found.label} tidak dilayani di loket ini, atau sedang dipanggil loket lain."
            )
        raise illegal(found)
    if ticket.id != ticket_id:
        raise IllegalMoveError(f"{ticket.label} masih di loket Anda. Selesaikan dahulu.")
    return ticket


@dataclass(frozen=True, slots=True)
class Chosen:
    """One person picked by the officer, and why."""

    ticket_id: int
    category: str | None
    words: str


class _BusyError(Exception):
    """Another act holds, at this very moment, the ticket that comes first."""


def _call(counter_id: int, officer: Officer, key: str | None, chosen: Chosen | None = None) -> Ticket | None:
    try:
        ticket = _press(counter_id, officer, key, chosen)
    except QueueError:
        # The same press, sent by two, may have been carried out between our two looks, and things gone on since.
        ticket = _done(key)
        if ticket is None:
            raise
    return ticket or _done(key)


def _done(key: str | None) -> Ticket | None:
    with read() as session:
        return done_before(session, key, "call")


def _press(counter_id: int, officer: Officer, key: str | None, chosen: Chosen | None) -> Ticket | None:
    for pause in (*PAUSES, None):
        try:
            with write() as session:
                ticket = done_before(session, key, "call") or _active(session, counter_id, officer)
                return ticket or _choose(session, counter_id, officer, key, chosen, patient=pause is not None)
        except _BusyError:
            # The transaction is over, so nobody waits for ours meanwhile.
            time.sleep(pause or 0)
        except IntegrityError as error:
            # Another press of the same button was faster by a hair; the index let only one through.
            if ACTIVE_INDEX not in str(error.orig) and KEY_INDEX not in str(error.orig):
                raise
            break
    with read() as session:
        return done_before(session, key, "call") or _active(session, counter_id, officer)


def _choose(
    session: Session,
    counter_id: int,
    officer: Officer,
    key: str | None,
    chosen: Chosen | None,
    *,
    patient: bool,
) -> Ticket | None:
    rule, day = rule_at(session, counter_id), current_region().today()
    # From here to the commit the calls of this group happen one by one: keep it short.
    desk = memory.enter(session, counter_id, officer)
    if desk is None:
        _check_desk(session, counter_id, officer)
        return None
    # Priority calls in a row before this one.
    streak = line.streak(session, counter_id, rule, day)
    given = line.values(rule, day, counter=counter_id)
    if chosen is None:
        ticket = changed(session, _call_next(), given)
    else:
        ticket = changed(session, _call_one(), {**given, "p_ticket": chosen.ticket_id})
    if ticket is None:
        return None
    why = _reasons(session, ticket, counter_id, rule, day, streak)
    if patient and chosen is None and any(other["why"] == BUSY for other in why["skipped"]):
        raise _BusyError
    data: dict[str, Any] = {"rule": why}
    reason = folded(chosen.words) if chosen else None
    if chosen is not None:
        why["ahead"] = _ahead(session, ticket, counter_id, rule, day, streak)
        if why["ahead"]:
            data |= {"out_of_order": True, "category": _category(chosen).value}
    memory.remember(session, ticket, desk[1], reason, data, key)
    nudge(session, ticket.hall_id)
    return ticket


def _category(chosen: Chosen) -> OutOfOrder:
    """The reason of a call out of order. Raises NoReasonError when it is not said."""
    if chosen.category not in set(OutOfOrder):
        raise NoReasonError("Pilih sebab memanggil di luar urutan.", "category")
    category = OutOfOrder(chosen.category)
    if category is OutOfOrder.OTHER:
        clean_reason(chosen.words, "Tulis alasan lainnya. Hanya petugas yang membacanya.")
    return category


@cache
def _call_next() -> ReturningUpdate[Ticket]:
    """The whole choice in one statement: who comes first, locked by nobody else, becomes called."""
    first = line.next_ticket(line.COUNTER, line.LATER, line.DAY, line.this_statement())
    return _called(update(Ticket).where(Ticket.id == first))


@cache
def _call_one() -> ReturningUpdate[Ticket]:
    here = line.callable_here(Ticket, line.COUNTER, line.LATER, line.DAY)
    return _called(update(Ticket).where(Ticket.id == bindparam("p_ticket", type_=BigInteger), here))


def _called(statement: Update) -> ReturningUpdate[Ticket]:
    values = {"state": TicketState.CALLED, "counter_id": line.COUNTER, "called_at": line.this_statement()}
    return statement.values(**values, calls=1).returning(Ticket)


@cache
def _passed_over() -> Select[Ticket, int]:
    """Those who began to wait before the one called, of those the counter could have called, earliest first.

    The number of all of them stands beside each; only the first come whole.
    """
    number = bindparam("p_number", type_=BigInteger)
    start = bindparam("p_start", type_=line.MOMENT)
    began = line.began(Ticket)
    here = line.callable_here(Ticket, line.COUNTER, line.LATER, line.DAY)
    query = select(Ticket, func.count().over()).where(here, Ticket.queued_at <= line.NOW, began <= start)
    query = query.where(or_(began < start, Ticket.number < number))
    return query.order_by(began, Ticket.number).limit(SKIPPED_KEPT)


def _reasons(
    session: Session, ticket: Ticket, counter_id: int, rule: Rule, day: dt.date, streak: int
) -> dict[str, Any]:
    """Why it was this ticket: what it had waited, and whom it passed over among those the counter could have called.

    `position` counts by arrival; `skipped` are those who began to wait before, each with what decided.
    """
    now = ticket.called_at
    assert now is not None
    given = line.values(rule, day, counter=counter_id, now=now, start=begins(ticket), number=ticket.number)
    rows = session.execute(_passed_over(), given).all()
    passed, people = [row[0] for row in rows], rows[0][1] if rows else 0
    horizons = line.horizons_now(session, ticket.hall_id, rule, day, now)

    def skipped(other: Ticket) -> dict[str, Any]:
        # Who would have come first is held by another act at this very moment, or is passed over by hand.
        first = order([ticket, other], rule, now, streak, horizons)[0]
        why = BUSY if first is other else decided(ticket, other, rule, now, streak, horizons).value
        return {"label": other.label, "why": why, "kind": other.kind, **_share(other, rule, now)}

    return {
        "score": score(ticket, rule, now),
        "kind": ticket.kind,
        "class": ticket.priority_class,
        **_share(ticket, rule, now),
        "position": people + 1,
        "skipped": [skipped(other) for other in passed],
        "more_skipped": people - len(passed),
        "streak": streak,
        "overtaken": overtaken(ticket, rule, now, horizons),
        "max_overtake": rule.max_overtake,
    }


def _share(ticket: Ticket, rule: Rule, now: dt.datetime) -> dict[str, int]:
    return {
        "waited_seconds": int(waited(ticket, now).total_seconds()),
        "target_seconds": rule.target(ticket.kind) * 60,
    }


def _ahead(
    session: Session, ticket: Ticket, counter_id: int, rule: Rule, day: dt.date, streak: int
) -> list[str]:
    """The numbers whom the rule would have called first."""
    assert ticket.called_at is not None
    here = select(Ticket).where(line.callable_here(Ticket, counter_id, rule, day))
    first = line.comes_before(session, here, Ticket, ticket, rule, ticket.called_at, streak)
    return [other.label for other in session.scalars(first.order_by(Ticket.number).limit(SKIPPED_KEPT))]


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
