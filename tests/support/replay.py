"""Somebody's cookies, sent again from elsewhere."""

from __future__ import annotations

from tests.support.client import Browser


def cookies(browser: Browser) -> str:
    """Return a browser's cookies as a header."""
    assert browser.client._cookies is not None
    return "; ".join(f"{c.decoded_key}={c.value}" for c in browser.client._cookies.values())


def replay(browser: Browser, path: str, jar: str) -> int:
    """Send another browser's cookies, as they are; returns the status. A client with a jar would send its own."""
    client = browser.app.test_client(use_cookies=False)
    return client.get(path, base_url=browser.base, headers={"Cookie": jar}).status_code


def send(browser: Browser, path: str, jar: str, **fields: str) -> int:
    """Send a form with cookies as they are; returns the status."""
    client = browser.app.test_client(use_cookies=False)
    answer = client.post(path, base_url=browser.base, data=fields, headers={"Cookie": jar})
    return answer.status_code
