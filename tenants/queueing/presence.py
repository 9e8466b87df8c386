"""Who is really at a counter: the last act of its officer, counters that were forgotten, officers who are away."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, joinedload

from mpp import audit
from mpp.tenancy.region import current_region
from tenants.hall.hours import schedule_on
from tenants.hall.models import Counter, CounterState, Hall
from tenants.queueing import line
from tenants.queueing.models import ACTIVE_STATES, Ticket, TicketEvent
from tenants.queueing.parking import release_for
from tenants.queueing.rule import Rule
from tenants.queueing.rules import current_rule
from tenants.queueing.signal import announce

# An officer who calls nobody for so long although people wait is not there, for all that citizens can see.
AWAY = dt.timedelta(minutes=10)
# After closing time a counter without anybody and without an act for so long is closed.
AFTER_CLOSING = dt.timedelta(minutes=10)


def last_acts(session: Session, hall_id: int) -> dict[int, dt.datetime]:
    """Return when the officer of each counter with one last did anything there (aware)."""
    rows = session.execute(
        select(Counter.id, func.greatest(Counter.officer_since, Counter.active_at, _last_event())).where(
            Counter.hall_id == hall_id, Counter.retired_at.is_(None), Counter.officer_id.is_not(None)
        )
    ).all()
    return {counter_id: moment for counter_id, moment in rows if moment is not None}


def away(session: Session, hall_id: int, now: dt.datetime) -> set[int]:
    """Return the open counters of a hall at which nobody seems to be: people wait, nobody is served, no act."""
    acts, rule, day = last_acts(session, hall_id), current_rule(session, hall_id), current_region().today()
    quiet = [counter_id for counter_id, moment in acts.items() if now - moment >= AWAY]
    if not quiet:
        return set()
    return {
        counter_id
        for counter_id in session.scalars(
            select(Counter.id).where(Counter.id.in_(quiet), Counter.state == CounterState.OPEN, _free())
        )
        if _waits(session, counter_id, rule, day)
    }


def forgotten(session: Session) -> list[int]:
    """Return the counters of the region that must be closed now, in order of id.

    Open with no act for the hall's `idle_minutes` and nobody at the counter; or still open or paused, with nobody at
    the counter, some minutes after the hall has closed.
    """
    now, found = current_region().now(), []
    for hall in session.scalars(select(Hall).order_by(Hall.id)):
        acts, rule = last_acts(session, hall.id), current_rule(session, hall.id)
        over = _closed_for(session, hall, now)
        seated = session.scalars(
            select(Counter).where(Counter.id.in_(acts), Counter.state != CounterState.CLOSED, _free())
        ).all()
        found += [c.id for c in seated if _is_forgotten(c, now - acts[c.id], over, rule)]
    return sorted(found)


def close_one(session: Session, counter_id: int) -> None:
    """Close a forgotten counter, unless somebody came to it this very moment."""
    counter = session.scalar(
        select(Counter).where(Counter.id == counter_id, Counter.state != CounterState.CLOSED)
        .options(joinedload(Counter.hall)).with_for_update(of=Counter)
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if counter is None or counter_id not in forgotten(session):
        return
    release_for(session, counter_id)
    data = {"number": counter.number, "former_officer": counter.officer_id}
    audit.record(session, action="counter.forgotten", subject=f"counter:{counter_id}", data=data)
    counter.officer_id = counter.officer_since = counter.state_note = None
    counter.state = CounterState.CLOSED
    announce(session, counter.hall_id)


def _is_forgotten(counter: Counter, quiet: dt.timedelta, over: bool, rule: Rule) -> bool:
    if over and quiet >= AFTER_CLOSING:
        return True
    return counter.state == CounterState.OPEN and quiet >= dt.timedelta(minutes=rule.idle_minutes)


def _closed_for(session: Session, hall: Hall, now: dt.datetime) -> bool:
    """Whether the hall's day is over, or it does not open on this day at all."""
    today = schedule_on(session, hall, now.date())
    return today is None or now.time() >= today.closes


def _last_event() -> ColumnElement[dt.datetime]:
    return (
        select(TicketEvent.at)
        .where(TicketEvent.counter_id == Counter.id, TicketEvent.actor_kind == "staff")
        .order_by(TicketEvent.id.desc())
        .limit(1)
        .correlate(Counter)
        .scalar_subquery()
    )


def _free() -> ColumnElement[bool]:
    return ~exists().where(Ticket.counter_id == Counter.id, Ticket.state.in_(ACTIVE_STATES))


def _waits(session: Session, counter_id: int, rule: Rule, day: dt.date) -> bool:
    waiting = select(Ticket.id).where(line.callable_here(Ticket, counter_id, rule, day)).limit(1)
    return session.scalar(waiting) is not None
