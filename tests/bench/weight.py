"""(e) Bytes and requests of the first view of a citizen's pages, as a phone sees them."""

from __future__ import annotations

from playwright.sync_api import Browser, sync_playwright

from tests.bench.report import figure
from tests.support.chromium import launch
from tests.support.live import Live

PAGES = {"home": "/", "service": "/layanan/ktp-el-baru", "services": "/layanan", "take": "/antrean/ambil"}


def run(here: Live) -> bool:
    """Print compressed bytes of the document, of everything, and the number of requests."""
    met = True
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name, path in PAGES.items():
            met &= _measure(browser, here, name, path)
        browser.close()
    return met


def _measure(browser: Browser, here: Live, name: str, path: str) -> bool:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="id-ID")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: dict[str, float] = {}
    first: list[str] = []
    session.on("Network.requestWillBeSent", lambda e: first.append(e["requestId"]))
    session.on("Network.loadingFinished", lambda e: sizes.__setitem__(e["requestId"], e["encodedDataLength"]))
    page.goto(here.url("bukittinggi", path))
    page.wait_for_load_state("networkidle")
    asked = [r for r in dict.fromkeys(first) if sizes.get(r)]
    met = figure("weight", f"{name}_html", sizes[asked[0]] / 1000, "kB", most=14)
    met &= figure("weight", f"{name}_all", sum(sizes[r] for r in asked) / 1000, "kB", most=60)
    met &= figure("weight", f"{name}_requests", len(asked), "requests", most=8)
    context.close()
    return met
