"""Forms as people use them: change a few fields, press save, read what is wrong."""

from __future__ import annotations

from typing import Any

from tests.support.client import Browser, Page


def save(browser: Browser, path: str, **fields: Any) -> Page:
    """Open `path`, change these fields in its own form and send it."""
    return browser.submit(path, path, **fields)


def values(page: Page, path: str) -> dict[str, str]:
    """The inputs of the page's own form as they stand, token aside; unticked boxes are left out."""
    return {
        name: field.get("value") or ""
        for field in page.form(path).iter("input")
        if (name := field.get("name")) and name != "csrf_token"
        if field.get("type") not in {"checkbox", "radio"} or field.get("checked") is not None
    }


def complaint(page: Page, field: str) -> str:
    """The sentence of the summary that leads to a field, empty when there is none."""
    summaries = [element for element in page.all("div") if element.get("role") == "alert"]
    found = [link for summary in summaries for link in summary.iter("a") if link.get("href") == f"#{field}"]
    return "".join("".join(link.itertext()) for link in found)


def shown(page: Page, name: str) -> str | None:
    """What stands in an input."""
    return page.all("input", name=name)[0].get("value")
