"""The cap of priority calls in a row holds for counters that call at the same moment, and through every way back."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select, text, update

from mpp.database.session import apart, read, write
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.hall.models import Counter
from tenants.queueing import line, memory, service
from tenants.queueing.exceptions import OutOfOrder
from tenants.queueing.models import QueueCall, Ticket, TicketEvent
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.rule import Rule
from tests.queueing.remembered import call_was
from tests.support.hall import at, more_counters, seat, together

SERVICE = "ktp-el-baru"
RULE = Rule()


def take(priority: str | None = None, minutes: float = 0) -> Ticket:
    """A ticket, taken `minutes` ago."""
    ticket = service.take_ticket(SERVICE, "S.", None, new_key(), "web", priority_class=priority)
    came = current_region().now() - dt.timedelta(minutes=minutes)
    with write() as session:
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(arrived_at=came, queued_at=came))
    return ticket


def streak(counter: int) -> int:
    with read() as session:
        return line.streak(session, counter, RULE, current_region().today())


@pytest.fixture
def desks(hall: Region) -> list[tuple[int, Officer]]:
    """Eight counters of one letter."""
    return [(counter, seat(counter)) for counter in more_counters(SERVICE, 8)]


def test_simultaneous_calls_keep_the_cap(
    app: Platform, hall: Region, desks: list[tuple[int, Officer]]
) -> None:
    """80 priority people came first and 30 others wait: eight officers call as fast as they can."""
    for number in range(110):
        take("elderly" if number < 80 else None, minutes=300 - number)
    others, cap = 30, RULE.max_priority_streak

    def serves(counter: int, officer: Officer) -> int:
        done = 0
        while (ticket := service.call_next(counter, officer, new_key())) is not None:
            service.no_show(ticket.id, officer)
            done += 1
        return done

    called = together(app, hall, [partial(serves, *desk) for desk in desks])
    assert sum(called) == 110
    with read() as session:
        events = session.scalars(
            select(TicketEvent).where(TicketEvent.kind == "call").order_by(TicketEvent.id)
        ).all()
        kept = session.scalars(select(QueueCall.event_id).order_by(QueueCall.at, QueueCall.event_id)).all()
    assert len({event.ticket_id for event in events}) == 110, "nobody twice"
    row, told = 0, []
    for event in events:
        priority = event.data["rule"]["kind"] == "priority"
        told.append((event.data["rule"]["streak"], min(row, cap)))
        assert not priority or row < cap or not others, (
            f"{row + 1} priority calls in a row while {others} others wait"
        )
        row = row + 1 if priority else 0
        others -= not priority
    assert all(said == real for said, real in told), "each call saw all calls before it"
    assert kept == [event.id for event in events], "the rule remembers each call, in the order of events"


def test_another_letter_does_not_wait_and_the_same_one_does(
    app: Platform, hall: Region, desks: list[tuple[int, Officer]]
) -> None:
    (first, officer), (mate, colleague), (other, stranger) = desks[:3]
    with write() as session:
        session.execute(update(Counter).where(Counter.id == other).values(prefix="Q"))
    for _person in range(4):
        take()
    held, let_go = threading.Event(), threading.Event()

    def holds() -> None:
        with apart() as session:
            assert memory.enter(session, first, officer)
            held.set()
            let_go.wait(10)

    def calls(counter: int, who: Officer, name: str) -> None:
        held.wait(10)
        assert service.call_next(counter, who)
        ended[name] = time.monotonic()
        if name == "other":
            time.sleep(0.3)
            let_go.set()

    ended: dict[str, float] = {}
    mine, theirs = partial(calls, mate, colleague, "mate"), partial(calls, other, stranger, "other")
    jobs: list[Callable[[], None]] = [holds, mine, theirs]
    together(app, hall, jobs)
    assert ended["mate"] - ended["other"] >= 0.3, (
        "the mate waited until the group was free, the stranger did not"
    )


def test_a_row_that_names_a_ticket_does_not_hide_it(
    app: Platform, hall: Region, desks: list[tuple[int, Officer]]
) -> None:
    """An announcement of the wait being written at this moment locks the ticket's key; it is called all the same."""
    first, _second = take(minutes=9), take(minutes=5)
    with apart() as session:
        session.execute(text("SELECT 1 FROM ticket WHERE id = :id FOR KEY SHARE"), {"id": first.id})
        called = service.call_next(*desks[0])
        assert called and called.id == first.id


def test_the_way_back_into_line_does_not_wipe_the_memory(
    app: Platform, hall: Region, desks: list[tuple[int, Officer]]
) -> None:
    (counter, officer), (second, _colleague) = desks[:2]
    slow = take(minutes=2)
    one, two, three = (take("infant", minutes=12 - n) for n in range(3))
    # Parked and back, and sent to another counter: their calls stay calls.
    assert (service.call_next(counter, officer) or slow).id == one.id
    service.hold(one.id, officer, "fotokopi")
    service.resume(one.id, officer)
    assert streak(counter) == 1
    service.call_one(counter, officer, two.id, OutOfOrder.MISTAKE)
    service.transfer(two.id, officer, counter_id=second, reason="berkas di sana")
    assert streak(counter) == 2
    found = service.call_next(counter, officer)
    assert found and found.id == slow.id, "two priority calls are over, although both are waiting again"
    service.no_show(slow.id, officer)
    service.reactivate(slow.id, "di toilet")
    assert streak(counter) == 0 and three.id
    with read() as session:
        kept = session.scalars(select(QueueCall.ticket_id).order_by(QueueCall.event_id)).all()
    assert kept == [one.id, two.id, slow.id]


def test_who_was_overtaken_stays_so_when_the_overtaker_is_sent_on(
    app: Platform, hall: Region, desks: list[tuple[int, Officer]]
) -> None:
    (counter, officer), (second, colleague) = desks[:2]
    slow, fast, later = take(minutes=40), take("pregnant", minutes=38), take("infant", minutes=35)
    assert (service.call_next(counter, officer) or slow).id == fast.id
    call_was(app.settings, hall, fast, 31)
    service.transfer(fast.id, officer, counter_id=second, reason="berkas di sana")
    found = service.call_next(second, colleague)
    assert found and found.id == slow.id != later.id


def test_a_counter_that_changes_its_letter_leaves_its_calls_behind(
    app: Platform, hall: Region, desks: list[tuple[int, Officer]]
) -> None:
    (counter, officer), (mate, _colleague) = desks[:2]
    take("elderly", minutes=9)
    assert service.call_next(counter, officer)
    with write() as session:
        session.execute(update(Counter).where(Counter.id == counter).values(prefix="Q"))
    assert (streak(counter), streak(mate)) == (0, 1)


def test_a_neighbours_hall_has_a_turn_of_its_own(
    app: Platform, hall: Region, banyuwangi: Region, desks: list[tuple[int, Officer]]
) -> None:
    """Same hall id, same letter, another region: no waiting."""
    with apart() as session:
        assert memory.enter(session, *desks[0])

        def neighbour() -> bool:
            with at(app, banyuwangi):
                officer = seat(desks[0][0], "tetangga")
                with write() as theirs:
                    theirs.execute(text("SET LOCAL lock_timeout TO '1s'"))
                    return memory.enter(theirs, desks[0][0], officer) is not None

        (entered,) = together(app, banyuwangi, [neighbour])
    assert entered
