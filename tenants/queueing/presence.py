"""Who is really at a counter: the last act of its officer, counters that were forgotten, officers who are away."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import Session, joinedload

from mpp import audit
from mpp.tenancy.region import current_region
from tenants.hall.calendar import DaySchedule
from tenants.hall.hours import schedule_on
from tenants.hall.models import Counter, CounterState, Hall
from tenants.queueing import line
from tenants.queueing.models import ACTIVE_STATES, Ticket, TicketEvent, TicketState
from tenants.queueing.releasing import release_for
from tenants.queueing.rule import Rule
from tenants.queueing.rules import current_rule
from tenants.queueing.signal import announce

# An officer who calls nobody for so long although people wait is not there, for all that citizens can see.
AWAY = dt.timedelta(minutes=10)
# After closing time a counter without anybody and without an act for so long is closed.
AFTER_CLOSING = dt.timedelta(minutes=10)
# Whoever was called comes or is noted as absent long before this; after it the hall's staff are told.
STANDS = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Standing:
    """A number left standing at a counter, and since when nothing has been done there (aware)."""

    counter: Counter
    ticket: Ticket
    since: dt.datetime


def last_acts(session: Session, hall_id: int) -> dict[int, dt.datetime]:
    """Return when the officer of each counter with one last did anything there (aware)."""
    rows = session.execute(
        select(Counter.id, func.greatest(Counter.officer_since, Counter.active_at, _last_event())).where(
            Counter.hall_id == hall_id, Counter.retired_at.is_(None), Counter.officer_id.is_not(None)
        )
    ).all()
    return {counter_id: moment for counter_id, moment in rows if moment is not None}


def away(session: Session, hall_id: int, now: dt.datetime) -> dict[int, dt.datetime]:
    """Return the open counters of a hall at which nobody seems to be, with the last act there (aware).

    People wait, nobody is served, and the officer does nothing.
    """
    acts, rule, day = last_acts(session, hall_id), current_rule(session, hall_id), current_region().today()
    quiet = [counter_id for counter_id, moment in acts.items() if now - moment >= AWAY]
    if not quiet:
        return {}
    return {
        counter_id: acts[counter_id]
        for counter_id in session.scalars(
            select(Counter.id).where(Counter.id.in_(quiet), Counter.state == CounterState.OPEN, _free())
        )
        if _waits(session, counter_id, rule, day)
    }


def unattended(session: Session, counter: Counter) -> str | None:
    """Return in some words why nobody should be sent to a counter now, None when an officer is there to call."""
    if counter.state == CounterState.CLOSED:
        return "sedang tutup"
    if counter.state == CounterState.PAUSED:
        return "sedang jeda"
    gone = counter.officer_id is None or counter.id in away(session, counter.hall_id, current_region().now())
    return "sedang tidak ada petugasnya" if gone else None


def left_standing(session: Session, hall: Hall, now: dt.datetime) -> list[Standing]:
    """Return the numbers at a hall's counters that somebody must look after, in order of the counters.

    Called, with no act at the counter for ten minutes; or, after the hall has closed, still served with no act for
    its `idle_minutes`: the officer has gone home.
    """
    rows = session.execute(
        select(Counter, Ticket, func.greatest(Ticket.called_at, Ticket.serving_at, _last_event()))
        .join(Ticket, Ticket.counter_id == Counter.id)
        .where(Ticket.hall_id == hall.id, Ticket.local_day == current_region().today())
        .where(Ticket.state.in_(ACTIVE_STATES))
        .order_by(Counter.number)
    ).all()
    idle = dt.timedelta(minutes=current_rule(session, hall.id).idle_minutes)
    found = [Standing(counter, ticket, since) for counter, ticket, since in rows if since is not None]
    called = [s for s in found if s.ticket.state == TicketState.CALLED and now - s.since >= STANDS]
    served = [s for s in found if s.ticket.state == TicketState.SERVING and now - s.since >= idle]
    if served and not _is_over(schedule_on(session, hall, now.date()), now):
        served = []
    return sorted([*called, *served], key=lambda s: s.counter.number)


def forgotten(session: Session) -> list[int]:
    """Return the counters of the region that must be closed now, in order of id.

    Open or paused, with an officer or without, nobody at the counter and no act for the hall's `idle_minutes`, of
    which its break is none; or still not closed some minutes after the hall has.
    """
    now, found = current_region().now(), []
    for hall in session.scalars(select(Hall).order_by(Hall.id)):
        working = session.execute(_working().where(Counter.hall_id == hall.id)).all()
        if not working:
            continue
        today, idle = schedule_on(session, hall, now.date()), current_rule(session, hall.id).idle_minutes
        limit = AFTER_CLOSING if _is_over(today, now) else dt.timedelta(minutes=idle)
        found += [key for key, act in working if act is not None and quiet(act, today, now) >= limit]
    return sorted(found)


def closes_soon(session: Session, counter: Counter, rule: Rule, now: dt.datetime, warned: int) -> int | None:
    """Return the minutes until a counter with nobody at it closes by itself, None when more than `warned` or never."""
    act = last_acts(session, counter.hall_id).get(counter.id)
    least = dt.timedelta(minutes=rule.idle_minutes - warned - 1)
    # The hours are read only when they may matter: a break can but make it later.
    if act is None or counter.state == CounterState.CLOSED or now - act <= least:
        return None
    today = schedule_on(session, counter.hall, now.date())
    left = rule.idle_minutes - int(quiet(act, today, now).total_seconds() // 60)
    return max(1, left) if left <= warned else None


def quiet(act: dt.datetime, today: DaySchedule | None, now: dt.datetime) -> dt.timedelta:
    """Return for how long nothing was done since `act`; after the hall's break it counts anew."""
    if today is None or today.break_ends is None:
        return now - act
    if today.rests(now.time()):
        return dt.timedelta(0)
    back = dt.datetime.combine(now.date(), today.break_ends, tzinfo=now.tzinfo)
    return now - (max(act, back) if now >= back else act)


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


def _working() -> Select[int, dt.datetime]:
    """Counters that are not closed and have nobody at them, with the last act there.

    One that an administrator has opened has no officer to act; it counts from its opening.
    """
    act = func.greatest(Counter.officer_since, Counter.active_at, _last_event())
    alone = case((Counter.officer_id.is_(None), func.coalesce(act, Counter.created_at)), else_=act)
    return select(Counter.id, alone).where(
        Counter.retired_at.is_(None), Counter.state != CounterState.CLOSED, _free()
    )


def _is_over(today: DaySchedule | None, now: dt.datetime) -> bool:
    """Whether the hall's day is over, or it does not open on this day at all."""
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
