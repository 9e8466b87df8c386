"""The kiosk as people use it: three taps to a number, paper once, back to the start, never on an error page."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select, update

from mpp.database.session import central_write, read, write
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.devices import service
from tenants.devices.models import Device
from tenants.devices.settings import KioskSettings
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.policies import new_key
from tenants.queueing.service import take_ticket
from tenants.services.models import RegionService
from tests.support.hall import at
from tests.support.kiosk import add
from tests.support.live import Live
from tests.support.pictures import PICTURES
from tests.support.touch import show, sound

pytestmark = [pytest.mark.browser, pytest.mark.without_streams]
TALL = {"width": 1080, "height": 1920}
WIDE = {"width": 1280, "height": 800}
SIZES = {"1080": TALL, "1280": WIDE}
SERVICE = "ktp-el-baru"
COUNT_PRINTS = "window.printed = 0; window.print = () => { window.printed += 1; }"


@pytest.fixture
def kiosk(
    app: Platform, bukittinggi: Region, platform: Live, visit: Callable[..., Page]
) -> Callable[..., Page]:
    """Let a machine in through its page: kiosk(TALL)."""

    def open_(size: dict[str, int], settings: KioskSettings | None = None, **options: bool) -> Page:
        device, code = add(app, bukittinggi)
        if settings:
            with at(app, bukittinggi):
                service.configure(device.id, settings)
        page = visit(size, **options)
        page.add_init_script(COUNT_PRINTS)
        page.goto(platform.url("bukittinggi", "/perangkat"))
        page.get_by_label("Kode perangkat").fill(f"{code[:4].lower()} {code[4:]}")
        page.get_by_role("button", name="Daftarkan").click()
        page.wait_for_url(re.compile(r"/kios/utama"))
        return page

    return open_


def numbers(app: Platform, region: Region) -> list[Ticket]:
    with at(app, region), read() as session:
        return list(session.scalars(select(Ticket).order_by(Ticket.id)))


def take(page: Page, kind: str = "Umum") -> str:
    page.get_by_role("link", name="Ambil nomor antrean").click()
    page.get_by_role("link", name=re.compile("Dukcapil|Kependudukan")).first.click()
    page.get_by_role("link", name=re.compile("KTP-el baru")).click()
    page.get_by_role("button", name=re.compile(kind)).click()
    expect(page.locator("[data-page=number]")).to_be_visible()
    return page.locator(".kiosk-number").inner_text()


@pytest.mark.parametrize("size", SIZES)
def test_from_the_start_to_a_number(
    app: Platform, bukittinggi: Region, kiosk: Callable[..., Page], size: str
) -> None:
    with at(app, bukittinggi), write() as session:
        closed = update(RegionService).where(RegionService.service.has(slug="ktp-el-penggantian"))
        session.execute(closed.values(weekdays=[]))
    # A language without a catalogue is no button; the region's own is the third.
    page = kiosk(SIZES[size], KioskSettings(languages=("id", "en", "min")))
    sound(page, "start")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you need?")
    show(page, "start-english")
    page.get_by_role("link", name="Indonesia", exact=True).click()
    page.get_by_role("link", name="Ambil nomor antrean").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pilih instansi")
    sound(page, "agencies")
    page.get_by_role("link", name="Cari layanan").click()
    expect(page.get_by_role("searchbox")).to_be_visible()
    searched(page, size)
    page.get_by_role("link", name="Kembali").click()
    page.get_by_role("link", name=re.compile("Kependudukan")).first.click()
    expect(page.get_by_text("Pilih layanan")).to_be_visible()
    sound(page, "services")
    page.locator(".tile-closed").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nomor belum bisa diambil sekarang")
    sound(page, "closed")
    page.get_by_role("link", name="Kembali").click()
    page.get_by_role("link", name=re.compile("KTP-el baru")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Siapa yang dilayani?")
    sound(page, "who")
    page.get_by_role("button", name=re.compile("Lansia")).dblclick()
    expect(page.locator("[data-page=number]")).to_be_visible()
    sound(page, "number")
    (ticket,) = numbers(app, bukittinggi)
    assert ticket.priority_class == "elderly" and ticket.channel == "kiosk"
    expect(page.locator(".kiosk-number")).to_have_text(ticket.label)


def searched(page: Page, size: str) -> None:
    """Find a service with the keys on the screen alone: no machine in a hall has others."""
    found, field = page.locator("[data-results] .tile"), page.get_by_role("searchbox")
    every = found.count()
    expect(page.locator(".kiosk-letters")).to_be_hidden()
    sound(page, "search")
    keys(page, "PASPO")
    expect(found).to_have_count(1)
    expect(found).to_contain_text(re.compile("paspor", re.IGNORECASE))
    # Two keys at once: what is typed while the server looks is kept.
    page.get_by_role("button", name="Hapus semua").click()
    expect(found).to_have_count(every)
    keys(page, "KTP HILANGG")
    page.get_by_role("button", name="Hapus satu huruf").click()
    expect(field).to_have_value("KTP HILANG")
    expect(page.get_by_role("link", name=re.compile("KTP")).first).to_be_visible()
    if size == "1080":
        for language in ("English", "Baso Minang", "Indonesia"):
            page.get_by_role("link", name=language, exact=True).click()
            expect(page.locator(".kiosk-languages [aria-current]")).to_have_text(language)
            expect(field).to_have_value("KTP HILANG")
            sound(page, f"search-{language.split()[0].lower()}")
    page.get_by_role("button", name="Hapus semua").click()
    keys(page, "ZZZZ")
    expect(page.locator(".kiosk-none")).to_be_visible()
    sound(page, "search-none")


def keys(page: Page, text: str) -> None:
    for sign in text:
        page.get_by_role("button", name="Spasi" if sign == " " else sign, exact=True).click()


def printed_once(page: Page) -> None:
    """Wait for the print. Asked from outside: the page's policy lets no text be run inside it."""
    for _try in range(100):
        if page.evaluate("window.printed"):
            break
        page.wait_for_timeout(50)
    assert page.evaluate("window.printed") == 1


def test_the_paper_comes_once(
    app: Platform, bukittinggi: Region, kiosk: Callable[..., Page], tmp_path: Path
) -> None:
    page = kiosk(WIDE)
    take(page)
    printed_once(page)
    page.reload()
    page.wait_for_timeout(400)
    assert page.evaluate("window.printed") == 0
    paper = Path(PICTURES or tmp_path) / "slip.pdf"
    page.pdf(path=paper, prefer_css_page_size=True, print_background=True)
    sheets = re.findall(rb"/MediaBox\s*\[([^\]]+)\]", paper.read_bytes())
    _left, _top, width, height = (float(n) for n in sheets[0].split())
    # Points: 80 mm wide, one sheet, no longer than what stands on it.
    assert len(sheets) == 1 and abs(width - 80 / 25.4 * 72) < 1.5 and height < 145 / 25.4 * 72
    page.emulate_media(media="print")
    shown = page.locator(".slip-number").evaluate("e => parseFloat(getComputedStyle(e).fontSize) * 72 / 96")
    assert shown >= 60 and page.locator(".kiosk-ticket").is_hidden() and page.locator(".slip").is_visible()
    assert page.locator(".slip-number").evaluate("e => e.scrollWidth <= e.clientWidth")
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Selesai").click()
    take(page)
    printed_once(page)
    assert len(numbers(app, bukittinggi)) == 2


def test_it_goes_back_to_the_start_by_itself(
    app: Platform, bukittinggi: Region, kiosk: Callable[..., Page]
) -> None:
    page = kiosk(WIDE, KioskSettings(quiet_seconds=15))
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="Take a queue number").click()
    asking = page.locator("[data-asking]")
    expect(asking).to_be_hidden()
    expect(asking).to_be_visible(timeout=8_000)
    expect(asking).to_contain_text("Are you still here?")
    show(page, "asking")
    page.get_by_role("button", name="Yes, go on").click()
    expect(asking).to_be_hidden()
    expect(page.locator("[data-page=start]")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Apa yang Anda perlukan?")


def test_a_cut_line_is_said_and_a_tap_is_not_lost(
    app: Platform, bukittinggi: Region, kiosk: Callable[..., Page], platform: Live
) -> None:
    page = kiosk(TALL)
    page.get_by_role("link", name="Ambil nomor antrean").click()
    page.get_by_role("link", name=re.compile("Kependudukan")).first.click()
    page.get_by_role("link", name=re.compile("KTP-el baru")).click()
    gone = re.compile("/kios/")

    def answer_lost(route: Route) -> None:
        # The server has done it; only its answer never arrives.
        if route.request.method == "POST":
            cookies = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
            line = http.client.HTTPConnection("127.0.0.1", platform.port, timeout=20)
            headers = {"Host": f"bukittinggi.localhost:{platform.port}", "Cookie": cookies,
                       "Content-Type": "application/x-www-form-urlencoded"}  # fmt: skip
            line.request("POST", "/kios/utama/nomor", route.request.post_data, headers)
            assert line.getresponse().status == 303
            line.close()
        route.abort()

    page.route(gone, answer_lost)
    page.get_by_role("button", name=re.compile("Umum")).click()
    expect(page.locator("[data-offline]")).to_be_visible()
    sound(page, "offline")
    page.wait_for_timeout(500)
    page.unroute(gone)
    expect(page.locator("[data-page=number]")).to_be_visible(timeout=12_000)
    (ticket,) = numbers(app, bukittinggi)
    expect(page.locator(".kiosk-number")).to_have_text(ticket.label)
    printed_once(page)


def test_shut_out_in_the_middle(app: Platform, bukittinggi: Region, kiosk: Callable[..., Page]) -> None:
    page = kiosk(TALL)
    page.get_by_role("link", name="Ambil nomor antrean").click()
    page.get_by_role("link", name=re.compile("Kependudukan")).first.click()
    page.get_by_role("link", name=re.compile("KTP-el baru")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Siapa yang dilayani?")
    with at(app, bukittinggi):
        with read() as session:
            device = session.scalars(select(Device)).one()
        service.revoke(device.id)
    page.get_by_role("button", name=re.compile("Umum")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mesin ini sedang tidak dipakai")
    sound(page, "revoked")
    page.get_by_role("link", name="Mulai lagi").click()
    expect(page.get_by_label("Kode perangkat")).to_be_visible()
    sound(page, "revoked-enrol")
    assert numbers(app, bukittinggi) == []


@pytest.mark.parametrize("size", SIZES)
def test_checking_in_with_keys_and_scanner(
    app: Platform, bukittinggi: Region, kiosk: Callable[..., Page], platform: Live, size: str
) -> None:
    with at(app, bukittinggi):
        ticket = take_ticket(SERVICE, "S. A.", None, new_key(), "web")
    page = kiosk(SIZES[size])
    page.get_by_role("link", name="Saya sudah punya nomor").click()
    field = page.get_by_label("Nomor atau kode Anda")
    expect(field).to_be_focused()
    sound(page, "has-number")
    for sign in ("9", "9", "9"):
        page.get_by_role("button", name=sign, exact=True).click()
    page.get_by_role("button", name="Lihat giliran saya").click()
    expect(page.get_by_role("alert")).to_contain_text("tidak ditemukan")
    sound(page, "has-number-wrong")
    for _sign in range(3):
        page.get_by_role("button", name="Hapus satu huruf").click()
    for sign in (ticket.prefix, "0", "0", "1"):
        page.get_by_role("button", name=sign, exact=True).click()
    page.get_by_role("button", name="Lihat giliran saya").click()
    expect(page.locator(".kiosk-number")).to_have_text(ticket.label)
    sound(page, "standing")
    page.get_by_role("link", name="Mulai lagi").click()
    expect(page.locator("[data-page=start]")).to_be_visible()
    page.keyboard.type(platform.url("bukittinggi", f"/antrean/{ticket.code}"))
    page.keyboard.press("Enter")
    expect(page.locator(".kiosk-here")).to_contain_text("Kedatangan Anda tercatat")
    page.get_by_role("link", name="Kembali").click()
    expect(page.get_by_label("Nomor atau kode Anda")).to_be_focused()
    page.keyboard.type(ticket.code.lower())
    page.keyboard.press("Enter")
    expect(page.locator(".kiosk-here")).to_contain_text("Kedatangan Anda tercatat")
    with at(app, bukittinggi), read() as session:
        count = select(func.count()).select_from(TicketEvent).where(TicketEvent.kind == "check_in")
        assert session.scalar(count) == 1


def test_without_scripts_a_number_can_be_taken(
    app: Platform, bukittinggi: Region, kiosk: Callable[..., Page]
) -> None:
    label = take(kiosk(WIDE, scripts=False), "Disabilitas")
    (ticket,) = numbers(app, bukittinggi)
    assert ticket.label == label and ticket.priority_class == "disability"


def test_the_start_notices_that_the_hall_has_closed(
    app: Platform, bukittinggi: Region, kiosk: Callable[..., Page]
) -> None:
    page = kiosk(TALL)
    with at(app, bukittinggi), write() as session:
        session.execute(update(RegionService).values(weekdays=[]))
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Nomor belum bisa diambil sekarang.")).to_be_visible(timeout=25_000)
    show(page, "start-closed")


def test_a_suspended_region_is_said_and_left_again(
    app: Platform, bukittinggi: Region, kiosk: Callable[..., Page]
) -> None:
    page = kiosk(WIDE)

    def become(state: RegionState) -> None:
        with app.app_context(), central_write() as session:
            row = update(RegionRecord).where(RegionRecord.id == bukittinggi.id)
            session.execute(row.values(state=state, state_contact="Bagian Organisasi"))

    become(RegionState.SUSPENDED)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mesin ini sedang tidak melayani")
    sound(page, "suspended")
    become(RegionState.ACTIVE)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-page=start]")).to_be_visible()
