"""A page as a person would meet it: whole, no wider than the screen; its picture for whoever wants to look."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

# Where pictures go when somebody wants to look at them.
PICTURES = os.environ.get("MPP_PICTURES")


def picture(page: Page, name: str, *, full_page: bool = True) -> None:
    """Fail when the page is wider than its screen; keep its picture where MPP_PICTURES says."""
    size = page.viewport_size
    assert size
    # A click that leads on has only begun to: the page is there when it has a body.
    page.wait_for_load_state()
    page.locator("body").wait_for(state="attached")
    assert page.locator("html").evaluate("html => html.scrollWidth") <= size["width"], f"{name} is too wide"
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=full_page)
