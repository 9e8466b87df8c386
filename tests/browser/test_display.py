"""The display in a real browser: it says what is called, one after the other, as the hall wants it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from mpp.database.session import read, write
from tenants.devices import service as devices
from tenants.devices.models import Device
from tenants.hall.models import Counter
from tests.browser.conftest import DESK, sign_in
from tests.browser.displays import Stage, screen, until
from tests.support.hall import at

pytestmark = pytest.mark.browser
SPOKEN = 20_000
SENTENCE = ["id/nomor-antrean", "id/a", "id/nol", "id/nol"]


def told(page: Page, count: int, name: str = "said") -> list[dict[str, Any]]:
    """What the page has announced (or passed over), once it is `count` things."""
    until(page, f"window.{name}.length >= {count}")
    found: list[dict[str, Any]] = page.evaluate(f"window.{name}")
    assert len(found) == count, found
    return found


def played(page: Page, count: int) -> list[dict[str, float]]:
    until(page, f"heard.length >= {count}")
    found: list[dict[str, float]] = page.evaluate("heard")
    return found


def gaps(sounds: list[dict[str, float]]) -> list[float]:
    """Seconds between the end of a sound and the start of the next."""
    return [
        round(after["when"] - before["when"] - before["seconds"], 3) for before, after in pairwise(sounds)
    ]


def test_calls_are_said_bell_first_one_after_the_other(stage: Stage, display: Page) -> None:
    first, second = stage.call(0), stage.call(1)
    one, two = told(display, 2)
    assert [one["number"], two["number"]] == [first.label, second.label]
    assert one["units"][:5] == ["id/bel", *SENTENCE] and one["units"][-2] == "id/silakan-menuju-loket"
    sounds = played(display, len(one["units"]) + len(two["units"]))
    assert len(sounds) == len(one["units"]) + len(two["units"])
    assert all(round(sound["volume"], 2) == 0.8 for sound in sounds)
    # The bell, a breath, and then every unit where the one before ends.
    head = gaps(sounds[: len(one["units"])])
    assert head[0] == 0.12 and set(head[1:]) == {0.0}
    # The second call begins when the first has ended.
    assert gaps(sounds)[len(one["units"]) - 1] >= 0
    stage.recall(1, second)
    assert told(display, 3)[2]["number"] == second.label
    before = len(played(display, len(sounds) + len(two["units"])))
    stage.sound(speak="both", volume=40)
    display.wait_for_timeout(600)
    stage.call(2)
    units = told(display, 4)[3]["units"]
    assert units[0] == "id/bel" and units[-2] == "en/please-go-to-counter"
    assert units.index("en/queue-number") > units.index("id/silakan-menuju-loket")
    sounds = played(display, before + len(units))[before:]
    assert {round(sound["volume"], 2) for sound in sounds} == {0.4}
    assert gaps(sounds)[units.index("en/queue-number") - 1] == 0.45


def test_quiet_hours_are_silent_by_the_regions_clock(stage: Stage, display: Page) -> None:
    # The page's own clock is in another zone; what counts is the server's, in Jakarta's.
    now = stage.region.now()
    hours = {
        "quiet_from": (now - dt.timedelta(minutes=30)).time(),
        "quiet_to": (now + dt.timedelta(minutes=30)).time(),
    }
    stage.sound(**hours)
    expect(display.locator("[data-sound-words]")).to_have_text("Jam tenang, tanpa suara")
    ticket = stage.call(0)
    assert told(display, 1, "passed")[0] == {
        "id": display.evaluate("passed[0].id"),
        "number": ticket.label,
        "why": "quiet",
    }
    expect(display.locator(".calling-number")).to_have_text(ticket.label)
    assert display.evaluate("[said.length, heard.length]") == [0, 0]
    stage.sound(quiet_from=None, quiet_to=None)
    expect(display.locator("[data-sound-words]")).to_have_text("Suara menyala")
    # Who has come while another is being called is not called any more.
    first, second = stage.call(1), stage.call(2)
    until(display, "said.length === 1")
    stage.start(2, second)
    until(display, "passed.length === 2")
    assert display.evaluate("[said[0].number, passed[1].number, passed[1].why]") == [
        first.label,
        second.label,
        "over",
    ]


def test_a_test_from_the_admins_page_sounds_on_the_display(
    stage: Stage, display: Page, visit: Callable[..., Page]
) -> None:
    admin = visit(DESK)
    sign_in(admin, stage.here, "bukittinggi", "admin@bukittinggi.contoh")
    admin.goto(stage.here.url("bukittinggi", "/admin/suara"))
    admin.evaluate("document.addEventListener('announced', ({ detail }) => { window.own = detail; })")
    admin.get_by_label("Volume, 0 sampai 100").fill("30")
    admin.get_by_role("button", name="Dengarkan di sini").click()
    expect(admin.locator("[data-sound-status]")).to_have_text("Selesai", timeout=SPOKEN)
    own = admin.evaluate("window.own")
    assert own["volume"] == 30 and [unit.rpartition("/")[2] for unit in own["units"]] == [
        f"{unit}.ogg"
        for unit in ("bel", "nomor-antrean", "a", "nol", "satu", "dua", "silakan-menuju-loket", "tiga")
    ]
    admin.get_by_role("button", name="Uji di layar").click()
    (test,) = told(display, 1)
    assert test["test"] and test["units"][1:6] == ["id/nomor-antrean", "id/a", "id/nol", "id/satu", "id/dua"]


def test_a_unit_that_does_not_come_leaves_the_bell(stage: Stage, kiosk: Browser) -> None:
    page = screen(kiosk, stage)
    for desk, lost in enumerate(("**/suara/id/nol.ogg*", "**/suara/**")):
        page.route(lost, lambda route: route.abort())
        page.reload()
        expect(page.locator("[data-sound-words]")).to_have_text("Suara menyala")
        ticket = stage.call(desk)
        assert told(page, 1)[0]["units"] == ["id/bel"]
        (bell,) = played(page, 1)
        assert round(bell["seconds"], 1) == 1.3
        expect(page.locator(".calling-number")).to_have_text(ticket.label)
    page.context.close()


def test_what_was_missed_is_said_once_and_only_while_it_is_news(stage: Stage, display: Page) -> None:
    """The announcer itself, on a clock of its own: nobody waits a minute for this."""
    found = display.evaluate("""async () => {
      const { src } = document.querySelector("script[src*='board.js']");
      const { Announcer, Voice } = await import(src.replace("board.js", "announcer.js"));
      const voice = new Voice((unit) => `/suara/${unit}.ogg`);
      await voice.wake();
      const made = new Announcer(voice, { clock: () => 1000000, zone: "Asia/Jakarta", heard: [9, 10] });
      const said = [], passed = [];
      made.addEventListener("announced", ({ detail }) => said.push(detail.id));
      made.addEventListener("passed", ({ detail }) => passed.push([detail.id, detail.why]));
      made.configure({ volume: 0, languages: [], names: false, quiet_from: null, quiet_to: null });
      const call = (id, counter, age) => ({ id, counter, number: "A-001", at: 1000000 - age, said: [] });
      const missed = [call(9, 1, 0), call(11, 1, 61000), call(12, 2, 5000), call(13, 2, 4000), call(14, 3, 3000)];
      made.hear(missed);
      made.hear(missed);
      while (made.speaking) await new Promise((done) => setTimeout(done, 100));
      made.hear([20, 21, 22, 23, 24, 25, 26, 27, 28].map((id) => call(id, id, 0)));
      made.hear([]);
      while (made.speaking) await new Promise((done) => setTimeout(done, 100));
      return { said, passed };
    }""")
    # Heard before; too old; a newer one of the same counter. Then nine at once, of which six may wait: the first of
    # these is being said when nobody is called any more.
    assert found["said"] == [13, 14, 23], found
    why = [[11, "stale"], [12, "newer"], *([number, "many"] for number in (20, 21, 22))]
    assert found["passed"] == why + [[number, "over"] for number in range(24, 29)]


def test_without_leave_to_sound_the_display_asks_for_one_touch(
    stage: Stage, chromium: Browser, kiosk: Browser
) -> None:
    page = screen(chromium, stage)
    expect(page.get_by_role("button", name="Ketuk untuk menyalakan suara")).to_be_visible()
    before = stage.call(0)
    assert told(page, 1, "passed")[0]["why"] == "off"
    page.mouse.click(600, 400)
    expect(page.locator("[data-sound-words]")).to_have_text("Suara menyala")
    after = stage.call(1)
    assert told(page, 1)[0]["number"] == after.label != before.label
    # Anybody else's board stays silent until its own button is pressed, whatever the browser would allow.
    anybodys = screen(kiosk, stage, enrolled=False)
    anybodys.mouse.click(600, 400)
    button = anybodys.get_by_role("button", name="Nyalakan suara")
    expect(button).to_be_visible()
    stage.call(2)
    assert told(anybodys, 1, "passed")[0]["why"] == "off" and anybodys.evaluate("heard.length") == 0
    button.click()
    expect(anybodys.locator("[data-sound-words]")).to_have_text("Suara menyala")
    for shown in (page, anybodys):
        shown.context.close()


def test_a_zone_without_a_stream_polls_its_own_calls(stage: Stage, kiosk: Browser) -> None:
    with at(stage.app, stage.region), write() as session:
        session.get_one(Counter, stage.desks[0][0]).zone = "Lantai 2"
    page = screen(kiosk, stage)
    page.route("**/events/**", lambda route: route.abort())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/keadaan/" in request.url else None)
    page.goto(stage.here.url("bukittinggi", "/layar/utama/lantai-2"))
    expect(page.locator(".board-zone")).to_have_text("Lantai 2")
    upstairs, downstairs = stage.call(0), stage.call(1)
    expect(page.locator(".calling-number")).to_have_text(upstairs.label, timeout=12_000)
    assert [said["number"] for said in told(page, 1)] == [upstairs.label]
    assert downstairs.label not in page.locator("[data-board]").inner_text().split("Berikutnya")[0]
    assert asked and all(url.endswith("/keadaan/utama?zona=lantai-2") for url in asked)
    expect(page.locator("[data-counters] > li")).to_have_count(1)
    page.context.close()


def test_an_enrolled_display_lives_renews_its_token_and_is_shut_out(stage: Stage, kiosk: Browser) -> None:
    page = screen(kiosk, stage)
    page.clock.install()
    page.reload()
    with at(stage.app, stage.region), write() as session:
        session.query(Device).update({"last_seen_at": None})
    # After half a day its session has run out: the sign of life is refused once, and comes through the next time.
    page.context.clear_cookies(name="sesi")
    for status in (400, 200):
        with page.expect_response("**/layar-hidup") as answer:
            page.clock.fast_forward(40_000)
        assert answer.value.status == status
        page.wait_for_timeout(1000)
    with at(stage.app, stage.region):
        with read() as session:
            assert session.get_one(Device, stage.device).last_seen_at is not None
        devices.revoke(stage.device)
    page.clock.fast_forward(40_000)
    expect(page.get_by_role("button", name="Nyalakan suara")).to_be_visible()
    page.context.close()
