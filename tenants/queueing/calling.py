"""Calling: who is next by the hall's rule, or one person out of order with a reason; each call stores why."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, Update, and_, bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from mpp.database.session import read, write
from mpp.tenancy.region import current_region
from tenants.hall.models import Counter, CounterState
from tenants.queueing import line, memory
from tenants.queueing.decision import inputs
from tenants.queueing.errors import (
    IllegalMoveError,
    NotYourCounterError,
    QueueError,
)
from tenants.queueing.exceptions import OutOfOrder
from tenants.queueing.history import KEY_INDEX, changed, done_before
from tenants.queueing.models import ACTIVE_STATES, Ticket, TicketState
from tenants.queueing.moves import clean_category, folded, illegal, ticket_now
from tenants.queueing.nudge import nudge
from tenants.queueing.policies import Officer
from tenants.queueing.rule import Rule, begins, order, overtaken, score, waited
from tenants.queueing.rules import rule_at

ACTIVE_INDEX = "uq_ticket_active_counter"
# Another act holds a number for milliseconds, so a call asks anew who comes first, after so many seconds each time.
PAUSES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)


def call_next(
    counter_id: int, officer: Officer, key: str | None = None, after: int | None = None
) -> Ticket | None:
    """Call who is next for a counter by the hall's rule; None when nobody waits.

    Pressed twice, or sent again with the same `key`, it gives the ticket already called. `after` is the counter's last
    call on the screen where it was pressed (`memory.last_call`): when another came since, nobody more is called.
    Raises NotYourCounterError, IllegalMoveError.
    """
    return _call(Press(counter_id, officer, key, after=after))


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
    ticket = _call(Press(counter_id, officer, key, Chosen(ticket_id, category, words)))
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


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button that calls."""

    counter_id: int
    officer: Officer
    key: str | None
    chosen: Chosen | None = None
    # The counter's last call on the screen where it was pressed.
    after: int | None = None


class _BusyError(Exception):
    """Another act holds, at this very moment, the ticket that comes first."""


def _call(press: Press) -> Ticket | None:
    try:
        ticket = _pressed(press)
    except QueueError:
        # The same press, sent by two, may have been carried out between our two looks, and things gone on since.
        ticket = _done(press.key)
        if ticket is None:
            raise
    return ticket or _done(press.key)


def _done(key: str | None) -> Ticket | None:
    with read() as session:
        return done_before(session, key, "call")


def _pressed(press: Press) -> Ticket | None:
    for pause in (*PAUSES, None):
        try:
            with write() as session:
                ticket = done_before(session, press.key, "call") or _active(session, press)
                return ticket or _choose(session, press, patient=pause is not None)
        except _BusyError:
            # The transaction is over, so nobody waits for ours meanwhile.
            time.sleep(pause or 0)
        except IntegrityError as error:
            # Another press of the same button was faster by a hair; the index let only one through.
            if ACTIVE_INDEX not in str(error.orig) and KEY_INDEX not in str(error.orig):
                raise
            break
    with read() as session:
        return done_before(session, press.key, "call") or _active(session, press)


def _choose(session: Session, press: Press, *, patient: bool) -> Ticket | None:
    counter_id, chosen = press.counter_id, press.chosen
    rule, day = rule_at(session, counter_id), current_region().today()
    # From here to the commit the calls of this group happen one by one: keep it short.
    desk = memory.enter(session, counter_id, press.officer)
    if desk is None:
        _check_desk(session, press)
        return None
    if press.after is not None and memory.last_call(session, counter_id, day) != press.after:
        return _called_since(session, press)
    # Priority calls in a row before this one.
    streak = line.streak(session, counter_id, rule, day)
    given = line.values(rule, day, counter=counter_id)
    if chosen is None:
        ticket = changed(session, _call_next(), given)
    else:
        ticket = changed(session, _call_one(), {**given, "p_ticket": chosen.ticket_id})
    if ticket is None:
        return None
    why, passed = _reasons(session, ticket, counter_id, rule, day, streak)
    if patient and passed and chosen is None:
        raise _BusyError
    data: dict[str, Any] = {"rule": why}
    reason = folded(chosen.words) if chosen else None
    if passed and chosen is not None:
        category = clean_category(
            OutOfOrder, chosen.category, chosen.words, "Pilih sebab memanggil di luar urutan.", "category"
        )
        data |= {"out_of_order": True, "category": category.value}
    memory.remember(session, ticket, desk[1], reason, data, press.key)
    nudge(session, ticket.hall_id)
    return ticket


def _called_since(session: Session, press: Press) -> Ticket:
    """The screen was old: another tab has called since, and a late press must not call a second person."""
    ticket = _active(session, press)
    if ticket is None:
        raise IllegalMoveError(
            "Loket ini sudah memanggil lagi sejak layar Anda diperbarui. Periksa, lalu tekan lagi."
        )
    return ticket


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
def _rest() -> Select[Ticket, int]:
    """Whom the counter would call now that somebody is called; beside it how many of the rest began before them."""
    number = bindparam("p_number", type_=BigInteger)
    start = bindparam("p_start", type_=line.MOMENT)
    began = line.began(Ticket)
    earlier = or_(began < start, and_(began == start, Ticket.number < number))
    here = line.callable_here(Ticket, line.COUNTER, line.LATER, line.DAY)
    query = select(Ticket, func.count().filter(earlier).over()).where(here, Ticket.queued_at <= line.NOW)
    return line.in_order(query, Ticket, line.COUNTER, line.LATER, line.DAY, line.NOW).limit(1)


def _reasons(
    session: Session, ticket: Ticket, counter_id: int, rule: Rule, day: dt.date, streak: int
) -> tuple[dict[str, Any], bool]:
    """Why it was this ticket, and whether the rule would have called somebody else first.

    What is kept are the inputs of the rule: `decision` reckons from them what decided about anybody who waited.
    `position` counts by arrival.
    """
    now = ticket.called_at
    assert now is not None
    given = line.values(rule, day, counter=counter_id, now=now, start=begins(ticket), number=ticket.number)
    rest = session.execute(_rest(), given).one_or_none()
    first, earlier = (rest[0], rest[1]) if rest else (None, 0)
    lines = line.lines_now(session, counter_id, rule, day, now)
    horizons = {service: late for service, late in lines.items() if late}
    why = {
        "score": score(ticket, rule, now),
        "kind": ticket.kind,
        "class": ticket.priority_class,
        "waited_seconds": int(waited(ticket, now).total_seconds()),
        "target_seconds": rule.target(ticket.kind) * 60,
        "position": earlier + 1,
        "overtaken": overtaken(ticket, rule, now, horizons),
        **inputs(rule, now, streak, lines),
    }
    # Held by another act at this very moment, or passed over by hand.
    passed = first is not None and order([ticket, first], rule, now, streak, horizons)[0] is first
    return why, passed


def _active(session: Session, press: Press) -> Ticket | None:
    ticket = session.scalar(
        select(Ticket)
        .join(Counter, Counter.id == Ticket.counter_id)
        .where(Ticket.counter_id == press.counter_id, Ticket.state.in_(ACTIVE_STATES))
        .where(Counter.officer_id == press.officer.id)
    )
    if ticket and ticket.state == TicketState.SERVING:
        raise IllegalMoveError(f"{ticket.label} masih dilayani. Selesaikan dahulu, lalu panggil berikutnya.")
    return ticket


def _check_desk(session: Session, press: Press) -> None:
    """Raise why this officer can't call here; silent when the line is just empty."""
    counter = session.get(Counter, press.counter_id, populate_existing=True)
    if counter is None or counter.retired_at is not None or counter.officer_id != press.officer.id:
        raise NotYourCounterError("Anda tidak sedang duduk di loket ini. Pilih loket Anda dahulu.")
    if counter.state != CounterState.OPEN:
        raise IllegalMoveError("Loket sedang tidak menerima orang. Buka loket dahulu.")
