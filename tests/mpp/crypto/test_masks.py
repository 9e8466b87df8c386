"""Numbers covered on screens, and shown only as a logged act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from mpp.accounts.models import Staff
from mpp.audit import AuditEntry
from mpp.crypto.masks import mask_name, mask_nik, mask_phone, whole_phone
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, CounterOfficer, CounterState
from tenants.queueing import service
from tenants.queueing.models import Ticket
from tenants.queueing.policies import Officer
from tests.support.client import Browser
from tests.support.hall import at, counters_of, open_always

NUMBER = "+6281299990012"


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        (NUMBER, "0812-••••-••12"),
        ("0812 9999 00012", "0812-••••-•••12"),
        ("+60123456789", "6012-••••-•89"),
        ("12345", "•••••"),
        (None, ""),
    ],
)
def test_telephone_numbers(text: str | None, covered: str) -> None:
    assert mask_phone(text) == covered


def test_identity_numbers_and_names() -> None:
    assert mask_nik("9975010101900001") == "9975••••••••0001"
    assert mask_nik("9975.0101.0190.0001") == "9975••••••••0001"
    assert mask_nik("12345") == "•••••"
    assert mask_nik(None) == mask_name(None) == ""
    assert mask_name("Siti Rahma") == "S••• R•••"
    assert (whole_phone(NUMBER), whole_phone("+60123456789")) == ("0812-9999-0012", "+60123456789")


@pytest.fixture
def called(app: Platform, bukittinggi: Region) -> tuple[int, int]:
    """The demo officer sits at a counter and has called somebody with a number: (ticket, counter)."""
    with at(app, bukittinggi):
        open_always()
        ticket = service.take_ticket("ktp-el-baru", "Siti", NUMBER, "k" * 20, "web")
        service.take_ticket("ktp-el-baru", "Budi", "081299990013", "l" * 20, "web")
        with write() as session:
            staff = session.scalars(select(Staff).where(Staff.email == "petugas@bukittinggi.contoh")).one()
            counter = session.get_one(Counter, counters_of("ktp-el-baru")[0].id)
            counter.officer_id, counter.state = staff.id, CounterState.OPEN
            session.merge(CounterOfficer(counter_id=counter.id, staff_id=staff.id))
            officer = Officer(staff.id)
        service.call_next(counter.id, officer, "press-" + "1" * 12)
        return ticket.id, counter.id


def shown(app: Platform, region: Region) -> list[tuple[str, str, dict[str, str]]]:
    with at(app, region), read() as session:
        rows = session.execute(
            select(AuditEntry.actor_name, AuditEntry.subject, AuditEntry.data).where(
                AuditEntry.action == "person.show"
            )
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]


def test_the_officer_sees_it_covered_and_whole_only_after_saying_what_for(
    app: Platform, bukittinggi: Region, called: tuple[int, int], browse: Callable[..., Browser]
) -> None:
    ticket, _counter = called
    officer = browse("bukittinggi", as_="petugas")
    console = officer.get("/loket")
    assert "0812-••••-••12" in console.text
    assert "9999" not in console.text
    path = f"/nomor/{ticket}/hp"
    asked = officer.get(path)
    assert "0812-••••-••12" in asked.text and NUMBER not in asked.text
    assert asked.response.headers["Cache-Control"] == "private, no-store"
    for why in ("", "curious"):
        refused = officer.post(path, {"untuk": why})
        assert refused.status == 422 and NUMBER not in refused.text
    assert shown(app, bukittinggi) == []
    answer = officer.post(path, {"untuk": "call"})
    assert answer.status == 200 and NUMBER in answer.text
    assert answer.response.headers["Cache-Control"] == "private, no-store"
    ((name, subject, data),) = shown(app, bukittinggi)
    assert (subject, data) == (f"ticket:{ticket}", {"field": "phone", "purpose": "call"})
    assert name not in {"warga", "sistem"}
    assert NUMBER not in officer.get(path).text
    log = browse("bukittinggi", as_="admin").get("/admin/catatan")
    assert "Menghubungi warga tentang nomornya" in log.text and NUMBER not in log.text


def test_nobody_else_sees_it(
    app: Platform, bukittinggi: Region, called: tuple[int, int], browse: Callable[..., Browser]
) -> None:
    ticket, counter = called
    path = f"/nomor/{ticket}/hp"
    assert browse("bukittinggi").post(path, {"untuk": "call"}).status == 401
    assert browse("banyuwangi", as_="petugas").post(path, {"untuk": "call"}).status == 404
    officer = browse("bukittinggi", as_="petugas")
    with at(app, bukittinggi), read() as session:
        waiting = session.scalar(select(Ticket.id).where(Ticket.state == "waiting"))
    assert officer.post(f"/nomor/{waiting}/hp", {"untuk": "call"}).status == 404
    assert officer.get(f"/nomor/{waiting}/hp").status == 404
    assert officer.post(path, {"untuk": "call"}, csrf=False).status == 400
    with at(app, bukittinggi), write() as session:
        session.get_one(Counter, counter).officer_id = None
    assert officer.post(path, {"untuk": "call"}).status == 404
    assert shown(app, bukittinggi) == []


def test_the_desk_sees_the_number_of_anybody_of_today_and_says_what_for(
    app: Platform, bukittinggi: Region, called: tuple[int, int], browse: Callable[..., Browser]
) -> None:
    ticket, _counter = called
    desk = browse("bukittinggi", as_="resepsionis")
    page = desk.get(f"/resepsionis/nomor/{ticket}")
    assert "0812-••••-••12" in page.text and "9999" not in page.text
    path = f"/nomor/{ticket}/hp"
    assert path in page.links() and NUMBER not in desk.get(path).text
    assert desk.post(path, {"untuk": ""}).status == 422
    assert shown(app, bukittinggi) == []
    assert NUMBER in desk.post(path, {"untuk": "asked"}).text
    ((_name, subject, data),) = shown(app, bukittinggi)
    assert (subject, data) == (f"ticket:{ticket}", {"field": "phone", "purpose": "asked"})
    with at(app, bukittinggi), write() as session:
        session.execute(update(Ticket).values(local_day=dt.date(2026, 3, 1)))
    assert (
        desk.get(path).status == 404
        and "Tampilkan nomor HP" not in desk.get(f"/resepsionis/nomor/{ticket}").text
    )
