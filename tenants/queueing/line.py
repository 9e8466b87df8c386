"""The rule of the line as SQL expressions: whom a counter may call, and in which order.

The same decision as `rule.order`, so that one statement can choose and lock; times are the statement's own.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any, TypeVarTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Interval,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, aliased

from tenants.hall import serving
from tenants.hall.models import Counter, CounterService
from tenants.queueing.models import Entry, QueueCall, Ticket, TicketState
from tenants.queueing.rule import Rule, begins, overtaken, rank, streak_of

Moment = ColumnElement[dt.datetime]
MOMENT = DateTime(timezone=True)


class Placeholders:
    """Stands for a rule whose values come with the execution, so that a statement is built once a process."""

    max_priority_streak: Any = bindparam("p_streak", type_=BigInteger)
    quick_minutes: Any = bindparam("p_quick", type_=BigInteger)
    bound: Any = bindparam("p_bound", type_=Interval)

    def weight(self, kind: str) -> Any:
        """Return the placeholder of a kind's weight."""
        return bindparam(f"p_{kind}", type_=BigInteger)


LATER = Placeholders()
COUNTER: Any = bindparam("p_counter", type_=BigInteger)
HALL: Any = bindparam("p_hall", type_=BigInteger)
DAY: Any = bindparam("p_day", type_=Date)
NOW: Any = bindparam("p_now", type_=MOMENT)
Terms = Rule | Placeholders
Columns = TypeVarTuple("Columns")


def values(rule: Rule, day: dt.date, **more: Any) -> dict[str, Any]:
    """Return what the placeholders stand for; `counter`, `hall` and `now` where a statement has them."""
    weights = {f"p_{kind}": rule.weight(kind) for kind in Entry}
    own = {"p_streak": rule.max_priority_streak, "p_quick": rule.quick_minutes, "p_bound": rule.bound}
    return {**weights, **own, "p_day": day, **{f"p_{name}": value for name, value in more.items()}}


def this_statement() -> Moment:
    """The moment at which a statement began: one for all its rows, unlike the clock's."""
    return func.statement_timestamp(type_=MOMENT)


def moment(at: dt.datetime) -> Moment:
    """A given moment (aware)."""
    return literal(at, MOMENT)


def began(ticket: Any) -> Moment:
    """When somebody's waiting began; GREATEST leaves out the appointed time of who has none."""
    return func.greatest(ticket.arrived_at, ticket.due_at, type_=MOMENT)


def served_pairs(rule: Terms) -> Select[int, int]:
    """Counter and service for everything that counters may call: a quick counter only short services."""
    return serving.pairs(rule.quick_minutes)


def served_by(counter_id: Any, rule: Terms) -> Select[int]:
    """Ids of the services that a counter calls for."""
    pairs = served_pairs(rule).where(CounterService.counter_id == counter_id).subquery()
    return select(pairs.c.service_id)


def callable_here(ticket: Any, counter_id: Any, rule: Terms, day: Any) -> ColumnElement[bool]:
    """The tickets that a counter may call on a local day of the region."""
    return and_(
        ticket.state == TicketState.WAITING,
        ticket.local_day == day,
        ticket.hall_id == _hall_of(counter_id),
        ticket.service_id.in_(served_by(counter_id, rule)),
        or_(ticket.for_counter_id.is_(None), ticket.for_counter_id == counter_id),
    )


def last_calls(counter_id: Any, rule: Terms, day: Any) -> Select[bool]:
    """Whether each of the last calls in the counter's group was a priority call, newest first, as many as count.

    The group are the hall's counters with the same letter.
    """
    letter = select(Counter.prefix).where(Counter.id == counter_id).scalar_subquery()
    return (
        select(QueueCall.priority)
        .where(QueueCall.hall_id == _hall_of(counter_id), QueueCall.local_day == day)
        .where(QueueCall.prefix == letter)
        .order_by(QueueCall.at.desc(), QueueCall.event_id.desc())
        .limit(rule.max_priority_streak)
    )


def horizons(rule: Terms, day: Any, hall_id: Any, now: Moment) -> Select[int, dt.datetime]:
    """Service and the latest start of waiting among those called so long ago that it counts as overtaking."""
    pairs = served_pairs(rule).subquery()
    called = (
        select(QueueCall.counter_id, func.max(QueueCall.began).label("began"))
        .where(QueueCall.hall_id == hall_id, QueueCall.local_day == day, QueueCall.at <= now - rule.bound)
        .group_by(QueueCall.counter_id)
        .subquery()
    )
    return (
        select(pairs.c.service_id, func.max(called.c.began).label("horizon"))
        .join(called, called.c.counter_id == pairs.c.counter_id)
        .group_by(pairs.c.service_id)
    )


def lines_of(counter_id: Any, rule: Terms, day: Any, now: Moment) -> Select[int, dt.datetime | None]:
    """Every service that a counter calls for, with its horizon: NULL where nobody was overtaken."""
    pairs, late = (
        served_by(counter_id, rule).subquery(),
        horizons(rule, day, _hall_of(counter_id), now).subquery(),
    )
    return select(pairs.c.service_id, late.c.horizon).outerjoin(late, late.c.service_id == pairs.c.service_id)


def in_order(
    query: Select[*Columns], ticket: Any, counter_id: Any, rule: Terms, day: Any, now: Moment
) -> Select[*Columns]:
    """Order a query of a counter's waiting tickets: the next to be called comes first."""
    lines = horizons(rule, day, _hall_of(counter_id), now).subquery()
    over = and_(ticket.queued_at <= now - rule.bound, began(ticket) < lines.c.horizon)
    held_back = and_(_is_priority(ticket), _streak_full(counter_id, rule, day))
    return query.outerjoin(lines, lines.c.service_id == ticket.service_id).order_by(
        case((held_back, 1), else_=0),
        # NULL, for who was not overtaken, comes last.
        case((over, began(ticket))),
        _rank(ticket, rule, now).desc(),
        began(ticket),
        ticket.number,
        ticket.id,
    )


def comes_before(
    session: Session,
    query: Select[Any],
    ticket: Any,
    person: Ticket,
    rule: Rule,
    now: dt.datetime,
    streak: int = 0,
) -> Select[Any]:
    """Narrow a query of waiting tickets to those whom the rule would call before `person` at `now` (aware)."""
    lines = horizons(rule, person.local_day, person.hall_id, moment(now)).subquery()
    over = func.coalesce(and_(ticket.queued_at <= now - rule.bound, began(ticket) < lines.c.horizon), False)
    start, place = begins(person), rank(person, rule, now)
    since, theirs = began(ticket), _rank(ticket, rule, moment(now))
    tie = and_(theirs == place, tuple_(since, ticket.number, ticket.id) < (start, person.number, person.id))
    by_rank = or_(theirs > place, tie)
    if overtaken(person, rule, now, horizons_now(session, person.hall_id, rule, person.local_day, now)):
        first = and_(over, or_(since < start, and_(since == start, by_rank)))
    else:
        first = or_(over, by_rank)
    if streak >= rule.max_priority_streak:
        others = ~_is_priority(ticket)
        first = or_(others, first) if person.kind == Entry.PRIORITY else and_(others, first)
    return query.outerjoin(lines, lines.c.service_id == ticket.service_id).where(first)


def next_ticket(counter_id: Any, rule: Terms, day: Any, now: Moment) -> ScalarSelect[int]:
    """The id of whom a counter calls next, locked by nobody else.

    The lock is the one that the UPDATE takes: rows that merely name the ticket (an announcement) are in nobody's way.
    """
    waiting = aliased(Ticket)
    query = select(waiting.id).where(callable_here(waiting, counter_id, rule, day))
    chosen = in_order(query, waiting, counter_id, rule, day, now).limit(1)
    return chosen.with_for_update(of=waiting, skip_locked=True, key_share=True).scalar_subquery()


def streak(session: Session, counter_id: int, rule: Rule, day: dt.date) -> int:
    """Return the priority calls in a row of the counter's group, counted up to the cap."""
    return streak_of(session.scalars(_last_calls(), values(rule, day, counter=counter_id)))


def streaks(session: Session, hall_id: int, rule: Rule, day: dt.date) -> dict[str, int]:
    """Return the priority calls in a row of each of a hall's groups, by letter, counted up to the cap."""
    last = (
        select(
            QueueCall.prefix, QueueCall.priority,
            func.row_number()
            .over(partition_by=QueueCall.prefix, order_by=(QueueCall.at.desc(), QueueCall.event_id.desc()))
            .label("turn"),
        )
        .where(QueueCall.hall_id == hall_id, QueueCall.local_day == day)
        .subquery()
    )  # fmt: skip
    few = select(last.c.prefix, last.c.priority).where(last.c.turn <= rule.max_priority_streak)
    found: dict[str, list[bool]] = {}
    for prefix, priority in session.execute(few.order_by(last.c.prefix, last.c.turn)):
        found.setdefault(prefix, []).append(priority)
    return {prefix: streak_of(newest_first) for prefix, newest_first in found.items()}


def horizons_now(
    session: Session, hall_id: int, rule: Rule, day: dt.date, now: dt.datetime
) -> dict[int, dt.datetime]:
    """Return the horizons of a hall's services at `now` (aware), for the pure rule."""
    rows = session.execute(_horizons(), values(rule, day, hall=hall_id, now=now))
    return {row[0]: row[1] for row in rows}


def lines_now(
    session: Session, counter_id: int, rule: Rule, day: dt.date, now: dt.datetime
) -> dict[int, dt.datetime | None]:
    """Return the services that a counter calls for at `now` (aware), each with its horizon, None without one."""
    rows = session.execute(_lines(), values(rule, day, counter=counter_id, now=now))
    return {row[0]: row[1] for row in rows}


@cache
def _lines() -> Select[int, dt.datetime | None]:
    return lines_of(COUNTER, LATER, DAY, NOW)


@cache
def _last_calls() -> Select[bool]:
    return last_calls(COUNTER, LATER, DAY)


@cache
def _horizons() -> Select[int, dt.datetime]:
    return horizons(LATER, DAY, HALL, NOW)


def _hall_of(counter_id: Any) -> ScalarSelect[int]:
    return select(Counter.hall_id).where(Counter.id == counter_id).scalar_subquery()


def _is_priority(ticket: Any) -> ColumnElement[bool]:
    return or_(ticket.priority_class.is_not(None), ticket.entry == Entry.PRIORITY)


def _streak_full(counter_id: Any, rule: Terms, day: Any) -> ColumnElement[bool]:
    last = last_calls(counter_id, rule, day).subquery()
    full = and_(func.count() == rule.max_priority_streak, func.bool_and(last.c.priority))
    return select(func.coalesce(full, False)).select_from(last).scalar_subquery()


def _rank(ticket: Any, rule: Terms, now: Moment) -> ColumnElement[int]:
    """Whole microseconds times a whole weight: exactly the number that the pure rule reckons with."""
    seconds = extract("epoch", now - began(ticket))
    microseconds = func.greatest(cast(seconds * 1_000_000, BigInteger), 0, type_=BigInteger)
    weight = case(
        (_is_priority(ticket), rule.weight(Entry.PRIORITY)),
        (ticket.entry == Entry.BOOKED, rule.weight(Entry.BOOKED)),
        else_=rule.weight(Entry.WALK_IN),
    )
    return microseconds * weight
