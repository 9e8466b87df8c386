"""A full morning: a kiosk, a display, three phones and two counters at once, from the first number to the last."""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mpp.accounts.models import Staff
from mpp.database.session import read, write
from mpp.settings import ROOT
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.devices import service as devices
from tenants.devices.models import DeviceKind
from tenants.hall.models import Counter, CounterOfficer, Hall
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.queueing.histories import assert_legal
from tests.support.hall import at, counters_of
from tests.support.live import Live

pytestmark = pytest.mark.browser
SERVICE = "ktp-el-baru"
SHOTS = ROOT / "test-results" / "morning"
TALL, WIDE = {"width": 1080, "height": 1920}, {"width": 1920, "height": 1080}
# Milliseconds that the console's main button rests once its meaning has changed.
REST = 900
LABEL = re.compile(r"[A-Z]{1,2}-\d{3}")


@dataclass
class Scene:
    """Where the morning happens."""

    app: Platform
    region: Region
    here: Live

    def url(self, path: str) -> str:
        return self.here.url(self.region.slug, path)

    def enrol(self, page: Page, kind: DeviceKind, name: str) -> None:
        """Let a machine in as its installer does: the admin's code, typed on the machine."""
        with at(self.app, self.region):
            with read() as session:
                hall = session.scalars(select(Hall.id)).one()
            _device, code = devices.add_device(kind, hall, name)
        page.goto(self.url("/perangkat"))
        page.get_by_label("Kode perangkat").fill(code.lower())
        page.get_by_role("button", name="Daftarkan").click()

    def assign(self, officers: dict[str, int]) -> None:
        """Officers by e-mail name and the id of the counter that each is assigned to."""
        with at(self.app, self.region), write() as session:
            for name, counter_id in officers.items():
                staff = session.scalars(
                    select(Staff.id).where(Staff.email == f"{name}@{self.region.slug}.contoh")
                ).one()
                session.merge(CounterOfficer(counter_id=counter_id, staff_id=staff))


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def from_phone(page: Page, scene: Scene, initials: str) -> str:
    page.goto(scene.url(f"/antrean/ambil?layanan={SERVICE}"))
    page.get_by_label(re.compile("[Nn]ama")).fill(initials)
    page.get_by_role("button", name="Ambil nomor").click()
    page.wait_for_url(re.compile(r"/antrean/[A-Z0-9]{8,}"))
    return _label(page)


def from_kiosk(page: Page, who: str) -> str:
    """From the kiosk's start to a number: three touches after the first."""
    page.get_by_role("link", name=re.compile("Ambil nomor antrean")).click()
    page.get_by_role("link", name=re.compile("Dukcapil|Kependudukan")).first.click()
    page.get_by_role("link", name=re.compile("^KTP-el baru")).first.click()
    page.get_by_role("button", name=re.compile(who)).click()
    expect(page.locator(".kiosk-number")).to_be_visible()
    return _label(page)


def _label(page: Page) -> str:
    found = LABEL.search(page.locator("main").inner_text())
    assert found, page.locator("main").inner_text()
    return found[0]


def sit(page: Page, scene: Scene, name: str, number: int) -> None:
    sign_in(page, scene.here, scene.region.slug, f"{name}@{scene.region.slug}.contoh")
    page.goto(scene.url("/loket/pilih"))
    page.get_by_role("button", name=f"Duduk di loket {number}", exact=True).click()
    page.wait_for_url(re.compile(r"/loket$"))


def press(page: Page, key: str, then: str | re.Pattern[str]) -> None:
    """Press a key of the console once its button has rested, and wait for what it brings."""
    page.wait_for_timeout(REST)
    page.keyboard.press(key)
    expect(page.locator("main")).to_contain_text(then, timeout=10_000)


def call(page: Page) -> str:
    """Call whoever is next; return the number."""
    page.wait_for_timeout(REST)
    page.keyboard.press("n")
    number = page.locator(".console-now .ticket-number")
    expect(number).to_contain_text(LABEL, timeout=10_000)
    found = LABEL.search(number.inner_text())
    assert found
    return found[0]


@pytest.mark.long
def test_a_full_morning(
    app: Platform, bukittinggi: Region, platform: Live, visit: Callable[..., Page]
) -> None:
    scene = Scene(app, bukittinggi, platform)
    with at(app, bukittinggi):
        first, second = counters_of(SERVICE)[:2]
    scene.assign({"petugas": first.id, "petugas2": second.id})
    kiosk, board = visit(TALL), visit(WIDE)
    phones = [visit(PHONE) for _ in range(3)]
    desks = [visit(DESK), visit(DESK)]

    scene.enrol(kiosk, DeviceKind.KIOSK, "Kios pintu depan")
    scene.enrol(board, DeviceKind.DISPLAY, "Layar utama")
    expect(board).to_have_url(re.compile(r"/layar/utama$"))
    expect(board.locator("[data-connection]")).to_contain_text("Terhubung", timeout=15_000)
    shot(kiosk, "1-kiosk-start")

    numbers = [from_kiosk(kiosk, "^Umum")]
    shot(kiosk, "2-kiosk-number")
    kiosk.get_by_role("link", name="Selesai").click()
    numbers += [from_phone(phone, scene, f"W. {i}") for i, phone in enumerate(phones)]
    elderly = from_kiosk(kiosk, "^Lansia")
    numbers.append(elderly)
    assert len(set(numbers)) == 5 and [int(n[-3:]) for n in numbers] == [1, 2, 3, 4, 5]
    expect(board.locator("[data-people]")).to_have_text("5", timeout=10_000)
    shot(board, "3-display-waiting")
    shot(phones[2], "3-phone-waiting")

    for desk, name, counter in zip(desks, ("petugas", "petugas2"), (first, second), strict=True):
        sit(desk, scene, name, counter.number)
    served: list[str] = []
    for turn in range(3):
        at_work = desks if turn < 2 else desks[:1]
        for desk in at_work:
            number = call(desk)
            served.append(number)
            expect(board.locator(".calling-number")).to_have_text(number, timeout=5000)
            if turn == 0 and desk is desks[1]:
                shot(board, "4-display-calling")
                shot(desk, "4-console-called")
        for phone, number in zip(phones, numbers[1:4], strict=True):
            if number in served[-len(at_work) :]:
                expect(phone.locator("main")).to_contain_text(re.compile("oket"), timeout=30_000)
        for desk in at_work:
            press(desk, "m", "Sedang dilayani")
            press(desk, "s", "Siap memanggil")
    assert sorted(served) == sorted(numbers)
    expect(board.locator("[data-people]")).to_have_text("0", timeout=10_000)
    for phone in phones:
        expect(phone.locator("main")).to_contain_text("elesai", timeout=30_000)
    shot(phones[0], "5-phone-done")
    shot(board, "5-display-done")
    expect(kiosk.get_by_role("link", name=re.compile("Ambil nomor antrean"))).to_be_visible(timeout=90_000)
    judge(scene, numbers)


def judge(scene: Scene, numbers: list[str]) -> None:
    """Each number stands once, was called once, and its history is legal."""
    with at(scene.app, scene.region), read() as session:
        tickets = session.scalars(select(Ticket)).all()
        assert sorted(t.label for t in tickets) == sorted(numbers)
        assert {t.state for t in tickets} == {TicketState.COMPLETED}
        assert Tally(t.channel for t in tickets) == {"kiosk": 2, "web": 3}
        assert sorted(filter(None, (t.priority_class for t in tickets))) == ["elderly"]
        for ticket in tickets:
            history = session.scalars(
                select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
            ).all()
            assert_legal(history, ticket)
            assert [event.kind for event in history].count("call") == 1
        assert session.scalars(select(Counter).where(Counter.officer_id.is_not(None))).all()
