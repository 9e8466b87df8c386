"""Why before me: after any call in any line, everybody who waited is told what really decided about them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select, update

from mpp.database.session import read, write
from mpp.settings import Settings
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.queueing import line, service
from tenants.queueing.exceptions import OutOfOrder, Raised
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.rule import Rule, order
from tenants.queueing.rules import save_rule
from tenants.queueing.why import Answer, why_before_me
from tests.queueing.remembered import call_was
from tests.support.hall import more_counters, seat

SERVICE = "ktp-el-baru"
Desk = tuple[int, Officer]
RULE = Rule(max_priority_streak=1, max_overtake=20)


@pytest.fixture
def desks(hall: Region) -> list[Desk]:
    return [(counter, seat(counter)) for counter in more_counters(SERVICE, 2)]


def take(priority: str | None = None, minutes: float = 0, *, due: dt.datetime | None = None) -> Ticket:
    ticket = service.take_ticket(SERVICE, "S.", None, new_key(), "web", priority_class=priority, due_at=due)
    came = current_region().now() - dt.timedelta(minutes=minutes)
    with write() as session:
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(arrived_at=came, queued_at=came))
    return ticket


def asked(ticket_id: int, other_id: int) -> Answer:
    with read() as session:
        mine, theirs = (
            session.get_one(Ticket, each, populate_existing=True) for each in (ticket_id, other_id)
        )
        return why_before_me(session, mine, theirs)


@dataclass(frozen=True)
class Seen:
    """Somebody in line, copied before the call."""

    id: int
    kind: str
    arrived_at: dt.datetime
    due_at: dt.datetime | None
    queued_at: dt.datetime
    service_id: int
    number: int


@dataclass(frozen=True)
class Before:
    """A counter's line just before a call."""

    people: dict[int, Seen]
    streak: int
    horizons: Mapping[int, dt.datetime]


def look(at: Desk) -> Before:
    day = current_region().today()
    with read() as session:
        rows = session.scalars(
            select(Ticket).where(line.callable_here(Ticket, at[0], RULE, day)),
            execution_options={"populate_existing": True},
        )
        people = {
            t.id: Seen(t.id, t.kind, t.arrived_at, t.due_at, t.queued_at, t.service_id, t.number)
            for t in rows
        }
        hall_id = session.scalars(select(Ticket.hall_id).limit(1)).one()
        late = line.horizons_now(session, hall_id, RULE, day, current_region().now())
        found = Before(people, line.streak(session, at[0], RULE, day), late)
        session.rollback()
        return found


def reasons(before: Before, called: int, asker: int, now: dt.datetime) -> set[str]:
    """What turns the two round when it is taken away, found by the rule's order alone."""
    two = [before.people[called], before.people[asker]]

    def asker_first(rule: Rule = RULE, *, cap: bool = True, bound: bool = True) -> bool:
        streak, late = before.streak if cap else 0, before.horizons if bound else {}
        return order(two, rule, now, streak, late)[0].id == asker

    if asker_first():
        return {"out_of_order"}
    alone = {
        word for word, found in (
            ("streak", asker_first(cap=False)), ("overtaken", asker_first(bound=False)),
        ) if found
    }  # fmt: skip
    if alone:
        return alone
    if asker_first(cap=False, bound=False):
        return {"streak", "overtaken"}
    alike = replace(RULE, target_priority=9, target_booked=9, target_walk_in=9)
    return {"rank" if asker_first(alike, cap=False, bound=False) else "arrival"}


@pytest.mark.parametrize("seed", range(3))
def test_everybody_is_told_what_turns_the_two_round(app: Platform, desks: list[Desk], seed: int) -> None:
    dice = random.Random(seed)
    now = current_region().now()
    people = []
    for _person in range(9):
        due = now - dt.timedelta(minutes=dice.randint(-20, 40)) if dice.random() < 0.3 else None
        kind = dice.choice([None, None, "elderly", "infant"])
        people.append(take(kind, dice.randint(0, 60), due=due))
    save_rule(people[0].hall_id, RULE, "uji")
    told: list[tuple[int, int, Answer]] = []
    for turn in range(6):
        at = desks[turn % 2]
        before = look(at)
        called = call(at, dice, list(before.people))
        for asker in before.people:
            if asker != called.id:
                answer = asked(asker, called.id)
                assert called.called_at is not None
                assert answer.code in reasons(before, called.id, asker, called.called_at), (
                    seed,
                    turn,
                    answer,
                )
                told.append((asker, called.id, answer))
        go_on(called, at, dice, list(before.people), app.settings)
    for asker, called_id, answer in told:
        assert asked(asker, called_id) == answer, "what happens later changes no answer"


def call(at: Desk, dice: random.Random, waiting: list[int]) -> Ticket:
    if dice.random() < 0.4:
        return service.call_one(*at, dice.choice(waiting), OutOfOrder.MISTAKE)
    found = service.call_next(*at)
    assert found is not None
    return found


def go_on(called: Ticket, at: Desk, dice: random.Random, waiting: list[int], settings: Settings) -> None:
    """The person goes, and somebody who waits is corrected or sent elsewhere: of no account for what is past."""
    service.start(called.id, at[1])
    service.complete(called.id, at[1])
    call_was(settings, current_region(), called, dice.choice([1, 25]))
    other = dice.choice([one for one in waiting if one != called.id])
    service.reclassify(other, at[1], dice.choice(["disability", None]), category=Raised.SEEN)


def test_an_asker_beyond_the_first_fifty_gets_the_true_reason(desks: list[Desk]) -> None:
    """A call passes over as many as it likes: each of them is told that it was out of order, or why it was not."""
    people = [take(minutes=60 - place) for place in range(54)]
    last = service.call_one(*desks[0], people[-1].id, OutOfOrder.EMERGENCY)
    for asker in (people[0], people[51], people[52]):
        answer = asked(asker.id, last.id)
        assert answer.code == "out_of_order" and "keadaan darurat" in answer.short
    priority = take("elderly", 5)
    ahead = service.call_one(*desks[1], priority.id, OutOfOrder.OTHER, "diminta admin")
    assert ahead.id == priority.id and asked(people[52].id, priority.id).code == "rank"


def test_what_happened_to_the_asker_later_is_of_no_account(desks: list[Desk]) -> None:
    slow, fast, third = take(minutes=12), take("elderly", 6), take(minutes=3)
    assert service.call_next(*desks[0])
    service.complete(service.start(fast.id, desks[0][1]).id, desks[0][1])
    assert asked(slow.id, fast.id).code == "rank" and asked(third.id, fast.id).code == "arrival"
    service.reclassify(slow.id, desks[0][1], "elderly", category=Raised.DOCUMENT)
    assert asked(slow.id, fast.id).code == "rank"
    # Called and parked meanwhile; and sent to another line, which this counter does not serve.
    assert service.call_one(*desks[1], slow.id, None).state == TicketState.CALLED
    service.hold(slow.id, desks[1][1], "fotokopi")
    service.resume(slow.id, desks[1][1])
    assert asked(slow.id, fast.id).code == "rank"
