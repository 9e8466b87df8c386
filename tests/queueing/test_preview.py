"""A day replayed: every call of it is there, however its tickets went on, and the rule holds in the replay."""

from __future__ import annotations

import datetime as dt
from typing import Any

from mpp.database.session import read, write
from mpp.jobs.handlers import Job
from mpp.settings import Settings
from mpp.tenancy.region import Region, current_region
from tenants.hall.models import Hall
from tenants.paper.service import Line, Outcome, enter, lend_block
from tenants.queueing import desk, jobs, preview, service
from tenants.queueing.models import Ticket
from tenants.queueing.pastday import Desk, Visit, desks_of, past_day
from tenants.queueing.policies import new_key
from tenants.queueing.preview import replay
from tenants.queueing.rule import PRIORITY, WALK_IN, Rule
from tests.support.hall import more_counters, seat

SERVICE = "ktp-el-baru"
NOW = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)


def take(priority: str | None = None) -> Ticket:
    return service.take_ticket(SERVICE, "S.", None, new_key(), "web", priority_class=priority)


def test_who_was_sent_on_or_came_back_was_called_twice(hall: Region) -> None:
    (counter, officer), (second, colleague) = ((c, seat(c)) for c in more_counters(SERVICE, 2))
    sent, missed, plain = take("elderly"), take(), take()
    assert service.call_next(counter, officer)
    service.transfer(sent.id, officer, counter_id=second, reason="berkas di sana")
    assert service.call_next(second, colleague)
    service.complete(service.start(sent.id, colleague).id, colleague)
    for _turn in range(2):
        found = service.call_next(counter, officer)
        assert found and found.id == missed.id
        service.no_show(missed.id, officer)
        if not found.reactivated:
            service.reactivate(missed.id, "di toilet")
    # Parked, and never called again: the call that was made is part of the day all the same.
    assert service.call_next(counter, officer)
    service.hold(plain.id, officer, "fotokopi")
    service.leave(plain.code)
    with read() as session:
        day, rule = current_region().today(), Rule()
        assert preview.days_with_calls(session, plain.hall_id) == [day]
        same = preview.compare(session, plain.hall_id, day, rule, rule)
    assert same.people == 3 and same.moved == ()
    assert sorted(label for label, _at in same.now.calls) == sorted(
        [sent.label, sent.label, missed.label, missed.label, plain.label]
    )
    assert same.now.waits[PRIORITY].people == 2 and same.now.waits[WALK_IN].people == 3


def open_at(key: int, *spans: tuple[float, float]) -> Desk:
    """A counter that takes people between these minutes."""
    minute = dt.timedelta(minutes=1)
    return Desk(key, "A", frozenset({1}), tuple((NOW + a * minute, NOW + b * minute) for a, b in spans))


def visit(key: int, minutes: float, **more: Any) -> Visit:
    """Somebody who came so many minutes after the beginning and takes five."""
    came = NOW + dt.timedelta(minutes=minutes)
    return Visit(key, key, f"A-{key:03d}", WALK_IN, 1, came, None, came, 300, **more)


def minutes_of(visits: list[Visit], *desks: Desk) -> dict[int, float]:
    """When each visit is called in the replay, in minutes."""
    found = replay(visits, desks, Rule())
    return {key: (at - NOW).total_seconds() / 60 for key, at in found.moments.items()}


def test_a_counter_calls_only_while_it_is_open() -> None:
    line = [visit(1, 0), visit(2, 1), visit(3, 30), visit(4, 200)]
    assert minutes_of(line, open_at(1, (0, 4), (20, 60))) == {1: 0, 2: 20, 3: 30}
    assert replay(line, [open_at(1, (0, 4), (20, 60))], Rule()).left == 1, (
        "nobody comes back for the last one"
    )
    assert minutes_of(line, open_at(1, (0, 4), (20, 60)), open_at(2, (201, 300)))[4] == 201


def test_who_gives_up_is_called_only_before_and_who_was_sent_waits_for_that_counter() -> None:
    gone = visit(2, 1, until=NOW + dt.timedelta(minutes=4))
    assert minutes_of([visit(1, 0), gone, visit(3, 2)], open_at(1, (0, 60))) == {1: 0, 3: 5}
    assert replay([visit(1, 0), gone], [open_at(1, (0, 60))], Rule()).left == 0, "they left by themselves"
    sent = visit(1, 0, only=2)
    assert minutes_of([sent], open_at(1, (0, 60)), open_at(2, (30, 60))) == {1: 30}
    assert minutes_of([sent], open_at(1, (0, 60))) == {}
    let_go = visit(1, 0, only=2, free_from=NOW + dt.timedelta(minutes=10))
    assert minutes_of([let_go], open_at(1, (0, 60))) == {1: 10}


def test_a_real_day_is_read_as_it_was(hall: Region) -> None:
    """Spans by the log of the counters, everybody in line, paper, and a target that closed."""
    first, second = more_counters(SERVICE, 2)
    officers = {key: seat(key) for key in (first, second)}
    for key, officer in officers.items():
        desk.close(key, officer)
        desk.sit(key, officer)
    sent, plain, left = take(), take(), take()
    assert service.call_next(first, officers[first])
    service.transfer(sent.id, officers[first], counter_id=second, reason="berkas di sana")
    desk.pause(first, officers[first])
    desk.resume(first, officers[first])
    desk.close(second, officers[second])
    for ticket in (sent, plain):
        called = service.call_next(first, officers[first])
        assert called and called.id == ticket.id
        service.start(ticket.id, officers[first])
        service.complete(ticket.id, officers[first])
    block = lend_block(plain.hall_id, plain.prefix, 5)
    now = current_region().now().time().replace(second=0, microsecond=0)
    typed = enter(
        block.id,
        Line(block.first, SERVICE, now, outcome=Outcome.SERVED, counter_id=first, began=now, ended=now),
    ).ticket
    with read() as session:
        there, day = session.get_one(Hall, plain.hall_id), current_region().today()
        past = past_day(session, there.id, day)
        desks = {d.id: d for d in desks_of(session, there, day, Rule(), past)}
        compared = preview.compare(session, there.id, day, Rule(), Rule())
    of = {v.number: [o for o in past.visits if o.number == v.number] for v in past.visits}
    assert [bool(v.called_at) for v in of[sent.number]] == [True, True]
    assert of[sent.number][1].only == second and of[sent.number][1].free_from is not None
    assert [v.called_at for v in of[left.number]] == [None] and of[left.number][0].until is None
    (paper,) = of[block.first]
    assert paper.called_at == typed.called_at and typed.called_at is not None
    assert len(desks[second].spans) == 1 and desks[second].spans[0][1] < current_region().now()
    assert len(desks[first].spans) >= 2, "the pause is none of its time"
    assert compared.people == 4 and compared.real.left == 1 and len(compared.real.calls) == 4
    assert compared.off is not None and compared.off < 2


def test_a_visit_closed_by_midnight_takes_what_others_take(hall: Region, settings: Settings) -> None:
    (counter,) = more_counters(SERVICE, 1)
    officer = seat(counter)
    tickets = [take(), take()]
    for ticket in tickets:
        service.call_next(counter, officer)
        service.start(ticket.id, officer)
        if ticket is tickets[0]:
            service.complete(ticket.id, officer)
    today = current_region().today()
    with write() as session:
        jobs.close_day(Job(session, {"day": today.isoformat()}, settings, current_region()))
    with read() as session:
        usual, closed = past_day(session, tickets[0].hall_id, today).visits
    assert closed.called_at is not None and closed.seconds == usual.seconds


def test_a_replay_keeps_cap_and_bound() -> None:
    """Forty priority people and ten others at one counter, five minutes each."""
    visits = [
        Visit(n, n, f"A-{n:03d}", PRIORITY if n % 5 else WALK_IN, 1, came, None, came, 300)
        for n in range(1, 51)
        for came in [NOW + dt.timedelta(minutes=n)]
    ]
    counter = open_at(1, (60, 600))
    rule = Rule(max_overtake=240)
    kinds = {visit.label: visit.kind for visit in visits}
    calls = [kinds[label] for label, _at in replay(visits, [counter], rule).calls]
    row, others = 0, 10
    for kind in calls:
        assert kind != PRIORITY or row < rule.max_priority_streak or not others
        row = row + 1 if kind == PRIORITY else 0
        others -= kind != PRIORITY
    assert len(calls) == 50
