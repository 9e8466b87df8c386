"""The display on days that are not as planned: late events, wrong clocks, broken recordings, a screen that moves."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from mpp.database.session import write
from mpp.tenancy.provision import owner
from tenants.devices import service as devices
from tenants.hall.models import Counter
from tenants.queueing.models import Ticket
from tenants.queueing.policies import VISITOR
from tenants.sound.models import VoiceUnit
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.browser.displays import Stage, screen, until
from tests.sound.making import vorbis
from tests.support.hall import at
from tests.support.pictures import picture

pytestmark = pytest.mark.browser
# The page's own clock, to be set wrong by as many milliseconds.
SKEW = "window.skew = 0; { const { now } = Date; Date.now = () => now() + window.skew; }"
# A browser that comes to know its voices a moment after it was asked for them, as Chromium does.
VOICES = """
window.spoken = [];
{
  const speech = new EventTarget();
  let voices = [];
  const learn = () => {
    voices = [{ lang: "id-ID", localService: true }];
    speech.dispatchEvent(new Event("voiceschanged"));
  };
  speech.getVoices = () => { if (!voices.length) setTimeout(learn, 200); return voices; };
  speech.speak = (words) => { window.spoken.push(words.text); words.onend(); };
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  Object.defineProperty(window, "speechSynthesis", { value: speech });
}
"""


def next_event(stage: Stage, number: int | None = None) -> int:
    """Take the next id of an event, or let `number` be the next."""
    with owner(stage.app.settings) as connection:
        connection.execute(f"SET search_path TO {stage.region.schema}")
        sequence = "pg_get_serial_sequence('ticket_event', 'id')"
        if number is None:
            row = connection.execute(f"SELECT nextval({sequence})").fetchone()
        else:
            row = connection.execute(f"SELECT setval({sequence}, %s, false)", (number,)).fetchone()
    assert row
    return int(row[0])


def test_a_call_that_becomes_visible_late_is_said_and_blinks(stage: Stage, display: Page) -> None:
    display.evaluate(
        "window.blinks = 0; addEventListener('animationstart', (e) => { blinks += e.animationName === 'call-blink'; })"
    )
    early = next_event(stage)
    first = stage.call(0)
    until(display, "said.length === 1 && blinks === 1")
    stage.start(0, first)
    # Written before the first call, and committed after it: its event has the smaller id.
    next_event(stage, early)
    second = stage.call(1)
    next_event(stage, early + 100)
    until(display, "said.length === 2 && blinks === 2")
    assert display.evaluate("said.map((call) => call.number)") == [first.label, second.label]
    assert display.evaluate("said[1].id < said[0].id")
    expect(display.locator(".calling-number")).to_have_text(second.label)
    # Loaded again, it says nothing twice.
    display.reload()
    expect(display.locator("[data-sound-words]")).to_have_text("Suara menyala")
    third = stage.call(2)
    until(display, "said.length === 1")
    assert display.evaluate("said[0].number") == third.label
    kept = json.loads(display.evaluate("sessionStorage.getItem(`terdengar:${location.pathname}`)"))
    assert len(kept) == 3 and kept != sorted(kept)


def test_a_state_of_long_ago_is_no_clock(stage: Stage, kiosk: Browser) -> None:
    """In a still hall the stream's first state is old: a call of then is no news, whatever hour stands in it."""
    page = screen(kiosk, stage)
    ticket = stage.call(0)
    until(page, "said.length === 1")
    board = page.evaluate("fetch('/keadaan/utama').then((answer) => answer.json())")
    moment, long_ago = board["now"], 600_000
    old = {"now": moment - long_ago, "version": "1-old"}
    old["aloud"] = [{**board["aloud"][0], "id": 9_000_000, "at": moment - long_ago + 5000}]
    beat = f"event: beat\ndata: {moment}\n\n"

    def answer(route: Route) -> None:
        body = f"{beat}id: 1\ndata: {json.dumps({**board, **old})}\n\n"
        origin = {"Access-Control-Allow-Origin": stage.here.url("bukittinggi", "").rstrip("/")}
        route.fulfill(body=body, content_type="text/event-stream", headers=origin)

    page.route("**/events/**", answer)
    page.reload()
    until(page, "passed.length >= 1")
    assert page.evaluate("[passed[0].id, passed[0].why]") == [9_000_000, "stale"]
    assert ticket.label == page.evaluate("passed[0].number")
    page.context.close()


def test_a_display_that_polls_in_a_still_hall_sets_its_clock(stage: Stage, kiosk: Browser) -> None:
    page = screen(kiosk, stage, enrolled=False)
    page.add_init_script(SKEW)
    page.route("**/events/**", lambda route: route.abort())
    with page.expect_response(lambda answer: "/keadaan/" in answer.url and answer.status == 304):
        page.reload()
    clock = page.locator("[data-clock]")
    right = re.compile("|".join(f"{(stage.region.now().hour + h) % 24:02d}\\.\\d\\d" for h in (0, 1)))
    page.evaluate("window.skew = 5 * 3600 * 1000")
    with page.expect_response(lambda answer: "/keadaan/" in answer.url and answer.status == 304):
        pass
    page.wait_for_timeout(1200)
    expect(clock).to_have_text(right)
    page.context.close()


def test_a_recording_that_is_no_sound_is_replaced_by_the_nations(stage: Stage, display: Page) -> None:
    with at(stage.app, stage.region), write() as session:
        made = {"content_type": "audio/ogg", "sha256": "0" * 64, "milliseconds": 500}
        for unit in ("nol", "bel"):
            session.add(VoiceUnit(language="id", unit=unit, content=vorbis(), **made))
    display.reload()
    expect(display.locator("[data-sound-words]")).to_have_text("Suara menyala")
    stage.call(0)
    until(display, "said.length === 1")
    units = display.evaluate("said[0].units")
    assert units[:2] == ["id/bel", "id/nomor-antrean"] and "id/nol" in units and len(units) > 5
    until(display, f"heard.length === {len(units)}")


def test_names_are_said_where_they_are_on_and_never_a_word_in_their_place(
    stage: Stage, display: Page
) -> None:
    display.add_init_script(VOICES)
    stage.sound(names_spoken=True)
    display.reload()
    expect(display.locator("[data-sound-words]")).to_have_text("Suara menyala")
    first = stage.call(0)
    until(display, "spoken.length === 1")
    assert display.evaluate("spoken") == [first.holder]
    with at(stage.app, stage.region), write() as session:
        session.query(Ticket).filter_by(state="waiting").update({"holder": VISITOR})
    with display.expect_response(re.compile("/panggilan/")) as told:
        stage.call(1)
    assert told.value.status == 404
    until(display, "said.length === 2")
    display.wait_for_timeout(300)
    assert display.evaluate("spoken") == [first.holder]


def test_a_display_follows_what_the_administrator_changes(stage: Stage, kiosk: Browser) -> None:
    page = screen(kiosk, stage)
    page.clock.install()
    page.reload()
    expect(page.locator("[data-words]")).to_contain_text("Terhubung")

    def beat() -> None:
        with page.expect_response("**/layar-hidup") as answer:
            page.clock.fast_forward(40_000)
        assert answer.value.status == 200
        page.wait_for_timeout(200)
        page.clock.fast_forward(2000)

    with at(stage.app, stage.region):
        devices.let_speak(stage.device, False)
    beat()
    words = page.locator("[data-sound-words]")
    expect(words).to_have_text("Layar ini tanpa suara")
    expect(page.locator("[data-sound-on]")).to_be_hidden()
    stage.call(0)
    until(page, "passed.length === 1")
    assert page.evaluate("[passed[0].why, said.length]") == ["off", 0]
    with at(stage.app, stage.region):
        devices.let_speak(stage.device, True)
    beat()
    expect(words).to_have_text("Suara menyala")
    # It moves upstairs with its place, and comes back when upstairs has no counter any more.
    with at(stage.app, stage.region):
        with write() as session:
            session.get_one(Counter, stage.desks[0][0]).zone = "Lantai 2"
        devices.rename(stage.device, "TV lobi", "Lantai 2")
    beat()
    expect(page).to_have_url(re.compile("/layar/utama/lantai-2$"))
    expect(page.locator(".board-zone")).to_have_text("Lantai 2")
    with at(stage.app, stage.region), write() as session:
        session.get_one(Counter, stage.desks[0][0]).zone = None
    beat()
    expect(page).to_have_url(re.compile("/layar/utama$"))
    expect(page.locator(".board-zone")).to_have_count(0)
    expect(page.locator("[data-words]")).to_contain_text("Terhubung")
    # A newer release takes the page along.
    page.evaluate("window.old = true")
    page.evaluate("document.querySelector('[data-board]').dataset.release = 'yesterday'")
    with page.expect_event("load"):
        beat()
    assert page.evaluate("window.old") is None
    page.context.close()


def test_an_officer_who_is_away_is_seen_to_be(
    stage: Stage, chromium: Browser, visit: Callable[..., Page]
) -> None:
    with at(stage.app, stage.region), write() as session:
        for counter_id, _officer in stage.desks[:2]:
            counter = session.get_one(Counter, counter_id)
            counter.officer_since = counter.active_at = dt.datetime.now(tz=dt.UTC) - dt.timedelta(minutes=15)
        code = session.query(Ticket).filter_by(state="waiting").first().code
    words = "Petugas tidak di tempat"
    board = screen(chromium, stage, enrolled=False)
    expect(board.locator("[data-nobody]")).to_contain_text(f"{words}: loket 1, 2")
    picture(board, "display-absent-1920")
    board.context.close()
    for size, name in ((PHONE, "360"), (DESK, "1280")):
        page = visit(size)
        page.goto(stage.here.url("bukittinggi", f"/antrean/{code}"))
        expect(page.locator("[data-ticket-state]")).to_contain_text(f"{words}: loket 1, 2")
        picture(page, f"ticket-absent-{name}")
        page.goto(stage.here.url("bukittinggi", "/mpp"))
        expect(page.get_by_role("row", name=re.compile("Loket 1 ·"))).to_contain_text(words)
        picture(page, f"hall-absent-{name}")
    admin = visit(DESK)
    sign_in(admin, stage.here, "bukittinggi", "admin@bukittinggi.contoh")
    admin.goto(stage.here.url("bukittinggi", f"/admin/perangkat/{stage.device}"))
    admin.get_by_role("button", name="Matikan suara layar ini").click()
    expect(admin.get_by_role("button", name="Nyalakan suara layar ini")).to_be_visible()
    picture(admin, "device-display-1280")
    admin.goto(stage.here.url("bukittinggi", "/admin/perangkat"))
    picture(admin, "devices-1280")
