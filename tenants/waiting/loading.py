"""A hall read from its rows as the simulation needs it: columns, no objects, for this is done every few seconds."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from tenants.hall.calendar import DaySchedule, HallCalendar
from tenants.hall.models import Counter, CounterState, Hall
from tenants.queueing import line
from tenants.queueing.models import ACTIVE_STATES, Entry, QueueCall, Ticket, TicketState
from tenants.queueing.presence import away
from tenants.queueing.rule import Rule, streak_of
from tenants.queueing.rules import current_rule
from tenants.waiting.durations import Samples
from tenants.waiting.durations import durations as durations_of
from tenants.waiting.history import ENDED, Call, kept_from, with_today
from tenants.waiting.state import NEVER, Busy, Desk, Person, State

# The rule looks this far back at calls (its longest bound is four hours).
MEMORY = dt.timedelta(hours=5)
EXPECTED_FROM = dt.timedelta(hours=1)


class Row(NamedTuple):
    """A ticket of the day, as far as the simulation looks; `called_at` and what follows of its last call."""

    id: int
    service_id: int
    state: str
    priority_class: str | None
    entry: str
    arrived_at: dt.datetime
    queued_at: dt.datetime
    number: int
    due_at: dt.datetime | None
    for_counter_id: int | None
    counter_id: int | None
    called_at: dt.datetime | None
    serving_at: dt.datetime | None
    ended_at: dt.datetime | None

    @property
    def kind(self) -> str:
        """Whose target of waiting counts."""
        return Entry.PRIORITY if self.priority_class else self.entry


COLUMNS = tuple(getattr(Ticket, name) for name in Row._fields)


@dataclass(frozen=True, slots=True)
class Known:
    """What changes seldom: the hall's calendar, what each counter serves (open or not), what past days say."""

    calendar: HallCalendar
    serves: Mapping[int, frozenset[int]]
    past: Samples


def serves_of(session: Session, hall: Hall) -> dict[int, frozenset[int]]:
    """Return which services each counter of a hall calls for by the rule of now, open or not."""
    serves: dict[int, set[int]] = defaultdict(set)
    pairs = line.served_pairs(current_rule(session, hall.id)).where(Counter.hall_id == hall.id).subquery()
    for counter_id, service_id in session.execute(select(pairs.c.counter_id, pairs.c.service_id)):
        serves[counter_id].add(service_id)
    return {key: frozenset(services) for key, services in serves.items()}


# Statements are built once a process.
@cache
def _tickets() -> Select[Any]:
    return select(*COLUMNS).where(Ticket.hall_id == line.HALL, Ticket.local_day == line.DAY)


@cache
def _counters() -> Select[int, str, int, str]:
    seated = Counter.officer_id.is_not(None) & (Counter.state != CounterState.CLOSED)
    return (
        select(Counter.id, Counter.prefix, Counter.agency_id, Counter.state)
        .where(Counter.hall_id == line.HALL, Counter.retired_at.is_(None), seated)
        .order_by(Counter.id)
    )


@cache
def _last_calls() -> Select[Any]:
    return (
        select(*(getattr(QueueCall, name) for name in Called._fields))
        .where(QueueCall.hall_id == line.HALL, QueueCall.local_day == line.DAY)
        .where(QueueCall.at > bindparam("p_since", type_=line.MOMENT))
        .order_by(QueueCall.at, QueueCall.event_id)
    )


def load(session: Session, hall: Hall, known: Known, moment: dt.datetime) -> State | None:
    """Return a hall as it stands at `moment` (aware, of the region), None when it is closed today."""
    calendar, serves = known.calendar, known.serves
    schedule = calendar.schedule_on(moment.date())
    if schedule is None:
        return None
    rule = current_rule(session, hall.id)
    given = {"p_hall": hall.id, "p_day": moment.date()}
    tickets = [Row(*row) for row in session.execute(_tickets(), given)]
    desks = _desks(session, hall, calendar, schedule, serves, moment, tickets)
    serving = set().union(*(desk.serves for desk in desks)) if desks else set()
    waiting = [_person(t) for t in tickets if t.state == TicketState.WAITING]
    samples = with_today(known.past, _ended(tickets))
    rest = None
    if schedule.break_starts and schedule.break_ends:
        ends = [_seconds(moment, time) for time in (schedule.break_starts, schedule.break_ends)]
        rest = (ends[0], ends[1]) if ends[1] > 0 else None
    called = _calls(session, hall, moment)
    return State(
        moment=moment,
        desks=desks,
        waiting=waiting,
        durations=durations_of(samples, sorted(serving | {p.service_id for p in waiting})),
        rule=rule,
        expected=_expected(tickets, moment),
        called=[
            (call.at, call.began, serves[call.counter_id]) for call in called if call.counter_id in serves
        ],
        streaks=_streaks(called, rule),
        rest=rest,
        asked=sorted(serving),
        # The same hall gives the same figures until something happens or some minutes have gone.
        seed=len(tickets) * 100 + len(called),
    )


def _desks(
    session: Session,
    hall: Hall,
    calendar: HallCalendar,
    schedule: DaySchedule,
    serves: Mapping[int, frozenset[int]],
    moment: dt.datetime,
    tickets: Sequence[Row],
) -> list[Desk]:
    counters = session.execute(_counters(), {"p_hall": hall.id}).all()
    gone = away(session, hall.id, moment)
    opens_in = max(0.0, _seconds(moment, schedule.opens))
    active = {t.counter_id: t for t in tickets if t.state in ACTIVE_STATES}
    found = []
    for key, prefix, agency_id, state in counters:
        presence = calendar.presence.get(agency_id)
        closes = min(schedule.closes, presence.closes) if presence and presence.closes else schedule.closes
        found.append(
            Desk(
                key, prefix, serves.get(key, frozenset()), _until(moment, closes),
                _busy(active.get(key), moment), state == CounterState.PAUSED or key in gone, opens_in,
            )
        )  # fmt: skip
    return found


def _busy(ticket: Row | None, moment: dt.datetime) -> Busy | None:
    if ticket is None or ticket.called_at is None:
        return None
    elapsed = (moment - kept_from(ticket.called_at, ticket.serving_at)).total_seconds()
    return Busy(ticket.service_id, elapsed, ticket.state == TicketState.SERVING)


def _person(ticket: Row) -> Person:
    return Person(
        ticket.id, ticket.service_id, ticket.kind, ticket.arrived_at, ticket.queued_at, ticket.number,
        ticket.due_at, ticket.for_counter_id,
    )  # fmt: skip


def _ended(tickets: Iterable[Row]) -> list[Call]:
    """Today's calls that are over."""
    return [
        Call(
            t.service_id, t.counter_id, t.arrived_at, kept_from(t.called_at, t.serving_at), t.ended_at,
            t.state == TicketState.NO_SHOW,
        )
        for t in tickets
        if t.called_at is not None and t.ended_at is not None and t.state in ENDED
    ]  # fmt: skip


def _expected(tickets: Iterable[Row], moment: dt.datetime) -> list[Person]:
    """People called sooner than others in the coming hour: as many as came in the past one, evenly spread."""
    recent = [t for t in tickets if t.arrived_at > moment - EXPECTED_FROM and t.kind != Entry.WALK_IN]
    found = []
    for number, ticket in enumerate(recent):
        at = moment + EXPECTED_FROM * ((number + 0.5) / len(recent))
        found.append(Person(-1 - number, ticket.service_id, ticket.kind, at, at, 1_000_000 + number))
    return found


class Called(NamedTuple):
    """A call as the rule remembers it."""

    at: dt.datetime
    began: dt.datetime
    counter_id: int
    prefix: str
    priority: bool


def _calls(session: Session, hall: Hall, moment: dt.datetime) -> list[Called]:
    """The calls of the last hours, oldest first."""
    given = {"p_hall": hall.id, "p_day": moment.date(), "p_since": moment - MEMORY}
    return [Called(*row) for row in session.execute(_last_calls(), given)]


def _streaks(called: Sequence[Called], rule: Rule) -> dict[str, int]:
    """Priority calls in a row of each letter, up to the cap."""
    letters: dict[str, list[bool]] = defaultdict(list)
    for call in reversed(called):
        letters[call.prefix].append(call.priority)
    return {letter: min(streak_of(last), rule.max_priority_streak) for letter, last in letters.items()}


def _until(moment: dt.datetime, closes: dt.time) -> float:
    """Seconds until a counter takes nobody any more; a hall that is open day and night has no such moment."""
    return NEVER if closes == dt.time.max else _seconds(moment, closes)


def _seconds(moment: dt.datetime, time: dt.time) -> float:
    return (dt.datetime.combine(moment.date(), time, tzinfo=moment.tzinfo) - moment).total_seconds()
