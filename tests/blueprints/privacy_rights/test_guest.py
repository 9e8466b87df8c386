"""A guest at their own data: by a link, by a telephone that answers; seen, taken along, corrected, erased."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from mpp.audit import AuditEntry
from mpp.crypto import keyring, rotation
from mpp.crypto.disclosure import Why
from mpp.database.session import read, write
from mpp.privacy.kinds import REMOVED
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.privacy.models import RightsRequest
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.policies import new_key
from tenants.queueing.service import take_ticket
from tests.support.client import Browser, Page
from tests.support.hall import at, open_always

PHONE, OTHER = "0812-9999-0012", "0812-9999-0013"
NAME = "Uji Nur\u02bcaini"
SERVICE = "ktp-el-baru"


@pytest.fixture
def ticket(app: Platform, bukittinggi: Region) -> Ticket:
    with at(app, bukittinggi):
        open_always()
        return take_ticket(SERVICE, NAME, PHONE, new_key(), "web")


def by_link(browser: Browser, ticket: Ticket) -> Page:
    page = ask(browser, kode=f"http://bukittinggi.localhost/antrean/{ticket.code}")
    assert page.status == 303, page.words()
    return browser.get("/data-saya/isi")


def by_phone(browser: Browser, phone: str = PHONE) -> Page:
    page = ask(browser, hp=phone)
    assert page.location == "/data-saya/kode", page.words()
    shown = browser.get("/data-saya/kode").all("strong")
    code = next(e.text for e in shown if e.get("data-demo-code") is not None)
    return browser.submit("/data-saya/kode", code=code)


def ask(browser: Browser, **fields: str) -> Page:
    return browser.submit("/data-saya", **fields)


def rows(app: Platform, region: Region, action: str) -> list[AuditEntry]:
    with at(app, region), read() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_a_link_shows_little_and_the_telephone_opens_the_rest(
    app: Platform, browse: Callable[..., Browser], bukittinggi: Region, ticket: Ticket
) -> None:
    browser = browse("bukittinggi")
    assert browser.get("/data-saya/isi").location == "/data-saya"
    page = by_link(browser, ticket)
    assert NAME in page.words() and "9999" not in page.words()
    for path in ("unduh/json", "unduh/pdf", "hapus"):
        assert browser.post(f"/data-saya/isi/{path}").location == "/data-saya/isi"
    assert browser.get("/data-saya/isi/perbaikan").location == "/data-saya/isi"
    assert browser.post("/data-saya/kirim").location == "/data-saya/kode"
    page = browser.get("/data-saya/kode")
    assert "99990012" not in page.text and "0812-9999" not in page.text
    code = next(e.text for e in page.all("strong") if e.get("data-demo-code") is not None)
    assert browser.submit("/data-saya/kode", code="000000" if code != "000000" else "1").status == 422
    assert browser.submit("/data-saya/kode", code=code).location == "/data-saya/isi"
    got = browser.post("/data-saya/isi/unduh/json")
    assert got.status == 200 and got.response.headers["Cache-Control"] == "private, no-store"
    assert got.response.headers["Content-Disposition"].startswith(
        'attachment; filename="data-saya-bukittinggi-'
    )
    told = json.loads(got.text)
    assert (told["format"], told["version"]) == ("mpp-data-saya", 1)
    person = next(kind for kind in told["kinds"] if kind["kind"] == "ticket.person")
    assert person["records"][0]["holder"] == NAME and person["records"][0]["phone"] == PHONE
    assert person["purpose"] and person["legal_basis"] and person["kept_until"].startswith("90 hari")
    pdf = browser.post("/data-saya/isi/unduh/pdf")
    assert pdf.response.get_data().startswith(b"%PDF-")
    assert [entry.data for entry in rows(app, bukittinggi, "rights.download")] == [
        {"form": "json"}, {"form": "pdf"},
    ]  # fmt: skip


def test_a_telephone_that_is_unknown_is_treated_alike(
    browse: Callable[..., Browser], bukittinggi: Region, ticket: Ticket
) -> None:
    browser = browse("bukittinggi")
    page = by_phone(browser, OTHER)
    assert page.location == "/data-saya"
    assert "Tidak ada data di daerah ini" in browser.get("/data-saya").words()
    assert browser.get("/data-saya/isi").location == "/data-saya"


def test_a_neighbour_and_another_browser_see_nothing(
    browse: Callable[..., Browser], banyuwangi: Region, ticket: Ticket
) -> None:
    assert ask(browse("banyuwangi"), kode=ticket.code).status == 422
    here = browse("bukittinggi")
    assert by_phone(here).location == "/data-saya/isi"
    there = browse("banyuwangi")
    # The cookie of one host, carried to another.
    cookie = here.client.get_cookie("session", domain="bukittinggi.localhost")
    if cookie is not None:
        there.client.set_cookie("session", cookie.value, domain="banyuwangi.localhost")
    page = there.get("/data-saya/isi")
    assert NAME not in page.text


def test_a_correction_is_decided_by_the_admin_and_told(
    app: Platform, browse: Callable[..., Browser], bukittinggi: Region, ticket: Ticket
) -> None:
    guest, admin = browse("bukittinggi"), browse("bukittinggi", as_="admin")
    by_phone(guest)
    form = "/data-saya/isi/perbaikan"
    bad = guest.submit(form, hal="phone", menjadi="bukan nomor")
    assert bad.status == 422 and "bukan nomor" in bad.text
    assert guest.submit(form, hal="holder", menjadi="Uji Benar").location == "/data-saya/isi"
    again = guest.submit(form, hal="holder", menjadi="Uji Lain")
    assert again.status == 422 and "belum diputuskan" in again.words()
    assert "Menunggu keputusan" in guest.get("/data-saya/isi").words()
    desk = admin.get("/admin/hak-data").words()
    assert "sisa 71 jam" in desk and "Uji Benar" not in desk
    with at(app, bukittinggi), read() as session:
        wish_id = session.scalars(select(RightsRequest.id)).one()
    page = f"/admin/hak-data/{wish_id}"
    assert admin.submit(page, keputusan="tolak", jawaban="").status == 422
    assert "Uji Benar" in admin.get(page).words() and NAME in admin.get(page).words()
    assert admin.submit(page, keputusan="kabul", jawaban="Sudah dibetulkan.").status == 303
    assert admin.post(page, {"keputusan": "tolak", "jawaban": "terlambat sekali"}).status == 303
    with at(app, bukittinggi), read() as session:
        assert session.get_one(Ticket, ticket.id).holder == "Uji Benar"
    told = guest.get("/data-saya/isi").words()
    assert "Dikabulkan" in told and "Sudah dibetulkan." in told
    assert [e.data for e in rows(app, bukittinggi, "rights.grant")] == [{"field": "holder"}]
    assert rows(app, bukittinggi, "rights.refuse") == []


def test_who_looked_is_told_by_office_never_by_name(
    app: Platform, browse: Callable[..., Browser], bukittinggi: Region, ticket: Ticket
) -> None:
    from mpp.audit import Actor, actor
    from mpp.crypto import disclosure
    from tests.support.staff import add_staff

    with at(app, bukittinggi), read() as session:
        agency = session.get_one(Ticket, ticket.id).service.agency_id
    add_staff(app, bukittinggi, "instansi@bukittinggi.contoh", "agency_officer", agency_id=agency)
    with at(app, bukittinggi), write() as session:
        from mpp.accounts.models import Staff

        staff = session.scalars(select(Staff).where(Staff.email == "instansi@bukittinggi.contoh")).one()
        token = actor.set(Actor("staff", staff.id, "Nama Petugas"))
        disclosure.note(session, subject=f"ticket:{ticket.id}", field="phone", why=Why.CALL)
        session.commit()
        actor.reset(token)
    guest = browse("bukittinggi")
    by_phone(guest)
    words = guest.get("/data-saya/isi").words()
    assert "Petugas instansi, " in words and "Menghubungi warga tentang nomornya" in words
    assert "Nama Petugas" not in words


def test_erasure_leaves_times_and_nobody(
    app: Platform, browse: Callable[..., Browser], bukittinggi: Region, ticket: Ticket
) -> None:
    with at(app, bukittinggi):
        stranger = take_ticket(SERVICE, "Uji Orang Lain", OTHER, new_key(), "web")
    guest = browse("bukittinggi")
    by_phone(guest)
    page = guest.get("/data-saya/isi/berhenti")
    assert ticket.label in page.words() and "dianonimkan" in page.words()
    assert guest.post("/data-saya/isi/hapus").location == "/data-saya/isi/berhenti"
    assert guest.post("/data-saya/isi/hapus", {"paham": "ya"}).location == "/privasi"
    assert guest.get("/data-saya/isi").location == "/data-saya"
    assert guest.get(f"/antrean/{ticket.code}").status == 404
    with at(app, bukittinggi), read() as session:
        gone = session.get_one(Ticket, ticket.id)
        assert (gone.holder, gone.phone, gone.phone_index) == (REMOVED, None, None)
        assert gone.state == TicketState.CANCELLED and gone.issued_at
        assert session.get_one(Ticket, stranger.id).holder == "Uji Orang Lain"
    (entry,) = rows(app, bukittinggi, "rights.erase")
    assert entry.subject == "guest:phone" and entry.data == {"rows": {"ticket": 1}}
    assert NAME not in str(entry.data)


def test_a_guest_is_whole_while_the_keys_turn(
    app: Platform, browse: Callable[..., Browser], bukittinggi: Region, settings: Settings, ticket: Ticket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    guest = browse("bukittinggi")
    by_phone(guest)
    cookie = guest.client.get_cookie("session", domain="bukittinggi.localhost")
    assert cookie is None or "99990012" not in cookie.value
    # A new key is in use, and only what is written from now on bears it: the proof above is older.
    monkeypatch.setattr(keyring, "SECONDS_ANNOUNCED", 0.0)
    rotation._begin(settings, app.extensions[keyring.EXTENSION], bukittinggi.id)
    app.extensions[keyring.EXTENSION].forget()
    with at(app, bukittinggi):
        newer = take_ticket(SERVICE, NAME, PHONE, new_key(), "web")
        with read() as session:
            indexes = session.scalars(select(Ticket.phone_index).where(Ticket.id.in_([ticket.id, newer.id])))
            assert {bytes(index)[2] for index in indexes if index} == {1, 2}
    told = json.loads(guest.post("/data-saya/isi/unduh/json").text)
    person = next(kind for kind in told["kinds"] if kind["kind"] == "ticket.person")
    assert len(person["records"]) == 2
    guest.post("/data-saya/isi/hapus", {"paham": "ya"})
    with at(app, bukittinggi), read() as session:
        assert set(session.scalars(select(Ticket.holder))) == {REMOVED}


def test_a_number_without_a_telephone_is_its_links(
    app: Platform, browse: Callable[..., Browser], bukittinggi: Region
) -> None:
    with at(app, bukittinggi):
        open_always()
        ticket = take_ticket(SERVICE, "Uji Tanpa HP", None, new_key(), "web")
    guest = browse("bukittinggi")
    by_link(guest, ticket)
    assert guest.post("/data-saya/isi/unduh/json").status == 200
    assert guest.post("/data-saya/isi/hapus", {"paham": "ya"}).location == "/privasi"


def test_a_proof_ends_when_its_owner_says_so(browse: Callable[..., Browser], ticket: Ticket) -> None:
    guest = browse("bukittinggi")
    by_phone(guest)
    guest.post("/data-saya/selesai")
    assert guest.get("/data-saya/isi").location == "/data-saya"


def test_downloads_are_bounded(browse: Callable[..., Browser], ticket: Ticket) -> None:
    guest = browse("bukittinggi")
    by_phone(guest)
    statuses = [guest.post("/data-saya/isi/unduh/json").status for _ in range(32)]
    assert statuses.count(200) == 30 and statuses[-1] == 429
