"""Valkey down, the event stream down: the hall goes on from PostgreSQL, and screens still tell within seconds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.badday.ground import Ground, stop, until
from tests.browser.conftest import DESK
from tests.soak.people import Desk, take
from tests.soak.screens import Boards
from tests.soak.visitor import fresh_key


def serve_one(ground: Ground, desk: Desk) -> str:
    """Somebody takes a number, is called, served and done; returns the number."""
    citizen = ground.visitor()
    assert take(citizen, ground.hall.service)
    label = ground.ledger.tickets[-1].label
    call(ground, desk)
    (ticket,) = ground.rows("SELECT id FROM ticket WHERE state = 'called'")[0]
    for word in ("mulai", "selesai"):
        fields = {"csrf_token": desk.token, "loket": str(desk.counter), "kunci": fresh_key()}
        assert desk.visitor.ask("POST", f"/loket/nomor/{ticket}/{word}", fields, script=True).status == 200
    return label


def call(ground: Ground, desk: Desk) -> None:
    fields = {"csrf_token": desk.token, "loket": str(desk.counter), "kunci": fresh_key()}
    answer = desk.visitor.ask("POST", "/loket/panggil", fields, script=True)
    assert (answer.status, json.loads(answer.text)["notice"]) == (200, None)


def test_without_valkey_the_hall_goes_on_and_the_work_is_caught_up(ground: Ground) -> None:
    desk = ground.desk()
    with ground.jobs():
        heard = iter(Boards(ground.live.events_port, ground.hall, 10))
        next(heard)
        stop(ground.valkey)
        began = time.monotonic()
        label = serve_one(ground, desk)
        assert time.monotonic() - began < 5, "nobody waits for Valkey"
        while label not in json.dumps(next(heard)):
            pass
        assert time.monotonic() - began < 8, "the stream looks by itself"
        (job,) = ground.rows("INSERT INTO outbox (kind, payload) VALUES ('rollup', '{}') RETURNING id")[0]
        time.sleep(2)
        done = "SELECT done_at IS NOT NULL FROM outbox WHERE id = %s"
        assert ground.rows(done, job) == [(False,)]
        serve_one(ground, desk)
        ground.valkey.start()
        until(lambda: ground.rows(done, job) == [(True,)])
        until(lambda: ground.rows("SELECT count(*) FROM outbox WHERE done_at IS NULL") == [(0,)])
    heard.close()
    assert ground.calls() == 2


@pytest.mark.browser
def test_without_the_stream_display_and_console_ask_by_themselves(
    ground: Ground, visit: Callable[..., Page]
) -> None:
    display = visit(DESK)
    # Eight hours behind: a display's clock is the server's, whatever the machine believes.
    display.clock.install(time=time.time() - 8 * 3600)
    display.goto(ground.live.url("bukittinggi", f"/layar/{ground.hall.hall_slug}"))
    until(lambda: clock_right(ground, display), 10)
    desk = ground.desk()
    citizen = ground.visitor()
    for _person in range(3):
        assert take(citizen, ground.hall.service)
    shown = display.locator("[data-people]")
    expect(shown).to_have_text("3", timeout=5_000)
    assert ground.events
    ground.events.kill()
    ground.events.wait()
    call(ground, desk)
    label = ground.ledger.tickets[0].label
    number = display.locator(".calling-number")
    expect(number).to_have_text(label, timeout=12_000)
    assert clock_right(ground, display)
    ground.start_events()
    serve = ground.rows("SELECT id FROM ticket WHERE state = 'called'")[0][0]
    for word in ("mulai", "selesai"):
        fields = {"csrf_token": desk.token, "loket": str(desk.counter), "kunci": fresh_key()}
        assert desk.visitor.ask("POST", f"/loket/nomor/{serve}/{word}", fields, script=True).status == 200
    call(ground, desk)
    expect(number).to_have_text(ground.ledger.tickets[1].label, timeout=12_000)


def clock_right(ground: Ground, display: Page) -> bool:
    """Whether the display shows the hour of the region's zone, to the minute."""
    now = ground.region.now()
    shown = display.locator("[data-clock]").inner_text()
    hours, minutes = int(shown[:2]), int(shown[3:5])
    away = abs((now.hour * 60 + now.minute) - (hours * 60 + minutes))
    return min(away, 1440 - away) <= 1
