"""A running platform for every test in this folder; its visitors are tests.support.visitors."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.browser.displays import Stage, screen
from tests.support.chromium import another
from tests.support.client import PASSWORD
from tests.support.hall import at, open_always
from tests.support.live import Live, Processes
from tests.support.visitors import DESK, PHONE

__all__ = ["DESK", "PHONE", "sign_in"]


@pytest.fixture(scope="session")
def processes(settings: Settings) -> Iterator[Processes]:
    """The platform's processes, begun once for all tests."""
    found = Processes(settings)
    yield found
    found.stop()


@pytest.fixture
def platform(
    request: pytest.FixtureRequest,
    processes: Processes,
    app: Platform,
    bukittinggi: Region,
    banyuwangi: Region,
) -> Iterator[Live]:
    """The platform's processes on this test's own database, every hall open."""
    for region in (bukittinggi, banyuwangi):
        with at(app, region):
            open_always()
    streams = request.node.get_closest_marker("without_streams") is None
    with processes.serving(streams=streams) as here:
        yield here


@pytest.fixture
def stage(app: Platform, bukittinggi: Region, platform: Live) -> Stage:
    """A hall with three desks, people in line and an enrolled display."""
    made = Stage(app, bukittinggi, platform)
    made.set_up(3)
    return made


@pytest.fixture(scope="session")
def kiosk(chromium: Browser) -> Iterator[Browser]:
    """A browser as it runs on a wall: allowed to sound without a touch."""
    browser = another(chromium, "--autoplay-policy=no-user-gesture-required")
    yield browser
    browser.close()


@pytest.fixture
def display(stage: Stage, kiosk: Browser) -> Iterator[Page]:
    """The enrolled display, which sounds at once."""
    page = screen(kiosk, stage)
    expect(page.locator("[data-sound-words]")).to_have_text("Suara menyala")
    yield page
    page.context.close()


def sign_in(page: Page, here: Live, slug: str | None, email: str) -> None:
    """Sign in at a region (or the centre) through the page."""
    page.goto(here.url(slug, "/masuk"))
    page.get_by_label("Surel").fill(email)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.wait_for_url(lambda url: not url.endswith("/masuk"))
    if page.url.endswith("/masuk/kode"):
        second_step(page)
    page.wait_for_url(lambda url: "/masuk" not in url)


def second_step(page: Page, button: str = "Lanjutkan") -> None:
    """Give the code that the page shows for a demo account; a used one makes the next wait for its half minute."""
    until = time.monotonic() + 70
    while page.locator("[data-demo-code]").count() == 0:
        assert time.monotonic() < until, "no code ever came"
        page.wait_for_timeout(2000)
        page.reload()
    page.get_by_label("Kode dari aplikasi").fill(page.locator("[data-demo-code]").inner_text())
    page.get_by_role("button", name=button).click()
