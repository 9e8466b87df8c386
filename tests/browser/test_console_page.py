"""The officer's console in a real browser: keyboard, parking, a network that blinks; on phone and desk."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select, update

from mpp.accounts.models import Staff
from mpp.database.session import read, write
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, CounterOfficer
from tenants.queueing import service
from tenants.queueing.models import HallAlert, Ticket, TicketEvent
from tenants.queueing.policies import new_key
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.support.client import PASSWORD
from tests.support.hall import at, counters_of
from tests.support.live import Live
from tests.support.pictures import picture

pytestmark = pytest.mark.browser
SERVICE = "ktp-el-baru"


@pytest.fixture
def counter(app: Platform, bukittinggi: Region, platform: Live) -> int:
    """A counter of the demo officer's with people of several kinds in its line."""
    with at(app, bukittinggi):
        for number in range(7):
            priority = "elderly" if number == 4 else "infant" if number == 5 else None
            ticket = service.take_ticket(
                SERVICE, f"Warga {number}", None, new_key(), "web", priority_class=priority
            )
            came = current_region().now() - dt.timedelta(minutes=30 - 3 * number)
            with write() as session:
                moved = update(Ticket).where(Ticket.id == ticket.id)
                session.execute(moved.values(arrived_at=came, queued_at=came))
        with read() as session:
            staff = session.scalars(select(Staff).where(Staff.email == "petugas@bukittinggi.contoh")).one()
            seats = session.scalars(
                select(CounterOfficer.counter_id).where(CounterOfficer.staff_id == staff.id)
            )
            own = set(seats)
        return next(c.id for c in counters_of(SERVICE) if c.id in own)


@pytest.fixture
def console(counter: int, platform: Live, visit: Callable[..., Page]) -> Page:
    page = visit(DESK)
    sign_in(page, platform, "bukittinggi", "petugas@bukittinggi.contoh")
    page.goto(platform.url("bukittinggi", "/loket/pilih"))
    page.locator(f"form[action='/loket/{counter}/duduk'] button").first.click()
    page.wait_for_url("**/loket")
    return page


def state(page: Page, name: str) -> None:
    expect(page.locator(f"[data-console-state='{name}']")).to_be_visible()
    # A new meaning of the main button rests for a moment.
    page.wait_for_timeout(800)


def test_a_morning_by_keyboard(
    console: Page, platform: Live, visit: Callable[..., Page], app: Platform, bukittinggi: Region
) -> None:
    picture(console, "console-idle-1280")
    console.keyboard.press("n")
    state(console, "called")
    expect(console.locator(".console-why")).to_contain_text("Lansia")
    console.keyboard.press("d")
    expect(console.locator("[data-notice]")).to_contain_text("Tulis alasan menunda")
    expect(console.locator("#alasan")).to_be_focused()
    console.locator("#alasan").fill("Fotokopi")
    console.locator("#aksi-D").click()
    state(console, "idle")
    expect(console.locator("#ditunda")).to_contain_text("1 ditunda")
    console.keyboard.press("n")
    state(console, "called")
    console.keyboard.press("t")
    state(console, "idle")
    console.locator("#seluruh > summary").click()
    console.locator("#seluruh button[id^=panggil]").last.click()
    expect(console.locator("#sebab")).to_be_focused()
    console.locator("#sebab").select_option("emergency")
    console.locator("#alasan").fill("Hendak pingsan")
    console.locator("#seluruh button[id^=panggil]").last.click()
    state(console, "called")
    expect(console.locator(".console-why")).to_contain_text("Di luar urutan: keadaan darurat. Hendak pingsan")
    expect(console.locator("#sebab")).to_have_value("")
    console.locator("#kelas").select_option("pregnant")
    console.locator("#kelas-ini").click()
    expect(console.locator("#sebab-kelas")).to_be_focused()
    console.keyboard.press("ArrowDown")
    expect(console.locator("#sebab-kelas")).to_have_value("seen")
    console.locator("#kelas-ini").click()
    expect(console.locator(".console-why")).to_contain_text("Ibu hamil atau menyusui")
    expect(console.locator("#sebab-kelas")).to_have_value("")
    expect(console.locator("#seluruh")).to_have_attribute("open", "")
    console.keyboard.press("m")
    state(console, "serving")
    console.keyboard.press("!")
    expect(console.locator("[data-help]")).to_contain_text("terkirim")
    expect(console.locator(".console-alerts")).to_have_count(0)
    picture(console, "console-1280")
    small = visit(PHONE)
    sign_in(small, platform, "bukittinggi", "petugas@bukittinggi.contoh")
    small.goto(platform.url("bukittinggi", "/loket"))
    picture(small, "console-360")
    with at(app, bukittinggi), read() as session:
        first = session.scalars(select(Ticket).order_by(Ticket.id)).first()
        last = session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()
        assert first and last
        code, label = first.code, last.label
    small.goto(platform.url("bukittinggi", f"/antrean/{code}/mengapa?nomor={label}"))
    expect(small.locator("#jawaban")).to_contain_text("di luar urutan: keadaan darurat")
    assert "pingsan" not in small.content()
    picture(small, "why-360")
    console.goto(platform.url("bukittinggi", f"/loket/mengapa?nomor={label}&dari={first.label}"))
    picture(console, "console-why-1280")


def test_help_waits_for_nothing(
    console: Page, platform: Live, visit: Callable[..., Page], app: Platform, bukittinggi: Region
) -> None:
    """Neither for an act that is on its way, nor for the rest after a change, nor for the network; and says nothing."""
    admin = visit(DESK)
    sign_in(admin, platform, "bukittinggi", "admin@bukittinggi.contoh")
    admin.goto(platform.url("bukittinggi", "/admin/petugas"))
    lost = {"call": 0, "help": 0}

    def lose(route: Route) -> None:
        which = "help" if "/bantuan" in route.request.url else "call"
        lost[which] += 1
        route.abort() if which == "call" or lost[which] == 1 else route.continue_()

    console.route(re.compile("/loket/(panggil|bantuan)$"), lose)
    console.keyboard.press("n")
    expect(console.locator("[data-notice]")).to_contain_text("dikirim lagi")
    said = console.locator("[data-notice]").inner_text()
    console.keyboard.press("!")
    expect(console.locator("[data-help]")).to_contain_text("terkirim", timeout=10_000)
    assert lost["help"] >= 2 and console.locator("[data-notice]").inner_text() == said
    expect(console.locator(".console-alerts")).to_have_count(0)
    expect(admin.locator(".help-calls")).to_contain_text("Loket", timeout=15_000)
    picture(admin, "help-admin-1280")
    admin.set_viewport_size(PHONE)
    picture(admin, "help-admin-360")
    console.unroute(re.compile("/loket/(panggil|bantuan)$"))
    expect(console.locator("[data-console-state='called']")).to_be_visible(timeout=15_000)
    # The screen has just changed: the main button rests, help does not.
    with at(app, bukittinggi), write() as session:
        session.execute(update(HallAlert).values(acknowledged_at=func.now()))
    console.wait_for_timeout(800)
    console.keyboard.press("m")
    expect(console.locator("[data-console-state='serving']")).to_be_visible()
    console.keyboard.press("!")
    expect(console.locator("[data-help]")).to_contain_text("terkirim")
    with at(app, bukittinggi), read() as session:
        assert session.scalar(select(func.count()).select_from(HallAlert)) == 2


def test_a_tab_follows_its_officer_to_another_counter(
    console: Page, counter: int, app: Platform, bukittinggi: Region
) -> None:
    """Moved in a second tab: the first one closes nothing there, and is drawn anew for where the officer sits."""
    with at(app, bukittinggi), write() as session:
        found = session.scalars(select(Counter).where(Counter.id != counter).order_by(Counter.number)).all()
        staff = session.scalars(select(Staff).where(Staff.email == "petugas@bukittinggi.contoh")).one()
        other = next(one for one in found if session.get(CounterOfficer, (one.id, staff.id)))
        heading, other_id = f"Loket {other.number} ·", other.id
    # The first tab does not look by itself meanwhile, and has the question already open.
    console.route("**/loket/isi*", lambda route: route.abort())
    console.locator("details.confirm > summary").first.click()
    second = console.context.new_page()
    second.goto(console.url + "/pilih")
    second.locator(f"form[action='/loket/{other_id}/duduk'] button").first.click()
    second.wait_for_url("**/loket")
    console.locator("form[action='/loket/tutup'] button").click()
    expect(console.locator("#sekarang")).to_contain_text(heading)
    expect(console.locator("body")).to_contain_text("tidak lagi duduk di loket pada layar tadi")
    expect(second.locator("#sekarang")).to_contain_text(heading)
    second.close()
    console.unroute("**/loket/isi*")
    console.locator("#utama").click()
    expect(console.locator("[data-console-state='called'], [data-notice]:not(:empty)").first).to_be_visible()


def test_a_call_survives_a_network_that_blinks(
    console: Page, platform: Live, app: Platform, bukittinggi: Region
) -> None:
    answers = {"lost": 0}

    def lose(route: Route) -> None:
        # The server does it, but the answer never arrives: twice.
        if answers["lost"] < 2:
            answers["lost"] += 1
            headers = {**route.request.headers, "host": f"bukittinggi.localhost:{platform.port}"}
            done = route.fetch(url=f"http://127.0.0.1:{platform.port}/loket/panggil", headers=headers)
            assert done.status == 200
            route.abort()
        else:
            route.continue_()

    console.route("**/loket/panggil", lose)
    console.keyboard.press("n")
    expect(console.locator("[data-words]")).to_contain_text("dikirim lagi")
    state(console, "called")
    assert answers["lost"] == 2
    with at(app, bukittinggi), read() as session:
        assert len(session.scalars(select(TicketEvent).where(TicketEvent.kind == "call")).all()) == 1


def calls(app: Platform, region: Region) -> int:
    with at(app, region), read() as session:
        return len(session.scalars(select(TicketEvent).where(TicketEvent.kind == "call")).all())


@pytest.mark.parametrize("status", [502, 503, 504, 429])
def test_a_call_waits_for_a_server_that_is_away(
    console: Page, app: Platform, bukittinggi: Region, status: int
) -> None:
    """The same key goes out again; meanwhile every button rests but the one for help, and the state is said."""
    keys: list[str] = []

    def away(route: Route) -> None:
        keys.append(re.findall(r'name="kunci"\s+([^\s-]+)', route.request.post_data or "")[-1])
        if len(keys) < 3:
            route.fulfill(status=status, body="<h1>sebentar</h1>", content_type="text/html")
        else:
            route.continue_()

    console.route("**/loket/panggil", away)
    console.locator("#utama").click()
    expect(console.locator("[data-notice]")).to_contain_text("dikirim lagi")
    expect(console.locator("#utama")).to_be_disabled()
    expect(console.locator("#aksi-\\!")).to_be_enabled()
    console.keyboard.press("n")
    state(console, "called")
    assert len(keys) == 3 and len(set(keys)) == 1
    assert calls(app, bukittinggi) == 1
    expect(console.locator("[data-notice]")).to_have_text("")
    expect(console.locator("#utama")).to_be_focused()
    expect(console.locator("#utama")).to_be_enabled()


def test_a_fault_of_the_server_is_said_and_not_tried_for_ever(console: Page) -> None:
    tried = []

    def broken(route: Route) -> None:
        tried.append(1)
        route.fulfill(status=500, body="<h1>galat</h1>", content_type="text/html")

    console.route("**/loket/panggil", broken)
    console.keyboard.press("n")
    expect(console.locator("[data-notice]")).to_contain_text("Sistem gagal", timeout=9000)
    assert len(tried) == 3
    expect(console.locator("#utama")).to_be_enabled()


def test_two_tabs_of_one_officer_show_the_same(console: Page) -> None:
    other = console.context.new_page()
    other.goto(console.url)
    state(other, "idle")
    console.bring_to_front()
    console.keyboard.press("n")
    state(console, "called")
    expect(other.locator("[data-console-state='called']")).to_be_attached(timeout=3000)
    number = console.locator(".console-now .ticket-number strong").inner_text()
    expect(other.locator(".console-now .ticket-number strong")).to_have_text(number)
    # Both press the same thing: it happens once, and both show it.
    other.locator("#utama").click()
    console.locator("#utama").click()
    state(console, "serving")
    expect(other.locator("[data-console-state='serving']")).to_be_attached(timeout=3000)


def test_a_counter_that_was_closed_meanwhile_leads_to_the_choice(
    console: Page, counter: int, app: Platform, bukittinggi: Region
) -> None:
    # The script is at work; before that the form itself would go out.
    expect(console.locator("[data-words]")).to_contain_text("Terhubung")
    console.route("**/loket/isi*", lambda route: route.abort())
    with at(app, bukittinggi), write() as session:
        session.execute(update(Counter).where(Counter.id == counter).values(officer_id=None, state="closed"))
    console.keyboard.press("n")
    console.wait_for_url("**/loket/pilih")
    assert calls(app, bukittinggi) == 0


def test_a_session_that_has_ended_is_said_and_nothing_is_lost_silently(
    console: Page, platform: Live, app: Platform, bukittinggi: Region
) -> None:
    # The script is at work; before that the form itself would go out.
    expect(console.locator("[data-words]")).to_contain_text("Terhubung")
    console.route("**/loket/isi*", lambda route: route.abort())
    console.context.clear_cookies()
    console.keyboard.press("n")
    console.wait_for_url("**/masuk**")
    assert calls(app, bukittinggi) == 0
    console.get_by_label("Surel").fill("petugas@bukittinggi.contoh")
    console.get_by_label("Kata sandi").fill(PASSWORD)
    console.get_by_role("button", name="Masuk", exact=True).click()
    console.wait_for_url("**/loket")
    expect(console.locator("[data-notice]")).to_contain_text("perintah terakhir tidak dijalankan")


def test_the_rule_is_tried_and_changed(console: Page, platform: Live, visit: Callable[..., Page]) -> None:
    for _person in range(3):
        console.keyboard.press("n")
        state(console, "called")
        console.keyboard.press("m")
        state(console, "serving")
        console.keyboard.press("s")
        state(console, "idle")
    for size, name in ((DESK, "1280"), (PHONE, "360")):
        page = visit(size)
        sign_in(page, platform, "bukittinggi", "admin@bukittinggi.contoh")
        page.goto(platform.url("bukittinggi", "/admin/gedung/1/aturan"))
        page.get_by_label("Prioritas", exact=True).fill("200")
        page.get_by_role("button", name="Coba aturan ini").click()
        expect(page.locator("#hasil")).to_be_visible()
        picture(page, f"rule-{name}")
