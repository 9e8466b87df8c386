"""A hall read from its rows as the simulation needs it: columns, no objects, for this is done every few seconds."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from tenants.hall.calendar import DaySchedule, HallCalendar
from tenants.hall.models import Counter, CounterState, Hall
from tenants.queueing import line
from tenants.queueing.models import ACTIVE_STATES, Entry, QueueCall, Ticket, TicketState
from tenants.queueing.presence import away, quiet
from tenants.queueing.rule import Rule, streak_of
from tenants.queueing.rules import current_rule
from tenants.waiting.durations import Samples, usual_seconds
from tenants.waiting.durations import durations as durations_of
from tenants.waiting.history import ENDED, Call, kept_from, with_today
from tenants.waiting.state import NEVER, Busy, Desk, Person, State, Unstaffed

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


class Place(NamedTuple):
    """A counter in use."""

    id: int
    prefix: str
    agency_id: int
    state: str
    officer_id: int | None
    active_at: dt.datetime | None

    @property
    def staffed(self) -> bool:
        """Whether an officer sits there."""
        return self.officer_id is not None and self.state != CounterState.CLOSED

    @property
    def paused(self) -> bool:
        """Whether its officer rests."""
        return self.state == CounterState.PAUSED


@dataclass(frozen=True, slots=True)
class Day:
    """A hall's day at a moment (aware)."""

    moment: dt.datetime
    calendar: HallCalendar
    schedule: DaySchedule
    serves: Mapping[int, frozenset[int]]

    @property
    def rest(self) -> tuple[float, float] | None:
        """The hall's break that is not over yet, in seconds from now."""
        if self.schedule.break_starts is None or self.schedule.break_ends is None:
            return None
        starts, ends = (
            _seconds(self.moment, time) for time in (self.schedule.break_starts, self.schedule.break_ends)
        )
        return (starts, ends) if ends > 0 else None

    def until(self, place: Place) -> float:
        """Seconds until a counter takes nobody any more; the agency may leave before the hall closes."""
        presence = self.calendar.presence.get(place.agency_id)
        closes = self.schedule.closes
        return _until(self.moment, min(closes, presence.closes) if presence and presence.closes else closes)

    def left(self, place: Place) -> float:
        """Seconds in which a counter could serve people today, were an officer there from now on."""
        if not self.calendar.present_on(place.agency_id, self.moment.date()):
            return 0.0
        opens, closes = max(0.0, _seconds(self.moment, self.schedule.opens)), self.until(place)
        rest = (max(opens, self.rest[0]), min(closes, self.rest[1])) if self.rest else (0.0, 0.0)
        return max(0.0, closes - opens - max(0.0, rest[1] - rest[0]))


# Statements are built once a process.
@cache
def _tickets() -> Select[Any]:
    return select(*COLUMNS).where(Ticket.hall_id == line.HALL, Ticket.local_day == line.DAY)


@cache
def _counters() -> Select[Any]:
    return (
        select(*(getattr(Counter, name) for name in Place._fields))
        .where(Counter.hall_id == line.HALL, Counter.retired_at.is_(None))
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
    rule, today = current_rule(session, hall.id), Day(moment, calendar, schedule, serves)
    given = {"p_hall": hall.id, "p_day": moment.date()}
    tickets = [Row(*row) for row in session.execute(_tickets(), given)]
    counters = [Place(*row) for row in session.execute(_counters(), {"p_hall": hall.id})]
    desks = _desks(session, hall, today, [place for place in counters if place.staffed], tickets)
    serving = set().union(*(desk.serves for desk in desks)) if desks else set()
    waiting = [_person(t) for t in tickets if t.state == TicketState.WAITING]
    samples = with_today(known.past, _ended(tickets))
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
        rest=today.rest,
        unstaffed=_unstaffed(today, counters, serving, known.past),
        asked=sorted(serving),
        # The same hall gives the same figures until something happens or some minutes have gone.
        seed=len(tickets) * 100 + len(called),
    )


def _desks(
    session: Session, hall: Hall, today: Day, counters: Sequence[Place], tickets: Sequence[Row]
) -> list[Desk]:
    """The counters with an officer."""
    gone = away(session, hall.id, today.moment)
    opens_in = max(0.0, _seconds(today.moment, today.schedule.opens))
    active = {t.counter_id: t for t in tickets if t.state in ACTIVE_STATES}
    found = []
    for place in counters:
        since = (place.active_at or today.moment) if place.paused else gone.get(place.id)
        paused = quiet(since, today.schedule, today.moment).total_seconds() if since else None
        found.append(
            Desk(
                place.id, place.prefix, today.serves.get(place.id, frozenset()), today.until(place),
                _busy(active.get(place.id), today.moment), paused, opens_in,
            )
        )  # fmt: skip
    return found


def _unstaffed(
    today: Day, counters: Sequence[Place], staffed: Collection[int], past: Samples
) -> dict[int, Unstaffed]:
    """Services that counters without an officer could serve and no counter with one does."""
    left: dict[int, list[float]] = defaultdict(list)
    for place in counters:
        for service in today.serves.get(place.id, frozenset()).difference(staffed):
            left[service].append(today.left(place))
    return {service: Unstaffed(seconds, usual_seconds(past, service)) for service, seconds in left.items()}


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
