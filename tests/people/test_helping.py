"""Helper mode: with consent and reason, seen, logged, over after the act or its time, found again by the person."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from mpp.accounts.models import Staff
from mpp.audit import AuditEntry
from mpp.database.session import read, write
from mpp.privacy.kinds import REMOVED
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.people import helping
from tenants.people.acting_models import Helping, TicketActing
from tenants.queueing.models import Ticket
from tests.mpp.citizens.people import account
from tests.support.citizens import Walker
from tests.support.client import Browser, shown_code
from tests.support.hall import at, open_always

Browse = Callable[..., Browser]
KTP = "ktp-el-baru"
TAKE = f"/antrean/ambil?layanan={KTP}"
GIVE = f"/resepsionis/beri?layanan={KTP}"
WHO = {"nama": "Nenek Contoh", "alasan": "elderly", "setuju": "y"}


@pytest.fixture(autouse=True)
def hall(app: Platform, bukittinggi: Region) -> None:
    """Open at any hour."""
    with at(app, bukittinggi):
        open_always()


def rows(app: Platform, region: Region) -> list[tuple[Ticket, TicketActing, Helping]]:
    query = (
        select(Ticket, TicketActing, Helping)
        .join(TicketActing, TicketActing.ticket_id == Ticket.id)
        .join(Helping, Helping.id == TicketActing.helping_id)
    )
    with at(app, region), read() as session:
        return [(ticket, row, help_) for ticket, row, help_ in session.execute(query)]


def log(app: Platform, region: Region) -> list[tuple[str, str, int | None]]:
    with at(app, region), read() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("helping.%")).order_by(AuditEntry.id)
        )
        return [(e.action, e.actor_name, e.actor_id) for e in entries]


def test_an_officer_helps_and_it_ends_with_the_act(
    app: Platform, bukittinggi: Region, browse: Browse
) -> None:
    officer = browse("bukittinggi", as_="petugas")
    assert officer.submit("/bantu", "/bantu", **{**WHO, "hp": "0812 9999 0177"}).status == 303
    assert "Anda sedang membantu Nenek Contoh" in officer.get("/akun-saya").words()
    page = officer.get(TAKE)
    assert "Anda sedang membantu Nenek Contoh" in page.words()
    sent = officer.submit(TAKE, "/antrean/ambil")
    assert sent.status == 303, sent.words()
    ((ticket, row, help_),) = rows(app, bukittinggi)
    assert (ticket.holder, row.basis, help_.ended_by, help_.reason) == (
        "Nenek Contoh",
        "help",
        "act",
        "elderly",
    )
    assert help_.consented_at is not None and ticket.profile_id is None
    assert "sedang membantu" not in officer.get("/akun-saya").words()
    # Helper and helped, and nobody's name but the helper's own.
    assert [action for action, _name, _id in log(app, bukittinggi)] == ["helping.begin", "helping.act"]
    with at(app, bukittinggi), read() as session:
        staff = session.scalars(select(Staff).where(Staff.email == "petugas@bukittinggi.contoh")).one()
        assert {(name, key) for _a, name, key in log(app, bukittinggi)} == {(staff.name, staff.id)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"setuju": ""}, "centang bahwa orangnya setuju"),
        ({"alasan": ""}, "Pilih mengapa orang ini dibantu"),
        ({"alasan": "lain"}, "Pilih mengapa orang ini dibantu"),
        ({"nama": ""}, "Isi nama orang yang dibantu"),
        ({"hp": "12"}, "Nomor HP tidak dikenali"),
    ],
)
def test_without_consent_and_reason_nothing_begins(
    app: Platform, bukittinggi: Region, browse: Browse, change: dict[str, str], words: str
) -> None:
    officer = browse("bukittinggi", as_="petugas")
    page = officer.post("/bantu", {**WHO, **change})
    assert page.status == 422 and words in page.words()
    assert log(app, bukittinggi) == []


def test_it_ends_by_hand_and_by_itself(app: Platform, bukittinggi: Region, browse: Browse) -> None:
    officer = browse("bukittinggi", as_="petugas")
    officer.submit("/bantu", "/bantu", **WHO)
    assert officer.post("/bantu/selesai").status == 303
    assert "Mulai membantu" in officer.get("/bantu").words()
    officer.submit("/bantu", "/bantu", **WHO)
    with at(app, bukittinggi), write() as session:
        past = dt.datetime.now(tz=dt.UTC) - dt.timedelta(seconds=1)
        session.execute(update(Helping).where(Helping.ended_at.is_(None)).values(ends_at=past))
    assert "Mulai membantu" in officer.get("/bantu").words()
    officer.submit(TAKE, "/antrean/ambil", nama="Orang lain")
    assert rows(app, bukittinggi) == [], "a number taken afterwards is nobody's help"


def test_one_begins_where_another_ends_and_nobody_takes_over_anothers(
    app: Platform, bukittinggi: Region, browse: Browse
) -> None:
    officer = browse("bukittinggi", as_="petugas")
    officer.submit("/bantu", "/bantu", **WHO)
    officer.post("/bantu", {**WHO, "nama": "Kakek Contoh"})
    assert "Kakek Contoh" in officer.get("/bantu").words()
    with at(app, bukittinggi), read() as session:
        going = session.scalars(select(Helping).where(Helping.ended_at.is_(None))).one()
        assert going.staff_id is not None
        assert helping.current(session, going.id, going.staff_id + 1) is None
        assert helping.current(session, "1", going.staff_id) is None


def test_the_desk_marks_a_number_for_somebody_without_a_phone(
    app: Platform, bukittinggi: Region, browse: Browse
) -> None:
    desk = browse("bukittinggi", as_="resepsionis")
    desk.submit(GIVE, "/resepsionis/beri", nama="Nenek Contoh")
    ((ticket, row, help_),) = rows(app, bukittinggi)
    assert (row.basis, help_.reason, help_.consented_at, help_.ended_by) == ("help", "no_phone", None, "act")
    assert "Dibantu oleh petugas" in desk.get(f"/resepsionis/nomor/{ticket.id}").words()
    # With a telephone of their own nobody was helped.
    desk.submit(GIVE, "/resepsionis/beri", nama="Tamu", hp="081299990178")
    assert len(rows(app, bukittinggi)) == 1


def test_the_desk_in_helper_mode(app: Platform, bukittinggi: Region, browse: Browse) -> None:
    desk = browse("bukittinggi", as_="resepsionis")
    desk.submit("/bantu", "/bantu", **WHO)
    desk.submit(GIVE, "/resepsionis/beri", hp="081299990178")
    ((ticket, _row, help_),) = rows(app, bukittinggi)
    assert (ticket.holder, help_.reason) == ("Nenek Contoh", "elderly")


def test_a_relative_fills_in_and_the_person_reads_it_later(app: Platform, bukittinggi: Region) -> None:
    walker = Walker(app, account(app, "Budi Contoh"))
    walker.sign_in()
    walker.enter("bukittinggi")
    browser = walker.at("bukittinggi.localhost")
    refused = browser.submit(TAKE, "/antrean/ambil", untuk="bantu", nama="Nenek Contoh", alasan="elderly")
    assert refused.status == 422 and "centang bahwa orangnya setuju" in refused.words()
    assert browser.submit(TAKE, "/antrean/ambil", untuk="bantu", **WHO).status == 303
    ((ticket, row, help_),) = rows(app, bukittinggi)
    assert help_.profile_id == row.profile_id == ticket.profile_id and help_.ended_by == "act"


def test_the_person_finds_the_help_by_their_telephone(
    app: Platform, bukittinggi: Region, browse: Browse
) -> None:
    officer = browse("bukittinggi", as_="petugas")
    officer.submit("/bantu", "/bantu", **{**WHO, "hp": "081299990102"})
    officer.submit(TAKE, "/antrean/ambil")
    walker = Walker(app, account(app, "Budi Contoh"))
    walker.sign_in()
    walker.enter("bukittinggi")
    here = walker.at("bukittinggi.localhost")
    words = here.get("/warga/data").words()
    assert "Petugas yang membantu" in words and "Nenek Contoh" in words and "0812-••••-••02" in words
    told = json.loads(here.post("/warga/data/unduh/json").text)
    (help_,) = next(kind for kind in told["kinds"] if kind["kind"] == "acting")["records"]
    assert (help_["name"], help_["phone"], help_["reason"]) == ("Nenek Contoh", "0812-9999-0102", "lansia")
    here.post("/warga/data/hapus", {"paham": "ya"})
    nobody(app, bukittinggi)


def test_a_guest_who_was_helped_sees_it_and_is_erased_by_their_telephone(
    app: Platform, bukittinggi: Region, browse: Browse
) -> None:
    officer = browse("bukittinggi", as_="petugas")
    officer.submit("/bantu", "/bantu", **{**WHO, "hp": "081299990177"})
    # The number itself bears no telephone.
    officer.submit(TAKE, "/antrean/ambil")
    guest = browse("bukittinggi")
    assert guest.submit("/data-saya", hp="081299990177").location == "/data-saya/kode"
    guest.submit("/data-saya/kode", code=shown_code(guest.get("/data-saya/kode")))
    words = guest.get("/data-saya/isi").words()
    assert "Petugas yang membantu" in words and "A-001" in words
    guest.post("/data-saya/isi/hapus", {"paham": "ya"})
    nobody(app, bukittinggi)


def test_a_guest_without_a_telephone_is_erased_by_the_number_of_the_desk(
    app: Platform, bukittinggi: Region, browse: Browse
) -> None:
    browse("bukittinggi", as_="resepsionis").submit(GIVE, "/resepsionis/beri", nama="Nenek Contoh")
    ((ticket, _row, _help),) = rows(app, bukittinggi)
    guest = browse("bukittinggi")
    assert guest.submit("/data-saya", kode=ticket.code).status == 303
    assert "Petugas yang membantu" in guest.get("/data-saya/isi").words()
    guest.post("/data-saya/isi/hapus", {"paham": "ya"})
    nobody(app, bukittinggi)


def nobody(app: Platform, region: Region) -> None:
    """That there was a help is left, and nobody in it."""
    ((ticket, row, help_),) = rows(app, region)
    with at(app, region), read() as session:
        phone = session.scalars(select(Helping.phone)).one()
    assert (ticket.holder, row.principal, help_.name, phone) == (REMOVED, None, None, None)


def test_readers_and_strangers_do_not_help(browse: Browse) -> None:
    assert browse("bukittinggi").get("/bantu").status == 302
    assert browse("bukittinggi").post("/bantu", WHO).status == 401
