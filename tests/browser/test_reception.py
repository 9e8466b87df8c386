"""The front desk in a real browser: keyboard from search to slip, a call for help, paper; on desk, phone and print."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mpp.database.session import read
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.devices import service as devices
from tenants.devices.settings import KioskSettings, Printing
from tenants.queueing import alerts, desk, service
from tenants.queueing.models import Ticket
from tenants.queueing.policies import Officer, new_key
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.browser.test_every_page import check
from tests.support.hall import at, more_counters, seat
from tests.support.kiosk import add
from tests.support.live import Live
from tests.support.pictures import PICTURES, picture

pytestmark = [pytest.mark.browser, pytest.mark.without_streams]
SERVICE = "ktp-el-baru"
# What is lower than a finger needs; a tick stands in its label.
SMALL = """
  [...document.querySelectorAll("main :is(a, button, input:not([type=hidden]), select, summary)")]
    .filter((one) => {
      const box = (one.closest("label") ?? one).getBoundingClientRect();
      return box.width > 0 && box.height > 0 && box.height < 43.5;
    })
    .map((one) => one.outerHTML.slice(0, 90))
"""
# Widths in which print views are looked at: 80 mm, A6, A4.
PAPER = {"reception-slip": 302, "reception-slip-a6": 397, "reception-sheet": 794, "reception-sheet-k": 794}


def paper(page: Page, name: str, size: tuple[float, float], pages: int) -> None:
    """Check the paper that the browser would print on: its size in millimetres and how many sheets."""
    made = page.pdf(prefer_css_page_size=True, print_background=True)
    if PICTURES:
        (Path(PICTURES) / f"{name}.pdf").write_bytes(made)
        before = page.viewport_size
        page.emulate_media(media="print")
        page.set_viewport_size({"width": PAPER[name], "height": 400})
        page.screenshot(path=Path(PICTURES) / f"{name}-print.png", full_page=True)
        page.emulate_media(media="null")
        if before:
            page.set_viewport_size(before)
    boxes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", made)
    assert len(boxes) == pages, boxes
    for box in boxes:
        found = tuple(float(side) / 72 * 25.4 for side in box)
        assert found == pytest.approx(size, abs=1), found


@pytest.fixture
def officer(app: Platform, bukittinggi: Region, platform: Live) -> tuple[int, Officer]:
    """Two counters at work, people of several kinds in line, one who missed the call, one parked."""
    with at(app, bukittinggi):
        for number in range(9):
            priority = "elderly" if number == 4 else None
            slug = SERVICE if number % 3 else "kk-baru"
            service.take_ticket(slug, f"Warga {number}", None, new_key(), "web", priority_class=priority)
        first, second = more_counters(SERVICE, 2)
        who, other = seat(first), seat(second)
        for leave in (service.no_show, lambda t, o: service.hold(t, o, "fotokopi")):
            ticket = service.call_next(first, who)
            assert ticket is not None
            leave(ticket.id, who)
        service.call_next(first, who)
        desk.pause(second, other, "Salat")
        return first, who


@pytest.fixture
def front(officer: tuple[int, Officer], platform: Live, visit: Callable[..., Page]) -> Page:
    page = visit(DESK)
    sign_in(page, platform, "bukittinggi", "resepsionis@bukittinggi.contoh")
    page.wait_for_url("**/resepsionis")
    return page


def test_from_search_to_slip_by_keyboard(front: Page) -> None:
    expect(front.locator("#cari")).to_be_focused()
    picture(front, "reception-desk-1280")
    front.keyboard.type("ktp")
    expect(front.locator(".front-choice.first")).to_be_visible()
    picture(front, "reception-typed-1280")
    front.keyboard.press("ArrowDown")
    front.keyboard.press("ArrowDown")
    front.keyboard.press("ArrowUp")
    expect(front.locator(".front-choice").locator("visible=true").first).to_be_focused()
    front.keyboard.press("Enter")
    front.wait_for_url("**/beri?layanan=*")
    expect(front.get_by_label("Nama atau inisial")).to_be_focused()
    picture(front, "reception-give-1280")
    front.get_by_label("Lansia").check()
    front.get_by_label("Nomor HP").fill("12")
    front.locator("summary", has_text="Ada urusan lain").click()
    front.locator("#lalu").select_option("kk-baru")
    front.keyboard.press("Enter")
    front.get_by_role("button", name="Beri nomor").click()
    expect(front.locator(".error-summary")).to_be_focused()
    assert front.locator("#lalu").input_value() == "kk-baru"
    picture(front, "reception-give-wrong-1280")
    front.get_by_label("Nomor HP").fill("0812 3456 7890")
    front.get_by_role("button", name="Beri nomor").click()
    front.wait_for_url("**/nomor/*")
    expect(front.get_by_role("heading", level=1)).to_have_text("A-010")
    picture(front, "reception-ticket-1280")
    expect(front.get_by_role("link", name="Cetak karcis 80 mm")).to_be_focused()
    front.keyboard.press("Enter")
    front.wait_for_url("**/cetak")
    picture(front, "reception-slip-1280")
    paper(front, "reception-slip", (80, 170), 1)
    front.get_by_role("link", name="Huruf besar A6").click()
    front.wait_for_url("**/cetak?ukuran=a6")
    expect(front.locator(".slip-a6")).to_be_visible()
    paper(front, "reception-slip-a6", (105, 148), 1)


def test_who_has_come_is_noted_and_given_paper(front: Page, app: Platform, bukittinggi: Region) -> None:
    network = KioskSettings(
        languages=("id", "en", "min"), printing=Printing.NETWORK, printer_host="127.0.0.1"
    )
    with at(app, bukittinggi):
        ticket = service.take_ticket(SERVICE, "Warga dari HP", None, new_key(), "web")
        device, code = add(app, bukittinggi)
        devices.configure(device.id, network)
        devices.enrol(code)
    front.keyboard.press("F6")
    front.keyboard.type(ticket.label.lower())
    front.keyboard.press("Enter")
    front.wait_for_url("**/nomor/*")
    expect(front.get_by_text("sudah datang, tercatat pukul")).to_be_visible()
    expect(front.get_by_role("button", name="Kirim ke printer")).to_be_visible()
    picture(front, "reception-came-1280")
    front.get_by_label("Bahasa karcis").select_option("min")
    front.get_by_role("button", name="Kirim ke printer").click()
    expect(front.get_by_text("dikirim ke printer Kios pintu depan")).to_be_visible()
    front.get_by_role("link", name="Cetak karcis 80 mm").click()
    front.get_by_role("link", name="Baso Minang").click()
    expect(front.get_by_text("Nomor antrean Sanak")).to_be_visible()
    picture(front, "reception-slip-min-1280")
    front.set_viewport_size(PHONE)
    picture(front, "reception-slip-min-360")
    front.go_back()
    front.go_back()
    picture(front, "reception-came-360")
    front.goto(front.url.partition("/nomor")[0])
    picture(front, "reception-desk-360")


def test_everyday_words_are_found_by_enter(front: Page) -> None:
    front.keyboard.type("bikin ktp ilang")
    expect(front.locator("[data-none]")).to_be_visible()
    front.keyboard.press("Enter")
    front.wait_for_url("**/resepsionis?q=*")
    expect(front.locator(".front-choice").first).to_contain_text("KTP")
    front.keyboard.press("F4")
    front.keyboard.type("a2")
    front.keyboard.press("Enter")
    front.wait_for_url("**/nomor/*")


def test_help_arrives_by_itself_and_is_answered(
    front: Page, officer: tuple[int, Officer], app: Platform, bukittinggi: Region
) -> None:
    expect(front.locator(".help-calls")).to_have_count(0)
    with at(app, bukittinggi):
        alerts.raise_alert(*officer)
    expect(front.locator(".help-calls")).to_be_visible(timeout=15000)
    picture(front, "reception-alert-1280")
    front.get_by_role("link", name="Catat tindakan").click()
    picture(front, "reception-alert-form-1280")
    front.get_by_label("Yang ditemukan dan dilakukan").fill("Ada keributan, sudah tenang")
    front.get_by_role("button", name="Tutup permintaan bantuan").click()
    expect(front.locator(".help-calls")).to_have_count(0)


def test_a_missed_person_comes_back(front: Page) -> None:
    front.locator(".front-people a").first.click()
    picture(front, "reception-missed-1280")
    front.get_by_label("Alasan").fill("Sedang di toilet")
    front.get_by_role("button", name="Pulihkan").click()
    expect(front.locator(".timeline")).to_contain_text("Dipulihkan ke antrean")


def test_on_a_phone_nothing_is_cut_and_all_can_be_touched(
    officer: tuple[int, Officer],
    platform: Live,
    visit: Callable[..., Page],
    app: Platform,
    bukittinggi: Region,
) -> None:
    page = visit(PHONE)
    sign_in(page, platform, "bukittinggi", "resepsionis@bukittinggi.contoh")
    with at(app, bukittinggi):
        alerts.raise_alert(*officer)
        with read() as session:
            missed = session.scalars(select(Ticket.id).where(Ticket.state == "no_show")).one()
            parked = session.scalars(select(Ticket.id).where(Ticket.state == "on_hold")).one()
    small: dict[str, list[str]] = {}
    for name, path in {
        "desk": "", "give": f"/beri?layanan={SERVICE}", "missed": f"/nomor/{missed}", "parked": f"/nomor/{parked}",
        "slip": f"/nomor/{parked}/cetak", "paper": "/lembar-darurat", "find": "/cari?nomor=Z9",
    }.items():  # fmt: skip
        found = check(page, platform, "bukittinggi", f"/resepsionis{path}", "360")
        picture(page, f"reception-{name}-360")
        small[name] = found + page.evaluate(SMALL)
    assert {name: found for name, found in small.items() if found} == {}


def test_a_bad_day_on_paper(
    front: Page, platform: Live, visit: Callable[..., Page], app: Platform, bukittinggi: Region
) -> None:
    assert check(front, platform, "bukittinggi", "/resepsionis", "1280") == []
    front.get_by_role("link", name="Lembar darurat").first.click()
    front.locator("input[name='jumlah-A']").fill("30")
    picture(front, "reception-paper-1280")
    front.get_by_role("button", name="Pinjam nomor").click()
    front.wait_for_url("**/cetak?blok=*")
    picture(front, "reception-sheet-1280")
    paper(front, "reception-sheet", (210, 297), 2)
    block = front.url.partition("blok=")[2]
    path = f"/resepsionis/lembar-darurat/{block}"
    front.goto(platform.url("bukittinggi", path))
    with at(app, bukittinggi):
        now = f"{current_region().now():%H.%M}"
    for number, hour in ((10, now), (11, "25.99"), (12, now)):
        front.locator(f"#datang-{number}").fill(hour)
        front.locator(f"#layanan-{number}").select_option(SERVICE)
    front.locator("#hasil-10").select_option("served")
    front.locator("#mulai-10").fill(now)
    front.locator("#selesai-10").fill(now)
    front.get_by_role("button", name="Simpan yang sudah diisi").click()
    expect(front.locator(".error-summary")).to_contain_text("A-011")
    expect(front.locator(".type-row.done")).to_have_count(2)
    picture(front, "reception-typing-1280")
    assert check(front, platform, "bukittinggi", path, "1280") == []
    phone = visit(PHONE)
    sign_in(phone, platform, "bukittinggi", "admin@bukittinggi.contoh")
    phone.goto(platform.url("bukittinggi", path))
    picture(phone, "reception-typing-360")
    phone.goto(platform.url("bukittinggi", f"/resepsionis/lembar-darurat/cetak?blok={block}"))
    picture(phone, "reception-sheet-360")


def test_a_sheet_from_the_drawer(
    front: Page, platform: Live, visit: Callable[..., Page], app: Platform, bukittinggi: Region
) -> None:
    front.goto(platform.url("bukittinggi", "/resepsionis/lembar-darurat"))
    front.get_by_role("button", name="Buka lembar K").click()
    front.wait_for_url("**/k/cetak?lembar=4")
    picture(front, "reception-sheet-k-1280", full_page=False)
    front.goto(platform.url("bukittinggi", "/resepsionis/lembar-darurat/k/cetak?lembar=1"))
    paper(front, "reception-sheet-k", (210, 297), 2)
    code = front.locator(".sheet-code").inner_text()
    front.goto(platform.url("bukittinggi", "/resepsionis/lembar-darurat"))
    front.get_by_label("Kode lembar").fill(code.lower())
    front.get_by_role("button", name="Ketik balik", exact=True).click()
    front.wait_for_url("**/lembar-darurat/k?kode=*")
    with at(app, bukittinggi):
        now = f"{current_region().now():%H.%M}"
    for number, hour in ((1, now), (2, "25.99")):
        front.locator(f"#datang-{number}").fill(hour)
        front.locator(f"#layanan-{number}").select_option(SERVICE)
    front.get_by_role("button", name="Simpan yang sudah diisi").click()
    expect(front.locator(".error-summary")).to_contain_text("K-2")
    expect(front.locator(".type-row.done")).to_contain_text("sekarang A-")
    picture(front, "reception-typing-k-1280", full_page=False)
    path = front.url.partition("localhost")[2].partition("/")[2]
    assert check(front, platform, "bukittinggi", f"/{path}", "1280") == []
    phone = visit(PHONE)
    sign_in(phone, platform, "bukittinggi", "resepsionis@bukittinggi.contoh")
    phone.goto(platform.url("bukittinggi", f"/{path}"))
    picture(phone, "reception-typing-k-360", full_page=False)
