"""The officer's console, by plain forms and as its script speaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from mpp.accounts.models import Staff
from mpp.database.session import read
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import CounterOfficer
from tenants.queueing import service
from tenants.queueing.models import Ticket
from tenants.queueing.policies import new_key
from tests.support.client import Browser, Page
from tests.support.hall import at, counters_of, seat

Browse = Callable[..., Browser]
SERVICE = "ktp-el-baru"
SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def counter(app: Platform, open_hall: Region) -> int:
    """A counter of the demo officer's, with three people in its line."""
    with at(app, open_hall):
        for _person in range(3):
            service.take_ticket(SERVICE, "Siti", None, new_key(), "web")
        with read() as session:
            staff = session.scalars(select(Staff).where(Staff.email == "petugas@bukittinggi.contoh")).one()
            own = set(
                session.scalars(select(CounterOfficer.counter_id).where(CounterOfficer.staff_id == staff.id))
            )
        return next(c.id for c in counters_of(SERVICE) if c.id in own)


@pytest.fixture
def officer(counter: int, browse: Browse) -> Browser:
    browser = browse("bukittinggi", as_="petugas")
    assert browser.get("/loket").location == "/loket/pilih"
    assert browser.submit("/loket/pilih", f"/loket/{counter}/duduk").location == "/loket"
    return browser


def press(browser: Browser, words: str) -> Page:
    """Press the button with these words, as a browser without scripts does."""
    page = browser.get("/loket")
    button = next(b for b in page.all("button") if words in "".join(b.itertext()))
    assert button.get("form") == "aksi" and button.get("disabled") is None
    token = page.form("/loket/panggil")
    values = {f.get("name"): f.get("value") or "" for f in token.iter("input")}
    answer = browser.post(button.get("formaction") or "", values, csrf=False)
    assert answer.status == 303
    return browser.get(answer.location or "")


def test_the_whole_way_by_forms(officer: Browser) -> None:
    assert "Siap memanggil" in officer.get("/loket").words()
    assert "Dipanggil, menunggu orangnya" in press(officer, "Panggil berikutnya").words()
    assert "Baru saja dipanggil" in press(officer, "Panggil ulang").words()
    assert "Sedang dilayani" in press(officer, "Mulai layani").words()
    page = press(officer, "Selesai")
    assert "Siap memanggil" in page.words() and "1 orang selesai" in page.words()
    press(officer, "Panggil berikutnya")
    assert "Siap memanggil" in press(officer, "Tidak hadir").words()
    assert "Buka loket lagi" in press(officer, "Jeda loket").words()
    assert "Siap memanggil" in press(officer, "Buka loket lagi").words()


def test_a_repeated_call_of_the_script_calls_once(officer: Browser, app: Platform, open_hall: Region) -> None:
    key = new_key()
    for _send in range(3):
        answer = officer.post("/loket/panggil", {"kunci": key}, headers=SCRIPT)
        assert answer.status == 200 and answer.response.json == {"notice": None}
    with at(app, open_hall), read() as session:
        states = sorted(session.scalars(select(Ticket.state)))
    assert states == ["called", "waiting", "waiting"]


def test_an_illegal_move_is_said_in_words(officer: Browser) -> None:
    officer.post("/loket/panggil", headers=SCRIPT)
    state = officer.get("/loket/isi").all("div", class_="console")[0]
    ticket = state.get("data-ticket")
    answer = officer.post(f"/loket/nomor/{ticket}/selesai", headers=SCRIPT)
    assert answer.status == 409 and "sedang dipanggil" in (answer.response.json or {})["notice"]
    assert officer.post("/loket/nomor/999999/mulai", headers=SCRIPT).status == 404


def test_the_changing_part_is_quiet_while_nothing_changes(officer: Browser) -> None:
    first = officer.get("/loket/isi")
    tag = {"If-None-Match": first.response.headers["ETag"]}
    assert officer.get("/loket/isi", headers=tag).status == 304
    officer.post("/loket/panggil", headers=SCRIPT)
    assert officer.get("/loket/isi", headers=tag).status == 200


def test_a_counter_taken_over_shows_it(
    officer: Browser, browse: Browse, counter: int, app: Platform, open_hall: Region
) -> None:
    admin = browse("bukittinggi", as_="admin")
    refused = admin.post(f"/loket/{counter}/duduk")
    assert refused.location == "/loket/pilih"
    assert admin.submit("/loket/pilih", f"/loket/{counter}/duduk").location == "/loket"
    assert officer.get("/loket/isi").status == 410
    assert officer.post("/loket/panggil", headers=SCRIPT).status == 409


def test_closing_gives_the_counter_back(officer: Browser) -> None:
    assert officer.submit("/loket", "/loket/tutup").location == "/loket"
    assert officer.get("/loket").location == "/loket/pilih"


def test_only_officers_and_admins_enter(open_hall: Region, browse: Browse) -> None:
    assert "/masuk" in (browse("bukittinggi").get("/loket").location or "")
    assert browse("bukittinggi").post("/loket/panggil").status == 401
    receptionist = browse("bukittinggi", as_="resepsionis")
    assert receptionist.get("/loket").status == receptionist.post("/loket/panggil").status == 403


def test_a_neighbours_officer_reaches_nothing(
    officer: Browser, browse: Browse, counter: int, banyuwangi: Region, app: Platform, open_hall: Region
) -> None:
    officer.post("/loket/panggil", headers=SCRIPT)
    with at(app, open_hall), read() as session:
        ticket = session.scalars(select(Ticket.id).where(Ticket.state == "called")).one()
    with at(app, banyuwangi):
        assert seat(1).id
    neighbour = browse("banyuwangi", as_="petugas")
    for move in ("ulang", "mulai", "selesai", "tidak-hadir"):
        assert neighbour.post(f"/loket/nomor/{ticket}/{move}", headers=SCRIPT).status == 404
    assert neighbour.post("/loket/999999/duduk").status == 404
    assert "Dipanggil" in officer.get("/loket").words()
