"""The display as it looks: nothing cut off with many counters and long names, one blink a call, units heard."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from mpp.database.session import write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import AgencyPresence
from tenants.queueing.speech import LANGUAGES, spoken_words
from tests.browser.displays import WALL, Stage, screen
from tests.support.hall import at
from tests.support.live import Live
from tests.support.pictures import PICTURES

pytestmark = pytest.mark.browser
LONG_NAME = "Dinas Penanaman Modal, Pelayanan Terpadu Satu Pintu dan Tenaga Kerja Kabupaten Kepulauan Siau"
SIZES: dict[str, ViewportSize] = {
    "1920": WALL,
    "1280": {"width": 1280, "height": 720},
    "1080": {"width": 1080, "height": 1920},
    "1024": {"width": 1024, "height": 768},
}


@pytest.fixture
def stage(app: Platform, bukittinggi: Region, platform: Live) -> Stage:
    """A hall with three desks and people in line."""
    made = Stage(app, bukittinggi, platform)
    made.set_up(3)
    return made


CUT_OFF = """() => [...document.querySelectorAll('.board *, .hall-top *, .running-text *, .board')]
  .filter((e) => e.checkVisibility() && !(e instanceof SVGElement) && !e.classList.contains('visually-hidden'))
  .filter((e) => (e.scrollWidth > e.clientWidth && getComputedStyle(e).display !== 'inline')
    || (e.matches('.board, .board-now, .board-calls, .board-counters, .running') && e.scrollHeight > e.clientHeight))
  .map((e) => `${e.className || e.tagName}: ${[e.scrollWidth, e.scrollHeight, e.clientWidth, e.clientHeight]}`)"""


@pytest.mark.parametrize("counters", [6, 12, 26, 40])
def test_nothing_is_cut_off(stage: Stage, chromium: Browser, counters: int) -> None:
    with at(stage.app, stage.region), write() as session:
        session.query(AgencyPresence).update({"local_name": LONG_NAME})
    stage.strip(counters)
    stage.start(0, stage.call(0))
    stage.call(1)
    wrong = {}
    for name, size in SIZES.items():
        page = screen(chromium, stage, enrolled=False, size=size)
        expect(page.locator("[data-counters] > li")).to_have_count(counters)
        expect(page.get_by_role("button", name="Nyalakan suara")).to_be_visible()
        expect(page.locator("[data-nobody]")).to_contain_text("Petugas tidak di tempat: loket")
        assert page.locator("[data-next] > li").count() >= 4
        if found := page.evaluate(CUT_OFF):
            wrong[name] = found
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"display-{counters}-{name}.png")
        page.context.close()
    assert wrong == {}


def test_a_call_blinks_once_and_not_at_all_for_who_wants_no_motion(stage: Stage, chromium: Browser) -> None:
    for reduced, blinks in (("no-preference", ["call-blink"]), ("reduce", [])):
        page = screen(chromium, stage, enrolled=False, reduced_motion=reduced)
        number = page.locator(".calling-number")
        page.evaluate(
            "window.blinks = []; addEventListener('animationstart', (e) => blinks.push(e.animationName))"
        )
        ticket = stage.call(0 if blinks else 1)
        expect(number).to_have_text(ticket.label)
        page.wait_for_timeout(1500)
        assert page.evaluate("blinks") == blinks
        assert number.evaluate("e => getComputedStyle(e).animationIterationCount") == "1"
        page.context.close()


def test_every_national_unit_can_be_heard(stage: Stage, chromium: Browser) -> None:
    page = screen(chromium, stage, enrolled=False)
    names = [f"{language}/{unit}" for language in LANGUAGES for unit in spoken_words(language)]
    found = page.evaluate(
        """async (names) => {
      const context = new OfflineAudioContext(1, 48000, 48000);
      return Promise.all(names.map(async (name) => {
        const sound = await context.decodeAudioData(await (await fetch(`/suara/${name}.ogg`)).arrayBuffer());
        const samples = sound.getChannelData(0).map(Math.abs);
        const quiet = samples.filter((value) => value < 0.011).length / samples.length;
        return [name, sound.duration, Math.max(...samples), quiet];
      }));
    }""",
        names,
    )
    assert len(found) == 100
    for name, seconds, peak, quiet in found:
        assert 0.2 < seconds < 2 and 0.75 < peak < 0.999 and quiet < 0.6, (name, seconds, peak, quiet)
    page.context.close()
