"""kill -9 of the page workers in the middle of a call, and two tabs that press at once: exactly one call."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mpp.tenancy.provision import owner
from tests.badday.ground import Ground, kill, until
from tests.soak.people import take
from tests.soak.running import children
from tests.soak.visitor import Answer, UnreachedError, fresh_key

WAITS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO ticket_event%'"
)


def people(ground: Ground, most: int) -> None:
    citizen = ground.visitor()
    for _person in range(most):
        assert take(citizen, ground.hall.service)


@contextmanager
def history_locked(ground: Ground) -> Iterator[None]:
    """Nobody writes history: who has changed a ticket stands between its UPDATE and its COMMIT."""
    with owner(ground.settings) as connection, connection.transaction():
        connection.execute(f"LOCK TABLE {ground.region.schema}.ticket_event IN EXCLUSIVE MODE")
        yield


def test_a_call_that_dies_half_way_happens_once(ground: Ground) -> None:
    people(ground, 3)
    desk = ground.desk()
    press = {"csrf_token": desk.token, "loket": str(desk.counter), "kunci": fresh_key()}
    lost: list[str] = []

    def sends() -> None:
        try:
            desk.visitor.ask("POST", "/loket/panggil", press, script=True)
        except UnreachedError as error:
            lost.append(str(error))

    with history_locked(ground):
        sender = threading.Thread(target=sends)
        sender.start()
        until(lambda: ground.rows(WAITS)[0][0] == 1)
        assert ground.pages
        for worker in children(ground.pages.pid):
            kill(worker)
        sender.join(20)
        assert lost, "the answer never came"
        assert ground.rows("SELECT count(*) FROM ticket WHERE state = 'called'") == [(0,)]
    answer = desk.visitor.insist("POST", "/loket/panggil", press, script=True)
    assert (answer.status, json.loads(answer.text)["notice"]) == (200, None)
    # What the dead one had begun is given up by PostgreSQL, at the latest when it wants to answer.
    until(lambda: ground.rows(WAITS)[0][0] == 0)
    again = desk.visitor.insist("POST", "/loket/panggil", press, script=True)
    assert again.status == 200
    assert ground.rows("SELECT event_key FROM ticket_event WHERE kind = 'call'") == [(press["kunci"],)]
    assert ground.rows("SELECT count(*) FROM ticket WHERE state = 'called'") == [(1,)]


def test_two_tabs_of_one_officer_press_at_once(ground: Ground) -> None:
    people(ground, 6)
    desk = ground.desk()
    tabs = [desk.visitor, desk.visitor.same_person()]
    for round_ in range(1, 4):
        answers: list[Answer] = []
        together = threading.Barrier(2)

        def presses(tab: int) -> None:
            together.wait()  # noqa: B023  # joined within this round
            fields = {"csrf_token": desk.token, "loket": str(desk.counter), "kunci": fresh_key()}
            answers.append(tabs[tab].ask("POST", "/loket/panggil", fields, script=True))  # noqa: B023  # as above

        both = [threading.Thread(target=presses, args=(tab,)) for tab in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert [answer.status for answer in answers] == [200, 200]
        assert ground.calls() == round_, "one call"
        pages = [tab.ask("GET", "/loket/isi").text for tab in tabs]
        assert pages[0] == pages[1] and 'data-console-state="called"' in pages[0], "both show the same person"
        (ticket,) = ground.rows("SELECT id FROM ticket WHERE state = 'called'")[0]
        for word in ("mulai", "selesai"):
            fields = {"csrf_token": desk.token, "loket": str(desk.counter), "kunci": fresh_key()}
            assert tabs[0].ask("POST", f"/loket/nomor/{ticket}/{word}", fields, script=True).status == 200
