"""Visitors with a real browser. One browser a process: a second one beside it can't be driven."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.chromium import launch

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


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
