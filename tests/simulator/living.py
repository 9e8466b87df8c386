"""A day of a simulated hall through the real service layer, on PostgreSQL: numbers taken, called, served, parked,
missed and given back, officers who sit down, pause and leave, and everybody looking at their phone.

Arrivals, service times, gaps and pauses are drawn as in `day`; here people call through `tenants.queueing`.
"""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select

from mpp.database.session import read, write
from mpp.jobs.handlers import Job
from mpp.settings import Settings
from mpp.tenancy.region import current_region
from tenants.queueing import desk as desks
from tenants.queueing import jobs as queue_jobs
from tenants.queueing import service
from tenants.queueing.errors import IllegalMoveError, NotOfferedError
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.policies import new_key
from tenants.waiting import jobs as waiting_jobs
from tenants.waiting import service as waiting
from tests.simulator.clock import Clock
from tests.simulator.day import Visit, arrivals, begin, next_pause, seconds_of
from tests.simulator.parameters import SimDesk, SimHall
from tests.simulator.rows import Rows, local

LOOK_SECONDS = 900.0
# What the pure days don't have: people who give up, who are sent for a paper, officers who leave without a word.
GIVES_UP, PARKED, SILENT_PAUSE = 0.02, 0.04, 0.3


@dataclass(frozen=True, slots=True)
class Look:
    """What the holder of a ticket read at a moment; `first`: just after taking it. Seconds."""

    ticket: int
    at: dt.datetime
    low: float
    high: float
    method: str
    first: bool
    rivals: tuple[float, ...] = ()


@dataclass(slots=True)
class Lived:
    """A lived day: each look, each call of a ticket, and what else happened."""

    looks: list[Look] = field(default_factory=list)
    calls: dict[int, list[dt.datetime]] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)
    happened: dict[str, int] = field(default_factory=dict)

    def real(self, look: Look) -> float | None:
        """Seconds from a look to the next call of that ticket, None when it never came."""
        called = next((at for at in self.calls.get(look.ticket, ()) if at > look.at), None)
        return None if called is None else (called - look.at).total_seconds()

    def note(self, what: str) -> None:
        self.happened[what] = self.happened.get(what, 0) + 1


Rivals = Callable[[Ticket, list[Ticket]], tuple[float, ...]]


class LivingDay:
    """One day while it goes on."""

    def __init__(
        self, clock: Clock, settings: Settings, hall: SimHall, rows: Rows, number: int, rivals: Rivals
    ) -> None:
        self.clock, self.settings, self.hall, self.rows, self.rivals = clock, settings, hall, rows, rivals
        self.number, self.lived = number, Lived()
        self.day, self.dice, self.pace = begin(hall, number)
        # Dice of their own: what only this day has leaves the arrivals as they are on the pure one.
        self.more = random.Random(f"{hall.seed}-{number}-more")
        self.events: list[tuple[float, int, Callable[[], object]]] = []
        self.order = itertools.count()
        self.idle: set[int] = set()
        self.pause_due: dict[int, float] = {}
        self.visits: dict[int, Visit] = {}
        self.served: list[tuple[int, float]] = []

    def plan(self, at: float, act: Callable[[], object]) -> None:
        heapq.heappush(self.events, (at, next(self.order), act))

    def live(self) -> Lived:
        """Live it from the first arrival to the job of midnight."""
        for visit in arrivals(self.hall, self.day, self.dice):
            self.plan(visit.came, partial(self.come, visit))
        for desk in self.hall.desks:
            self.plan(self.day.opens + self.dice.expovariate(1 / 240), partial(self.sit, desk))
            self.pause_due[desk.key] = self.day.opens + next_pause(self.hall, self.dice)
        for tick in range(1, int((self.day.closes - self.day.opens) / LOOK_SECONDS)):
            self.plan(self.day.opens + tick * LOOK_SECONDS, self.look)
        while self.events:
            self.day.now, _n, act = heapq.heappop(self.events)
            self.clock.set(self.now)
            act()
        self.end()
        return self.lived

    @property
    def now(self) -> dt.datetime:
        return local(self.day.at(self.day.now))

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        self.plan(self.day.now + seconds, act)

    def come(self, visit: Visit) -> None:
        due = visit.person.due_at
        try:
            ticket = service.take_ticket(
                self.rows.slugs[visit.person.service_id], "S.A.", None, new_key(), "web",
                priority_class=visit.wave, due_at=local(due) if due else None,
            )  # fmt: skip
        except NotOfferedError:
            self.lived.note("refused")
            return
        self.lived.note("taken")
        self.visits[ticket.id] = visit
        self.read([ticket], first=True)
        if self.more.random() < GIVES_UP:
            self.later(self.more.uniform(600, 2400), partial(self.give_up, ticket))
        self.wake(visit.person.service_id)

    def give_up(self, ticket: Ticket) -> None:
        try:
            service.leave(ticket.code)
        except IllegalMoveError:
            return
        self.lived.note("gave up")
        self.lived.cancelled.add(ticket.id)

    def sit(self, desk: SimDesk) -> None:
        desks.sit(self.rows.counters[desk.key], self.rows.officers[desk.key])
        self.call(desk)

    def back(self, desk: SimDesk) -> None:
        desks.resume(self.rows.counters[desk.key], self.rows.officers[desk.key])
        self.call(desk)

    def call(self, desk: SimDesk) -> None:
        day, counter, officer = self.day, self.rows.counters[desk.key], self.rows.officers[desk.key]
        if day.now >= day.closes:
            return
        if day.rest[0] <= day.now < day.rest[1]:
            self.plan(day.rest[1] + self.dice.expovariate(1 / 120), partial(self.call, desk))
            return
        ticket = service.call_next(counter, officer)
        if ticket is None:
            self.idle.add(desk.key)
            return
        self.lived.calls.setdefault(ticket.id, []).append(self.now)
        visit = self.visits[ticket.id]
        seconds = seconds_of(self.hall, visit, desk, self.pace, self.number)
        if visit.absent:
            self.later(seconds, partial(self.missed, desk, ticket.id))
            return
        again = len(self.lived.calls[ticket.id]) > 1
        walk = min(self.more.uniform(15, 40), seconds / 2)
        self.later(walk, partial(service.start, ticket.id, officer))
        if not again and self.more.random() < PARKED:
            self.later(walk + (seconds - walk) / 2, partial(self.park, desk, ticket.id))
        else:
            self.later(seconds / 2 if again else seconds, partial(self.ended, desk, ticket.id, seconds))

    def missed(self, desk: SimDesk, ticket: int) -> None:
        service.no_show(ticket, self.rows.officers[desk.key])
        self.lived.note("missed")
        self.free(desk)

    def park(self, desk: SimDesk, ticket: int) -> None:
        officer = self.rows.officers[desk.key]
        service.hold(ticket, officer, "melengkapi berkas")
        self.lived.note("parked")
        self.later(self.more.uniform(600, 1800), partial(self.unpark, ticket, desk))
        self.free(desk)

    def unpark(self, ticket: int, desk: SimDesk) -> None:
        if ticket in self.lived.cancelled:
            return
        service.resume(ticket, self.rows.officers[desk.key])
        self.wake(self.visits[ticket].person.service_id)

    def wake(self, wanted: int) -> None:
        for desk in self.hall.desks:
            if desk.key in self.idle and wanted in desk.serves:
                self.idle.discard(desk.key)
                self.later(self.dice.uniform(2, 15), partial(self.call, desk))
                break

    def ended(self, desk: SimDesk, ticket: int, seconds: float) -> None:
        service.complete(ticket, self.rows.officers[desk.key])
        self.served.append((self.visits[ticket].person.service_id, seconds))
        self.lived.note("completed")
        self.free(desk)

    def free(self, desk: SimDesk) -> None:
        if self.pause_due[desk.key] > self.day.now:
            self.later(self.dice.gammavariate(2, self.hall.gap / 2), partial(self.call, desk))
            return
        back = self.dice.uniform(180, 900)
        self.pause_due[desk.key] = self.day.now + back + next_pause(self.hall, self.dice)
        if self.more.random() < SILENT_PAUSE:
            self.lived.note("silent pause")
            self.later(back, partial(self.call, desk))
        else:
            desks.pause(self.rows.counters[desk.key], self.rows.officers[desk.key], "istirahat")
            self.lived.note("pause")
            self.later(back, partial(self.back, desk))

    def look(self) -> None:
        """Everybody in line looks at their phone, after the minute's job."""
        with write() as session:
            waiting_jobs.tend(Job(session, {}, self.settings, current_region()))
        with read() as session:
            line = session.scalars(
                select(Ticket).where(Ticket.state == TicketState.WAITING).order_by(Ticket.arrived_at)
            ).all()
        self.read(list(line))

    def read(self, tickets: list[Ticket], *, first: bool = False) -> None:
        """What each of them reads now is logged by the product, and kept here."""
        with read() as session:
            line = tickets
            if first:
                line = list(
                    session.scalars(
                        select(Ticket).where(Ticket.state == TicketState.WAITING).order_by(Ticket.arrived_at)
                    )
                )
            told = [(ticket, waiting.told(session, ticket)) for ticket in tickets]
        for ticket, what in told:
            if what is None:
                continue
            waiting.show(ticket, what)
            if what.range is None:
                self.lived.note("late" if what.late else "nothing said")
                continue
            low, high = what.range.low * 60.0, what.range.high * 60.0
            self.lived.looks.append(
                Look(ticket.id, self.now, low, high, what.method, first, self.rivals(ticket, line))
            )

    def end(self) -> None:
        """Officers go home; after midnight the day is closed and what was announced is scored."""
        for desk in self.hall.desks:
            desks.close(self.rows.counters[desk.key], self.rows.officers[desk.key])
        self.clock.set(local(self.day.start) + dt.timedelta(days=1, minutes=5))
        day = {"day": self.day.start.date().isoformat()}
        with write() as session:
            queue_jobs.close_day(Job(session, day, self.settings, current_region()))
        with write() as session:
            waiting.score(session)
