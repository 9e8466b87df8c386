"""A running platform and a real browser for every test in this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.chromium import launch
from tests.support.client import PASSWORD
from tests.support.hall import at, open_always
from tests.support.live import Live, live

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@pytest.fixture
def platform(settings: Settings, app: Platform, bukittinggi: Region, banyuwangi: Region) -> Iterator[Live]:
    """The platform's processes on this test's own database, every hall open."""
    for region in (bukittinggi, banyuwangi):
        with at(app, region):
            open_always()
    with live(settings) as here:
        yield here


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a process."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A fresh visitor: visit(PHONE), visit(DESK, scripts=False). Any error a script raises fails the test."""
    with ExitStack() as stack:
        errors: list[str] = []

        def open_(size: dict[str, int], *, scripts: bool = True, dark: bool = False) -> Page:
            context = chromium.new_context(
                viewport=size, locale="id-ID", java_script_enabled=scripts, timezone_id="Asia/Jakarta",
                color_scheme="dark" if dark else "light", has_touch=size is PHONE, is_mobile=size is PHONE,
            )  # fmt: skip
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda m: errors.append(m.text) if "Content Security" in m.text else None)
            return page

        yield open_
        assert errors == []


def sign_in(page: Page, here: Live, slug: str | None, email: str) -> None:
    """Sign in at a region (or the centre) through the page."""
    page.goto(here.url(slug, "/masuk"))
    page.get_by_label("Surel").fill(email)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(lambda url: "/masuk" not in url)
