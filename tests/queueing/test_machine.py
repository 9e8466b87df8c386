"""Any sequence of acts, legal or not: the service layer never leaves what a ticket's life allows."""

from __future__ import annotations

from collections import Counter as Tally
from contextlib import suppress

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, update

from mpp.database.session import read, write
from mpp.settings import Settings
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, CounterState
from tenants.queueing import desk, line, service
from tenants.queueing.errors import QueueError
from tenants.queueing.exceptions import OutOfOrder, Raised
from tenants.queueing.models import QueueCall, Ticket, TicketEvent
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.rule import Rule, order, streak_of
from tests.queueing.histories import assert_legal
from tests.queueing.remembered import calls_of, forget_everything
from tests.support.hall import more_counters, seat

SERVICE, OTHER = "ktp-el-baru", "kk-baru"
CLASSES = [None, "elderly", "disability", "pregnant", "infant"]
index = st.integers(0, 30)
place = st.integers(0, 2)


@pytest.mark.parametrize("examples", [8, pytest.param(100, marks=pytest.mark.long)])
def test_no_sequence_of_acts_breaks_a_history(app: Platform, hall: Region, examples: int) -> None:
    Machine.desks = [(counter, seat(counter)) for counter in more_counters(SERVICE, 3)]
    Machine.where, Machine.schema = app.settings, hall.schema
    limits = settings(
        max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Machine, settings=limits)


class Machine(RuleBasedStateMachine):
    """Officers at three counters, takers and staff; what is refused must change nothing."""

    desks: list[tuple[int, Officer]] = []
    where: Settings
    schema: str

    @initialize()
    def empty(self) -> None:
        self.ids: list[int] = []
        self.keys: list[tuple[str, str, int]] = []
        with read() as session:
            session.rollback()
            session.expunge_all()
        forget_everything(self.where, self.schema)
        with write() as session:
            for counter, officer in self.desks:
                seated = {"officer_id": officer.id, "state": CounterState.OPEN}
                session.execute(update(Counter).where(Counter.id == counter).values(**seated))

    @rule(priority=st.sampled_from(CLASSES), other=st.booleans())
    def take(self, priority: str | None, other: bool) -> None:
        slug = OTHER if other else SERVICE
        ticket = service.take_ticket(slug, "S.", None, new_key(), "web", priority_class=priority)
        self.ids.append(ticket.id)

    @rule(at=place)
    def call(self, at: int) -> None:
        with suppress(QueueError):
            service.call_next(*self.desks[at], new_key())

    @rule(at=place, which=index)
    def call_one(self, at: int, which: int) -> None:
        if self.ids:
            with suppress(QueueError):
                service.call_one(*self.desks[at], self.one(which), OutOfOrder.MISTAKE)

    @rule(at=place, which=index, kind=st.sampled_from(["recall", "start", "complete", "no_show"]))
    def step(self, at: int, which: int, kind: str) -> None:
        if self.ids:
            key = new_key()
            with suppress(QueueError):
                getattr(service, kind)(self.busy(at, which), self.desks[at][1], key)
                self.keys.append((kind, key, at))

    @rule(at=place, which=index, here=st.booleans())
    def park_or_go_on(self, at: int, which: int, here: bool) -> None:
        if self.ids:
            with suppress(QueueError):
                service.hold(self.busy(at, which), self.desks[at][1], "berkas")
                return
            with suppress(QueueError):
                service.resume(self.one(which), self.desks[at][1], here=here)

    @rule(at=place, which=index, to=st.none() | place)
    def send(self, at: int, which: int, to: int | None) -> None:
        if self.ids:
            target = None if to is None else self.desks[to][0]
            with suppress(QueueError):
                slug = OTHER if to is None else None
                who = self.desks[at][1]
                service.transfer(self.busy(at, which), who, service=slug, counter_id=target, reason="ke sana")

    @rule(which=index)
    def come_back(self, which: int) -> None:
        if self.ids:
            with suppress(QueueError):
                service.reactivate(self.one(which), "di toilet")

    @rule(which=index)
    def leave(self, which: int) -> None:
        if self.ids:
            with read() as session:
                code = session.get_one(Ticket, self.one(which)).code
            with suppress(QueueError):
                service.leave(code)

    @rule(at=place, which=index, priority=st.sampled_from(CLASSES))
    def correct(self, at: int, which: int, priority: str | None) -> None:
        if self.ids:
            with suppress(QueueError):
                service.reclassify(self.one(which), self.desks[at][1], priority, category=Raised.SEEN)

    @rule(at=place)
    def rest_or_work(self, at: int) -> None:
        counter, officer = self.desks[at]
        with suppress(QueueError):
            desk.pause(counter, officer, "istirahat")
            desk.resume(counter, officer)

    @rule(at=place)
    def close_and_sit(self, at: int) -> None:
        counter, officer = self.desks[at]
        with suppress(QueueError):
            desk.close(counter, officer)
            desk.sit(counter, officer)

    @rule()
    def replay(self) -> None:
        """Every keyed act once more: nothing new happens."""
        before = self.events()
        with read() as session:
            tickets = {e.event_key: e.ticket_id for e in session.scalars(select(TicketEvent)) if e.event_key}
        for kind, key, at in self.keys:
            if key in tickets:
                getattr(service, kind)(tickets[key], self.desks[at][1], key)
        assert self.events() == before

    @invariant()
    def holds(self) -> None:
        with read() as session:
            options = {"populate_existing": True}
            tickets = session.scalars(select(Ticket), execution_options=options).all()
            events = session.scalars(select(TicketEvent).order_by(TicketEvent.id)).all()
        for ticket in tickets:
            assert_legal([e for e in events if e.ticket_id == ticket.id], ticket)
            assert ticket.arrived_at == ticket.issued_at, "the original arrival never changes"
            waits = ticket.state == "waiting"
            assert not waits or (ticket.counter_id, ticket.called_at, ticket.serving_at) == (None, None, None)
        active = Tally(t.counter_id for t in tickets if t.state in {"called", "serving"})
        assert all(count == 1 for count in active.values()), "one counter, one person"
        numbers = [(t.prefix, t.number) for t in tickets]
        assert len(set(numbers)) == len(numbers)

    @invariant()
    def the_rule_remembers_exactly_the_calls(self) -> None:
        """However tickets went on: rows of memory, SQL and pure rule say what the events say."""
        region, rule = current_region(), Rule()
        now, day = region.now(), region.today()
        with read() as session:
            events = session.scalars(select(TicketEvent).order_by(TicketEvent.id)).all()
            kept = session.scalars(select(QueueCall).order_by(QueueCall.event_id)).all()
            calls = [event for event in events if event.kind == "call"]
            assert [(c.event_id, c.ticket_id, c.counter_id) for c in kept] == [
                (event.id, event.ticket_id, event.counter_id) for event in calls
            ]
            letters = calls_of(session, events)
            for counter_id, _officer in self.desks:
                counter = session.get_one(Counter, counter_id)
                streak = line.streak(session, counter_id, rule, day)
                told = streak_of(reversed(letters[counter.prefix]))
                assert streak == min(told, rule.max_priority_streak)
                here = select(Ticket).where(line.callable_here(Ticket, counter_id, rule, day))
                in_sql = line.in_order(here, Ticket, counter_id, rule, day, line.moment(now))
                horizons = line.horizons_now(session, counter.hall_id, rule, day, now)
                people = session.scalars(here, execution_options={"populate_existing": True}).all()
                ordered = [ticket.id for ticket in order(people, rule, now, streak, horizons)]
                assert [ticket.id for ticket in session.scalars(in_sql)] == ordered

    def one(self, which: int) -> int:
        return self.ids[which % len(self.ids)]

    def busy(self, at: int, which: int) -> int:
        """Mostly who is at that counter, so that deep histories come about; sometimes anybody."""
        if which % 5:
            with read() as session:
                query = select(Ticket.id).where(Ticket.counter_id == self.desks[at][0])
                found = session.scalar(query.where(Ticket.state.in_(("called", "serving"))))
            if found is not None:
                return found
        return self.one(which)

    def events(self) -> int:
        with read() as session:
            return len(session.scalars(select(TicketEvent.id)).all())
