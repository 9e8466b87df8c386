"""A full morning: a kiosk, a display, three phones and two counters at once, from the first number to the last."""

from __future__ import annotations

import re
import time
from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import asdict, dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from mpp.accounts.models import Staff
from mpp.database.session import read, write
from mpp.settings import ROOT
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.devices import service as devices
from tenants.devices.models import DeviceKind
from tenants.hall.models import Counter, CounterOfficer, Hall, QueueRule
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.queueing.rule import Rule
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


def click(page: Page, button: str, then: str) -> None:
    """Press a button with the mouse, where a key would be typed into a field."""
    page.wait_for_timeout(REST)
    page.locator(button).click()
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
        with write() as session:
            # Nobody waits twenty seconds here before calling again.
            session.add(QueueRule(hall_id=first.hall_id, **{**asdict(Rule()), "recall_gap_seconds": 0}))
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
    kiosk.get_by_role("link", name="Selesai").click()
    assert len(set(numbers)) == 5 and [int(n[-3:]) for n in numbers] == [1, 2, 3, 4, 5]
    expect(board.locator("[data-people]")).to_have_text("5", timeout=10_000)
    shot(board, "3-display-waiting")
    shot(phones[2], "3-phone-waiting")

    for desk, name, counter in zip(desks, ("petugas", "petugas2"), (first, second), strict=True):
        sit(desk, scene, name, counter.number)
    one, two = desks
    holders = dict(zip(numbers[1:4], phones, strict=True))

    def calls(desk: Page) -> str:
        """Call whoever is next: the display shows it, and the holder's phone says so."""
        number = call(desk)
        expect(board.locator(".calling-number")).to_have_text(number, timeout=5000)
        tells(number, "called")
        return number

    def tells(number: str, state: str) -> None:
        if number in holders:
            expect(holders[number].locator(f"[data-ticket-state={state}]")).to_be_visible(timeout=30_000)

    def serves(desk: Page, number: str) -> None:
        press(desk, "m", "Sedang dilayani")
        tells(number, "serving")
        press(desk, "s", "Siap memanggil")
        tells(number, "completed")

    held, missed = calls(one), calls(two)
    shot(board, "4-display-calling")
    shot(two, "4-console-called")
    # One has to copy a paper, one is not there; meanwhile a sixth person comes in.
    press(one, "m", "Sedang dilayani")
    one.locator("#alasan").fill("Fotokopi")
    click(one, "#aksi-D", "1 ditunda")
    tells(held, "on_hold")
    press(two, "t", "1 tidak hadir, bisa dipulihkan")
    tells(missed, "no_show")
    numbers.append(from_kiosk(kiosk, "^Umum"))
    kiosk.get_by_role("link", name="Selesai").click()

    moved, other = calls(one), calls(two)
    press(one, "u", "Dipanggil")
    until(scene, "recall", 1)
    expect(board.locator(".calling-number")).to_have_text(moved, timeout=5000)
    press(one, "m", "Sedang dilayani")
    one.locator("#alasan").fill("Berkasnya di loket sebelah")
    one.locator("#tujuan").select_option(str(second.id))
    click(one, "#aksi-L", "Siap memanggil")
    tells(moved, "waiting")
    # Whoever missed the call has come back, and the papers are copied.
    one.locator("#terlewat > summary").click()
    one.locator("#alasan").fill("Sudah kembali")
    one.locator("#terlewat button[id^=pulih]").click()
    until(scene, "reactivate", 1)
    tells(missed, "waiting")
    shot(one, "5-console-moves")
    shot(board, "5-display-moves")
    click(one, "#ditunda button[id^=lanjut]", "Sedang dilayani")
    tells(held, "serving")
    serves(two, other)
    press(one, "s", "Siap memanggil")
    tells(held, "completed")
    served = [held, other]
    while len(served) < len(numbers):
        for desk in (two, one):
            # Whoever was sent to the second counter is called by no other.
            if set(numbers) - set(served) - ({moved} if desk is one else set()):
                served.append(calls(desk))
                serves(desk, served[-1])
    assert sorted(served) == sorted(numbers)
    expect(board.locator("[data-people]")).to_have_text("0", timeout=10_000)
    for phone in phones:
        expect(phone.locator("[data-ticket-state=completed]")).to_be_visible(timeout=30_000)
    shot(phones[0], "6-phone-done")
    shot(board, "6-display-done")
    expect(kiosk.get_by_role("link", name=re.compile("Ambil nomor antrean"))).to_be_visible(timeout=90_000)
    judge(scene, numbers, {missed, moved})


def until(scene: Scene, kind: str, count: int) -> None:
    """Return once so many events of a kind are written."""
    end = time.monotonic() + 10
    query = select(func.count()).select_from(TicketEvent).where(TicketEvent.kind == kind)
    while True:
        with at(scene.app, scene.region), read() as session:
            if session.scalar(query) == count:
                return
        assert time.monotonic() < end, f"no {kind}"
        time.sleep(0.1)


def judge(scene: Scene, numbers: list[str], twice: set[str]) -> None:
    """Each number stands once, was called once (`twice`: two times), and its history is legal."""
    with at(scene.app, scene.region), read() as session:
        tickets = session.scalars(select(Ticket)).all()
        assert sorted(t.label for t in tickets) == sorted(numbers)
        assert {t.state for t in tickets} == {TicketState.COMPLETED}
        assert Tally(t.channel for t in tickets) == {"kiosk": 3, "web": 3}
        assert sorted(filter(None, (t.priority_class for t in tickets))) == ["elderly"]
        kinds: Tally[str] = Tally()
        for ticket in tickets:
            history = session.scalars(
                select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
            ).all()
            assert_legal(history, ticket)
            own = Tally(event.kind for event in history)
            assert own["call"] == (2 if ticket.label in twice else 1)
            kinds += own
        moves = ("hold", "resume", "no_show", "reactivate", "recall", "transfer")
        assert {kind: kinds[kind] for kind in moves} == dict.fromkeys(moves, 1)
        assert session.scalars(select(Counter).where(Counter.officer_id.is_not(None))).all()
