"""The ticket's page on a phone in every state, as it changes by itself while it is looked at."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing import service
from tenants.queueing.exceptions import OutOfOrder
from tenants.queueing.policies import new_key
from tests.browser.conftest import PHONE
from tests.support.hall import at, more_counters, seat
from tests.support.live import Live
from tests.support.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.without_streams]
SERVICE = "ktp-el-baru"
# The page looks every eight seconds.
PATIENCE = 25_000


def look(page: Page, name: str) -> None:
    """Nothing sticks out, everything is large enough for a finger."""
    picture(page, name)
    small = page.evaluate(
        "[...document.querySelectorAll('main button, main a.button, main summary, main label.choice')]"
        ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => e.textContent.trim())"
    )
    assert small == [], f"{name}: too small for a finger"


def test_a_phone_follows_a_visit_through_all_its_states(
    app: Platform, bukittinggi: Region, platform: Live, visit: Callable[..., Page]
) -> None:
    with at(app, bukittinggi):
        desks = [(counter, seat(counter)) for counter in more_counters(SERVICE, 2)]
    page = visit(PHONE)
    page.goto(platform.url("bukittinggi", f"/antrean/ambil?layanan={SERVICE}"))
    page.get_by_label("Nama atau inisial").fill("Siti")
    page.locator("label.choice", has_text="Membawa balita").click()
    look(page, "take-360")
    page.get_by_role("button", name="Ambil nomor").click()
    page.wait_for_url("**/antrean/*")
    code = page.url.rpartition("/")[2]
    with at(app, bukittinggi):
        other = service.take_ticket(SERVICE, "Ani", None, new_key(), "web")
    state = page.locator("[data-ticket-state]")
    look(page, "ticket-waiting-360")
    counter, officer = desks[0]

    def shows(name: str, words: str) -> None:
        # A phone that has its line back asks at once; without it the test would wait for eight seconds a state.
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(state).to_have_attribute("data-ticket-state", name, timeout=PATIENCE)
        expect(state).to_contain_text(words)
        look(page, f"ticket-{name}-360")

    with at(app, bukittinggi):
        ticket = service.call_next(counter, officer)
        assert ticket and ticket.code == code and ticket.priority_class == "infant"
    shows("called", "Silakan ke Loket 1 sekarang.")
    expect(page.locator("[data-leave]")).to_be_hidden()
    with at(app, bukittinggi):
        service.hold(ticket.id, officer, "fotokopi")
    shows("on_hold", "petugas akan memanggil Anda lagi")
    expect(page.locator("[data-leave]")).to_be_visible()
    with at(app, bukittinggi):
        service.resume(ticket.id, officer, here=True)
    shows("serving", "Anda sedang dilayani")
    with at(app, bukittinggi):
        service.transfer(ticket.id, officer, service="kk-baru", reason="sekalian")
    expect(page.locator(".visit-steps")).to_be_visible(timeout=PATIENCE)
    shows("waiting", "dengan nomor yang sama")
    look(page, "ticket-sent-360")
    expect(page.locator(".ticket-about strong").first).to_contain_text("Kartu keluarga")
    with at(app, bukittinggi):
        service.call_one(counter, officer, ticket.id, OutOfOrder.CONTINUED)
        service.no_show(ticket.id, officer)
    shows("no_show", "bisa dipulihkan satu kali")
    with at(app, bukittinggi):
        service.reactivate(ticket.id, "di toilet")
    shows("waiting", "dipulihkan")
    look(page, "ticket-restored-360")
    page.get_by_text("Batalkan nomor ini").click()
    page.get_by_role("button", name="Ya, batalkan nomor saya").click()
    shows("cancelled", "sudah dibatalkan")
    with at(app, bukittinggi):
        called = service.call_next(counter, officer)
        assert called and called.id == other.id
        service.complete(service.start(other.id, officer).id, officer)
    page.goto(platform.url("bukittinggi", f"/antrean/{other.code}"))
    shows("completed", "Terima kasih")
    page.goto(platform.url("bukittinggi", f"/antrean/{other.code}?bahasa=en"))
    expect(state).to_contain_text("Thank you")
