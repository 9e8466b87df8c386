"""The first journey, whole: the admin turns a service on, brands the portal and opens a counter; a citizen finds
the service and takes a number; an officer calls it; the display shows it; Banyuwangi sees nothing of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from mpp.database.session import read, serve
from mpp.settings import ROOT
from mpp.tenancy.region import Region
from mpp.web import bots
from mpp.web.flask import Platform
from tenants.hall.models import Counter, CounterService
from tenants.services.models import RegionService
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.support.live import Live

pytestmark = pytest.mark.browser
SERVICE = "ktp-el-baru"
SHOTS = ROOT / "test-results" / "journey"
TAPS = 3
# Milliseconds that the console's main button rests once its meaning has changed.
REST = 900


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def counters_of(app: Platform, region: Region) -> list[tuple[int, int]]:
    """Id and number of the counters that serve the service."""
    with app.app_context(), serve(region), read() as session:
        rows = (
            session.query(Counter.id, Counter.number)
            .join(CounterService, CounterService.counter_id == Counter.id)
            .join(RegionService, RegionService.service_id == CounterService.service_id)
            .filter(RegionService.service.has(slug=SERVICE))
            .order_by(Counter.number)
        )
        return [(row.id, row.number) for row in rows]


def administer(page: Page, here: Live, counter_id: int) -> None:
    """Turn the service off and on, publish another colour, close and open the counter."""
    sign_in(page, here, "bukittinggi", "admin@bukittinggi.contoh")
    page.goto(here.url("bukittinggi", f"/admin/layanan/{SERVICE}"))
    page.locator("summary", has_text="Nonaktifkan layanan").click()
    page.get_by_role("button", name=re.compile("Ya, nonaktifkan|Nonaktifkan")).last.click()
    page.goto(here.url("bukittinggi", f"/layanan/{SERVICE}"))
    assert page.get_by_role("link", name="Ambil nomor antrean").count() == 0
    page.goto(here.url("bukittinggi", f"/admin/layanan/{SERVICE}"))
    page.get_by_role("button", name="Aktifkan lagi").click()
    page.goto(here.url("bukittinggi", "/admin/tampilan"))
    page.locator("input[name=color_1]").fill("#1b4f72")
    page.get_by_role("button", name="Terbitkan sekarang").click()
    page.wait_for_load_state()
    shot(page, "1-admin-branding")
    page.goto(here.url("bukittinggi", f"/admin/loket/{counter_id}"))
    closing = page.locator("details", has=page.locator("summary", has_text="Tutup loket"))
    closing.locator("summary").click()
    closing.get_by_label("Alasan").fill("Perbaikan meja")
    closing.get_by_role("button", name=re.compile("Ya, tutup")).click()
    page.goto(here.url("bukittinggi", f"/admin/loket/{counter_id}"))
    page.get_by_role("button", name="Buka loket").click()


def take_a_number(page: Page, here: Live, *, scripts: bool = True) -> str:
    """From the home page to a number, as on a phone; returns the number."""
    page.goto(here.url("bukittinggi"))
    page.get_by_role("searchbox").or_(page.locator("input[name=q]")).first.fill("bikin ktp baru")
    page.get_by_role("button", name="Cari").first.click()
    page.get_by_role("link", name=re.compile("KTP-el baru")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("KTP-el baru")
    shot(page, f"2-service-{page.viewport_size['width'] if page.viewport_size else 0}")
    page.get_by_role("link", name="Ambil nomor antrean").first.click()
    page.get_by_label(re.compile("[Nn]ama")).fill("R. S.")
    if not scripts:
        # Nothing proves this visitor: the form is taken from a person's pace on.
        page.wait_for_timeout(bots.SECONDS_HUMAN * 1000)
    page.get_by_role("button", name="Ambil nomor").click()
    page.wait_for_url(re.compile(r"/antrean/[A-Z0-9]{8,}"))
    number = re.search(r"[A-Z]{1,2}-\d{3}", page.locator("main").inner_text())
    assert number, page.locator("main").inner_text()
    return number[0]


def sit(page: Page, here: Live, number: int) -> None:
    sign_in(page, here, "bukittinggi", "petugas@bukittinggi.contoh")
    page.goto(here.url("bukittinggi", "/loket/pilih"))
    page.get_by_role("button", name=f"Duduk di loket {number}", exact=True).click()
    page.wait_for_url(re.compile(r"/loket$"))


def test_the_first_journey(
    app: Platform, bukittinggi: Region, platform: Live, visit: Callable[..., Page]
) -> None:
    counter_id, counter_number = counters_of(app, bukittinggi)[0]
    admin, officer, citizen = visit(DESK), visit(DESK), visit(PHONE)
    board, other_board = visit({"width": 1920, "height": 1080}), visit({"width": 1920, "height": 1080})

    administer(admin, platform, counter_id)
    _status, home = platform.fetch("bukittinggi")
    theme = re.search(r'href="(/tema\.css[^"]*)"', home)
    assert theme and "#1b4f72" in platform.fetch("bukittinggi", theme[1].replace("&amp;", "&"))[1]

    number = take_a_number(citizen, platform)
    shot(citizen, "3-ticket")
    board.goto(platform.url("bukittinggi", "/layar/utama"))
    other_board.goto(platform.url("banyuwangi", "/layar/utama"))
    expect(board.locator("[data-connection]")).to_contain_text("Terhubung", timeout=10_000)

    sit(officer, platform, counter_number)
    officer.keyboard.press("n")
    expect(officer.locator("main")).to_contain_text(number)
    began = time.monotonic()
    expect(board.locator(".calling-number")).to_have_text(number, timeout=3000)
    # The stream's own bound is a second; a loaded machine may add its share.
    assert time.monotonic() - began < 3
    shot(board, "4-display")
    shot(officer, "4-console")
    expect(citizen.locator("main")).to_contain_text(f"oket {counter_number}", timeout=40_000)
    shot(citizen, "5-ticket-called")
    officer.wait_for_timeout(REST)
    officer.keyboard.press("m")
    expect(officer.locator("main")).to_contain_text("Sedang dilayani")
    officer.wait_for_timeout(REST)
    officer.keyboard.press("s")
    expect(officer.locator("main")).to_contain_text("Siap memanggil")

    code = citizen.url.rpartition("/")[2]
    assert platform.fetch("banyuwangi", f"/antrean/{code}")[0] == 404
    assert number not in other_board.locator("main").inner_text()
    for path in ("/", "/antrean", "/mpp"):
        assert "Bukittinggi" not in platform.fetch("banyuwangi", path)[1]


def test_a_citizen_without_scripts(
    app: Platform, bukittinggi: Region, platform: Live, visit: Callable[..., Page]
) -> None:
    citizen = visit(PHONE, scripts=False)
    number = take_a_number(citizen, platform, scripts=False)
    assert re.fullmatch(r"[A-Z]{1,2}-001", number)
    citizen.locator("summary", has_text="Batalkan nomor ini").click()
    citizen.get_by_role("button", name=re.compile("Ya, batalkan")).click()
    expect(citizen.locator("main")).to_contain_text("dibatalkan")


def test_three_taps_from_the_queue_page(platform: Live, visit: Callable[..., Page]) -> None:
    """Service, initials, the button: what the queue page itself asks."""
    citizen = visit(PHONE)
    citizen.goto(platform.url("bukittinggi", "/antrean/ambil"))
    taps = 0
    citizen.get_by_role("link", name=re.compile("KTP-el baru")).first.click()
    taps += 1
    citizen.get_by_label(re.compile("[Nn]ama")).fill("A.")
    taps += 1
    citizen.get_by_role("button", name="Ambil nomor").click()
    taps += 1
    citizen.wait_for_url(re.compile(r"/antrean/[A-Z0-9]{8,}"))
    assert taps <= TAPS


def test_a_wrong_phone_keeps_what_was_typed(platform: Live, visit: Callable[..., Page]) -> None:
    citizen = visit(PHONE)
    citizen.goto(platform.url("bukittinggi", f"/antrean/ambil?layanan={SERVICE}"))
    citizen.get_by_label(re.compile("[Nn]ama")).fill("Sutan")
    citizen.locator("input[name=hp]").fill("12")
    citizen.get_by_role("button", name="Ambil nomor").click()
    expect(citizen.get_by_role("alert")).to_be_visible()
    expect(citizen.get_by_label(re.compile("[Nn]ama"))).to_have_value("Sutan")
    expect(citizen.locator("input[name=hp]")).to_have_value("12")
