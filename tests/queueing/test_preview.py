"""A day replayed: every call of it is there, however its tickets went on, and the rule holds in the replay."""

from __future__ import annotations

import datetime as dt

from mpp.database.session import read
from mpp.tenancy.region import Region, current_region
from tenants.queueing import preview, service
from tenants.queueing.models import Ticket
from tenants.queueing.policies import new_key
from tenants.queueing.preview import Desk, Visit, replay
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


def test_a_replay_keeps_cap_and_bound() -> None:
    """Forty priority people and ten others at one counter, five minutes each."""
    visits = [
        Visit(n, n, f"A-{n:03d}", PRIORITY if n % 5 else WALK_IN, 1, came, None, came, 300)
        for n in range(1, 51)
        for came in [NOW + dt.timedelta(minutes=n)]
    ]
    desk = Desk(1, "A", frozenset({1}), NOW + dt.timedelta(minutes=60), NOW)
    rule = Rule(max_overtake=240)
    kinds = {visit.label: visit.kind for visit in visits}
    calls = [kinds[label] for label, _at in replay(visits, [desk], rule).calls]
    row, others = 0, 10
    for kind in calls:
        assert kind != PRIORITY or row < rule.max_priority_streak or not others
        row = row + 1 if kind == PRIORITY else 0
        others -= kind != PRIORITY
    assert len(calls) == 50
