"""Debian's Chromium, driven by Playwright, reaching for nothing but this machine."""

from __future__ import annotations

import os
import shutil

from playwright.sync_api import Browser, Playwright

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


def launch(playwright: Playwright) -> Browser:
    """Return a fresh browser. Raises AssertionError when Chromium is not installed."""
    return playwright.chromium.launch(executable_path=_path(), args=ARGUMENTS)


def another(browser: Browser, *arguments: str) -> Browser:
    """Return a second browser beside `browser`, started with more arguments."""
    return browser.browser_type.launch(executable_path=_path(), args=[*ARGUMENTS, *arguments])


def _path() -> str:
    """The same engine without windows first: a whole browser draws its own frame for each visitor, twice the work."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    path = os.environ.get("MPP_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert path, "Chromium tidak ditemukan (Debian: apt-get install chromium-headless-shell)"
    return path
