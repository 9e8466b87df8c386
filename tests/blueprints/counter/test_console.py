"""The officer's console, by plain forms and as its script speaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from mpp.accounts.models import Staff
from mpp.audit import AuditEntry
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, CounterOfficer
from tenants.queueing import service
from tenants.queueing.console import console
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.policies import new_key
from tests.support.client import Browser, Page
from tests.support.hall import at, counters_of, more_counters, seat

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


def press(browser: Browser, words: str, **fields: str) -> Page:
    """Press the button with these words, as a browser without scripts does."""
    page = browser.get("/loket")
    button = next(b for b in page.all("button") if words in "".join(b.itertext()))
    assert button.get("form") == "aksi" and button.get("disabled") is None
    token = page.form("/loket/panggil")
    values = {f.get("name") or "": f.get("value") or "" for f in token.iter("input")}
    values |= fields | ({button.get("name") or "": button.get("value") or ""} if button.get("name") else {})
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


def test_a_repeated_call_of_the_script_calls_once(
    officer: Browser, counter: int, app: Platform, open_hall: Region
) -> None:
    key = new_key()
    for _send in range(3):
        answer = officer.post("/loket/panggil", {"kunci": key, "loket": str(counter)}, headers=SCRIPT)
        assert answer.status == 200 and answer.response.json == {
            "notice": None,
            "field": None,
            "moved": False,
        }
    with at(app, open_hall), read() as session:
        states = sorted(session.scalars(select(Ticket.state)))
    assert states == ["called", "waiting", "waiting"]


def test_an_illegal_move_is_said_in_words(officer: Browser, counter: int) -> None:
    officer.post("/loket/panggil", {"loket": str(counter)}, headers=SCRIPT)
    state = officer.get("/loket/isi").all("div", class_="console")[0]
    ticket = state.get("data-ticket")
    answer = officer.post(f"/loket/nomor/{ticket}/selesai", {"loket": str(counter)}, headers=SCRIPT)
    assert answer.status == 409 and "sedang dipanggil" in (answer.response.json or {})["notice"]
    assert officer.post("/loket/nomor/999999/mulai", {"loket": str(counter)}, headers=SCRIPT).status == 404


def test_the_changing_part_is_quiet_while_nothing_changes(officer: Browser, counter: int) -> None:
    first = officer.get("/loket/isi")
    tag = {"If-None-Match": first.response.headers["ETag"]}
    assert officer.get("/loket/isi", headers=tag).status == 304
    officer.post("/loket/panggil", {"loket": str(counter)}, headers=SCRIPT)
    assert officer.get("/loket/isi", headers=tag).status == 200


def test_a_counter_taken_over_shows_it(
    officer: Browser, browse: Browse, counter: int, app: Platform, open_hall: Region
) -> None:
    admin = browse("bukittinggi", as_="admin")
    refused = admin.post(f"/loket/{counter}/duduk")
    assert refused.location == "/loket/pilih"
    assert admin.submit("/loket/pilih", f"/loket/{counter}/duduk").location == "/loket"
    assert officer.get("/loket/isi").status == 410
    answer = officer.post("/loket/panggil", {"loket": str(counter)}, headers=SCRIPT)
    assert answer.status == 409 and (answer.response.json or {})["moved"]


def test_a_press_that_was_done_answers_so_although_the_seat_is_lost(
    officer: Browser, browse: Browse, counter: int, app: Platform, open_hall: Region
) -> None:
    press, alarm = ({"loket": str(counter), "kunci": new_key()} for _press in range(2))
    assert officer.post("/loket/panggil", press, headers=SCRIPT).status == 200
    assert officer.post("/loket/bantuan", alarm, headers=SCRIPT).status == 200
    admin = browse("bukittinggi", as_="admin")
    token = admin.get("/loket/pilih").form(f"/loket/{counter}/duduk")
    values = {f.get("name") or "": f.get("value") or "" for f in token.iter("input")} | {"ambil_alih": "1"}
    assert admin.post(f"/loket/{counter}/duduk", values, csrf=False).location == "/loket"
    with at(app, open_hall), read() as session:
        ticket = session.scalars(select(Ticket.id).where(Ticket.state == "called")).one()
    for word in ("mulai", "selesai"):
        assert admin.post(f"/loket/nomor/{ticket}/{word}", {"loket": str(counter)}).location == "/loket"
    for path, sent in (("/loket/panggil", press), ("/loket/bantuan", alarm)):
        again = officer.post(path, sent, headers=SCRIPT)
        assert again.status == 200, "its answer was lost, and it had been carried out"
    assert officer.post("/loket/panggil", press | {"kunci": new_key()}, headers=SCRIPT).status == 409
    with at(app, open_hall), read() as session:
        assert len(session.scalars(select(TicketEvent).where(TicketEvent.kind == "call")).all()) == 1


@pytest.fixture
def second(app: Platform, open_hall: Region, counter: int) -> int:
    """Another counter of the same officer and line."""
    with at(app, open_hall):
        found = next(one for one in more_counters(SERVICE, 2) if one != counter)
        with write() as session:
            staff = session.scalars(select(Staff).where(Staff.email == "petugas@bukittinggi.contoh")).one()
            if session.get(CounterOfficer, (found, staff.id)) is None:
                session.add(CounterOfficer(counter_id=found, staff_id=staff.id))
        return found


def test_a_tab_that_shows_another_counter_does_nothing_there(
    officer: Browser, counter: int, second: int, app: Platform, open_hall: Region
) -> None:
    """The officer has moved in another tab: what the first one still shows is neither closed nor called."""
    press(officer, "Panggil berikutnya")
    assert "1 ditunda" in press(officer, "Tunda", alasan="Fotokopi").words()
    old = officer.get("/loket")
    assert officer.submit("/loket/pilih", f"/loket/{second}/duduk").location == "/loket"
    with at(app, open_hall), read() as session:
        parked = session.scalars(select(Ticket.id).where(Ticket.state == "on_hold")).one()
    hidden = {f.get("name") or "": f.get("value") or "" for f in old.form("/loket/tutup").iter("input")}
    assert hidden["loket"] == str(counter)
    for path in ("tutup", "jeda", "panggil", "di-sini", f"nomor/{parked}/lanjutkan"):
        answer = officer.post(f"/loket/{path}", hidden | {"kunci": new_key()}, csrf=False)
        assert answer.location == "/loket"
        assert "tidak lagi duduk di loket pada layar tadi" in officer.get("/loket").words(), path
        told = officer.post(f"/loket/{path}", hidden | {"kunci": new_key()}, csrf=False, headers=SCRIPT)
        assert (told.status, (told.response.json or {})["moved"]) == (409, True)
    assert officer.get(f"/loket/isi?loket={counter}").status == 410, "the page is drawn anew"
    assert officer.get(f"/loket/isi?loket={second}").status == 200
    assert "Siap memanggil" in officer.get("/loket").words(), "still open, nobody called"
    assert officer.post("/loket/tutup", {"kunci": new_key()}, headers=SCRIPT).status == 409, (
        "for no counter at all"
    )


def test_a_late_press_of_an_old_screen_calls_nobody_more(
    officer: Browser, app: Platform, open_hall: Region
) -> None:
    """The line was cut after the press; meanwhile another tab has called and served."""
    page = officer.get("/loket")
    button = next(b for b in page.all("button") if "Panggil berikutnya" in "".join(b.itertext()))
    values = {f.get("name") or "": f.get("value") or "" for f in page.form("/loket/panggil").iter("input")}
    values |= {button.get("name") or "": button.get("value") or "", "kunci": new_key()}
    for words in ("Panggil berikutnya", "Mulai layani", "Selesai"):
        press(officer, words)
    late = officer.post("/loket/panggil", values, csrf=False, headers=SCRIPT)
    assert late.status == 409 and "sudah memanggil lagi" in (late.response.json or {})["notice"]
    with at(app, open_hall), read() as session:
        assert sorted(session.scalars(select(Ticket.state))) == ["completed", "waiting", "waiting"]
    assert "Dipanggil" in press(officer, "Panggil berikutnya").words(), "the new screen does"


def test_a_visit_of_two_services_goes_on_by_the_main_button(
    officer: Browser, browse: Browse, app: Platform, open_hall: Region
) -> None:
    with at(app, open_hall):
        with write() as session:
            session.execute(update(Ticket).values(state="cancelled"))
        code = service.take_ticket(SERVICE, "Siti", None, new_key(), "web", more=["kk-baru"]).code
    press(officer, "Panggil berikutnya")
    press(officer, "Mulai layani")
    assert "masih perlu" in press(officer, "Selesai tanpa melanjutkan").words()
    page = press(officer, "Selesai, lanjut ke")
    assert "Siap memanggil" in page.words()
    (steps,) = browse("bukittinggi").get(f"/antrean/{code}").all("ol", class_="visit-steps")
    assert [word for word in ("sudah", "sekarang", "berikutnya") if word in "".join(steps.itertext())] == [
        "sudah",
        "sekarang",
    ]


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
    officer.post("/loket/panggil", {"loket": str(counter)}, headers=SCRIPT)
    with at(app, open_hall), read() as session:
        ticket = session.scalars(select(Ticket.id).where(Ticket.state == "called")).one()
    with at(app, banyuwangi):
        assert seat(1).id
    neighbour = browse("banyuwangi", as_="petugas")
    for move in ("ulang", "mulai", "selesai", "tidak-hadir"):
        assert neighbour.post(f"/loket/nomor/{ticket}/{move}", {"loket": "1"}, headers=SCRIPT).status == 404
    assert neighbour.post("/loket/999999/duduk").status == 404
    assert "Dipanggil" in officer.get("/loket").words()


def test_parking_needs_a_reason_and_comes_back(officer: Browser) -> None:
    press(officer, "Panggil berikutnya")
    assert "Tulis alasan menunda" in press(officer, "Tunda").words()
    page = press(officer, "Tunda", alasan="Fotokopi")
    assert "Siap memanggil" in page.words() and "1 ditunda" in page.words()
    assert "Sedang dilayani" in press(officer, "Lanjutkan di sini").words()


def test_a_missed_call_is_restored_and_one_is_called_out_of_order(officer: Browser) -> None:
    press(officer, "Panggil berikutnya")
    press(officer, "Tidak hadir")
    page = press(officer, "Pulihkan", alasan="Sedang di toilet")
    assert "3 orang menunggu" in page.words()
    page = officer.get("/loket")
    last = [b for b in page.all("button") if "Panggil ini" in "".join(b.itertext())][-1]
    token = page.form("/loket/panggil")
    values = {f.get("name") or "": f.get("value") or "" for f in token.iter("input")}
    refused = officer.post(last.get("formaction") or "", values, csrf=False, headers=SCRIPT)
    assert refused.status == 409 and (refused.response.json or {})["field"] == "sebab"
    other = {**values, "sebab": "other"}
    refused = officer.post(last.get("formaction") or "", other, csrf=False, headers=SCRIPT)
    assert refused.status == 409 and (refused.response.json or {})["field"] == "alasan"
    urgent = {**values, "sebab": "emergency", "alasan": "Hendak pingsan"}
    officer.post(last.get("formaction") or "", urgent, csrf=False)
    page = officer.get("/loket")
    assert "Di luar urutan: keadaan darurat. Hendak pingsan" in page.words()
    assert "1 panggilan di luar urutan" in page.words()
    answer = officer.get("/loket/mengapa?nomor=A3&dari=a-1")
    assert "Petugas memanggil A-003 di luar urutan: keadaan darurat." in answer.words()
    assert "jangan dibacakan: Hendak pingsan" in answer.words()
    assert "tidak ditemukan" in officer.get("/loket/mengapa?nomor=Z9&dari=A1").words()


def test_a_priority_class_is_corrected_at_the_counter(
    officer: Browser, browse: Browse, app: Platform, open_hall: Region
) -> None:
    press(officer, "Panggil berikutnya")
    assert "Pilih kelas yang benar" in press(officer, "Ubah kelas").words()
    assert "Pilih sebab menjadikannya prioritas" in press(officer, "Ubah kelas", kelas="elderly").words()
    raised = press(officer, "Ubah kelas", kelas="elderly", **{"sebab-kelas": "seen"}).words()
    assert "Lansia." in raised and "1 nomor dijadikan prioritas oleh petugas" in raised
    assert "1 nomor dijadikan prioritas oleh petugas" in browse("bukittinggi").get("/antrean").words()
    assert "Bukan prioritas." in press(officer, "Ubah kelas", kelas="biasa").words()
    with at(app, open_hall), read() as session:
        told = session.scalars(select(TicketEvent).where(TicketEvent.kind == "reclassify")).all()
        data = [event.data for event in told]
        raising = {"from": None, "to": "elderly", "raised": True, "category": "seen"}
        assert data == [raising, {"from": "elderly", "to": None}]
        assert (
            officer.post(f"/loket/nomor/{told[0].ticket_id}/kelas", {"kelas": "raja", "loket": "1"}).status
            == 404
        )
        acts = session.scalars(select(AuditEntry).where(AuditEntry.action == "ticket.class")).all()
        assert [entry.data["to"] for entry in acts] == ["lansia", "bukan prioritas"]


def test_sending_somebody_to_another_service(officer: Browser) -> None:
    press(officer, "Panggil berikutnya")
    assert "Pilih layanan atau loket tujuan" in press(officer, "Alihkan", alasan="Perlu KK").words()
    press(officer, "Alihkan", alasan="Perlu KK", layanan="kk-baru")
    assert "Siap memanggil" in officer.get("/loket").words()


def test_help_is_asked_silently_and_answered_by_the_admin(
    officer: Browser, browse: Browse, app: Platform, open_hall: Region, counter: int
) -> None:
    before = officer.get("/loket/isi").words()
    press(officer, "Minta bantuan")
    after = officer.get("/loket/isi").words()
    # Who sits across the counter reads this screen too: nothing but a tick, and words for a screen reader.
    assert after.replace("Minta bantuanterkirim", "Minta bantuan") == before != after
    told = officer.post("/loket/bantuan", headers=SCRIPT).response.json
    assert told == {"notice": None, "field": None, "moved": False}
    with at(app, open_hall), read() as session:
        beside = session.scalars(select(Counter).where(Counter.id != counter).limit(1)).one()
        assert [alert.counter_id for alert in console(session, beside).alerts] == [counter]
    admin = browse("bukittinggi", as_="admin")
    for page in ("/admin", "/admin/petugas", "/akun-saya", "/resepsionis"):
        assert "Loket minta bantuan" in admin.get(page).words(), page
    path = next(link for link in admin.get("/admin").links() if "/bantuan/" in link)
    assert admin.submit(path, path, alasan="Sudah didatangi").status == 303
    assert "minta bantuan" not in admin.get("/admin").words()
    assert officer.get("/loket/isi").words() == before
    board = browse("bukittinggi").get("/antrean").words()
    assert "bantuan" not in board, "citizens see nothing of it"
