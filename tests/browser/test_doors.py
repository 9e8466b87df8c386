"""What a page's policies stop when something was injected all the same; what a screen reader hears of a form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.conftest import PHONE
from tests.support.live import Live

# As if a template had let them through: tags in the page that the server sent, with its own headers.
TAGS = """<script>globalThis.injected = "inline"</script><img src="/x" onerror="globalThis.injected = 'handler'">
<script src="data:text/javascript,globalThis.injected='data'"></script><script src="/tema.css?folder"></script>
<script type="module" src="OWN?ours"></script><script type="module" src="/static/x/js/app.js?old"></script>
<script src="https://zq.example/x.js?elsewhere"></script><iframe src="https://zq.example/?frame"></iframe>
<object data="/tema.css?object"></object><base href="https://zq.example/">"""
# As if a script of ours had done it: each has to be refused with a TypeError, or to do nothing.
ACTS = (
    "document.body.innerHTML += '<b>x</b>'",
    "document.createElement('script').src = '/static/x.js'",
    "document.createElement('script').text = '1'",
    "document.write('<b>x</b>')",
    "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
    "setTimeout('globalThis.injected = 1')",
    "trustedTypes.createPolicy('mpp2', { createHTML: (text) => text })",
)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A visitor whose browser complains aloud: here that is what is wanted."""
    context = chromium.new_context(viewport=PHONE, locale="id-ID")  # type: ignore[arg-type]  # a plain dict of sizes
    yield context.new_page()
    context.close()


def infected(page: Page, address: str) -> set[str]:
    """Open a page with the tags in it; returns which of their addresses the browser really fetched."""
    fetched: set[str] = set()

    def inject(route: Route) -> None:
        # Playwright itself knows no name under localhost.
        headers = {**route.request.headers, "host": urlsplit(address).netloc}
        port = urlsplit(address).port
        answer = route.fetch(url=f"http://127.0.0.1:{port}{urlsplit(address).path}", headers=headers)
        text = answer.text()
        own = re.search(r'src="(/static/\w+/js/app\.js)"', text)
        assert own
        route.fulfill(response=answer, body=text.replace("</main>", TAGS.replace("OWN", own[1]) + "</main>"))

    page.route(address, inject)
    page.on("response", lambda answer: fetched.add(answer.url.partition("?")[2]))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("globalThis.injected") is None
    assert page.evaluate("document.baseURI") == address
    return fetched & {"folder", "ours", "old", "elsewhere", "frame", "object"}


@pytest.mark.without_streams
def test_injected_scripts_stand_still(platform: Live, page: Page) -> None:
    told: list[str] = []
    page.on("request", lambda r: told.append(r.url) if r.url.endswith("/laporan-peramban") else None)
    assert infected(page, platform.url("bukittinggi", "/masuk")) == set()
    assert told, "nobody was told"
    # A page that is kept for everybody has no nonce: there our own folder may run, and nothing else.
    assert infected(page, platform.url("bukittinggi", "/layanan")) == {"ours"}


@pytest.mark.without_streams
def test_scripts_make_no_html_of_text(platform: Live, page: Page) -> None:
    page.goto(platform.url("bukittinggi", "/antrean/ambil?layanan=ktp-el-baru"))
    for act in ACTS:
        tried = f"() => {{ try {{ {act}; return 'done' }} catch (error) {{ return error.name }} }}"
        assert page.evaluate(tried) == "TypeError", act
    assert page.evaluate("globalThis.injected") is None


@pytest.mark.without_streams
def test_nobody_hears_or_reaches_the_field_for_scripts(platform: Live, page: Page) -> None:
    page.goto(platform.url("bukittinggi", "/antrean/ambil?layanan=ktp-el-baru"))
    heard = page.locator("main").aria_snapshot()
    assert "Nama atau inisial" in heard and "Biarkan kosong" not in heard
    stops = set()
    page.locator("input[name=nama]").focus()
    for _tab in range(12):
        stops.add(page.evaluate("document.activeElement?.name"))
        page.keyboard.press("Tab")
    assert {"nama", "hp", "prioritas"} <= stops and "situs" not in stops
