"""A number at the desk: found, explained, put back, cancelled; calls for help; the hall at a glance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from mpp.database.session import read
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing import alerts, presence, service
from tenants.queueing.models import HallAlert, Ticket, TicketEvent
from tenants.queueing.policies import Officer, new_key
from tests.queueing.histories import assert_legal
from tests.support.client import Browser
from tests.support.hall import at, more_counters, seat, together

Browse = Callable[..., Browser]
SERVICE = "ktp-el-baru"


@pytest.fixture
def counter(app: Platform, open_hall: Region) -> tuple[int, Officer]:
    """A counter with its officer and three people in line."""
    with at(app, open_hall):
        for _person in range(3):
            service.take_ticket(SERVICE, "Siti", None, new_key(), "web")
        (counter,) = more_counters(SERVICE, 1)
        return counter, seat(counter)


def missed(app: Platform, region: Region, counter: tuple[int, Officer]) -> int:
    with at(app, region):
        ticket = service.call_next(*counter)
        assert ticket is not None
        return service.no_show(ticket.id, counter[1]).id


def parked(app: Platform, region: Region, counter: tuple[int, Officer]) -> int:
    with at(app, region):
        ticket = service.call_next(*counter)
        assert ticket is not None
        return service.hold(ticket.id, counter[1], "fotokopi").id


def state(app: Platform, region: Region, ticket_id: int) -> str:
    with at(app, region), read() as session:
        ticket = session.get_one(Ticket, ticket_id)
        query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
        assert_legal(list(session.scalars(query)), ticket)
        return ticket.state


def test_the_desk_sees_which_number_was_left_at_a_counter(
    desk: Browser,
    app: Platform,
    open_hall: Region,
    counter: tuple[int, Officer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with at(app, open_hall):
        ticket = service.call_next(*counter)
    assert ticket is not None and "dibiarkan" not in desk.get("/resepsionis").words()
    monkeypatch.setattr(presence, "STANDS", dt.timedelta(0))
    words = desk.get("/resepsionis").words()
    assert "1 nomor dibiarkan di loket" in words and f"{ticket.label}" in words and "sudah dipanggil" in words


def test_found_by_number_code_and_scan(
    desk: Browser, app: Platform, open_hall: Region, counter: tuple[int, Officer]
) -> None:
    with at(app, open_hall), read() as session:
        ticket = session.scalars(select(Ticket).order_by(Ticket.id)).first()
        assert ticket is not None
    path = f"/resepsionis/nomor/{ticket.id}"
    code = ticket.code
    scan = f"http://bukittinggi.localhost/antrean/{code}"
    for text in ("A-001", "a1", code, f"{code[:4]}-{code[4:8]}-{code[8:]}".lower(), scan):
        assert desk.get("/resepsionis/cari", query_string={"nomor": text}).location == path, text
    for text in ("A-999", "tidak ada", "http://bukittinggi.localhost/antrean/ZZZZZZZZZZZZ", "1" * 300):
        page = desk.get("/resepsionis/cari", query_string={"nomor": text})
        assert page.status == 404 and "tidak ditemukan" in page.words()
    assert desk.get("/resepsionis/cari").status == 200


def test_a_missed_call_is_put_back_once_with_a_reason(
    desk: Browser, app: Platform, open_hall: Region, counter: tuple[int, Officer]
) -> None:
    ticket = missed(app, open_hall, counter)
    path = f"/resepsionis/nomor/{ticket}"
    assert "tidak hadir, bisa dipulihkan" in desk.get("/resepsionis").words()
    assert path in desk.get("/resepsionis/isi").links()
    desk.submit(path, f"{path}/pulihkan", alasan=" ")
    assert "Tulis alasan memulihkan" in desk.get(path).words()
    desk.submit(path, f"{path}/pulihkan", alasan="Sedang di toilet")
    page = desk.get(path)
    assert "Dipulihkan ke antrean" in page.words() and "Sedang di toilet" in page.words()
    assert state(app, open_hall, ticket) == "waiting"
    assert missed(app, open_hall, counter) == ticket
    assert "Sudah pernah dipulihkan" in desk.get(path).words()
    desk.post(f"{path}/pulihkan", {"alasan": "lagi"})
    assert "sudah pernah dipulihkan" in desk.get(path).words().lower()


def test_a_parked_person_goes_back_into_the_line(
    desk: Browser, app: Platform, open_hall: Region, counter: tuple[int, Officer]
) -> None:
    ticket = parked(app, open_hall, counter)
    path = f"/resepsionis/nomor/{ticket}"
    assert "1 ditunda" in desk.get("/resepsionis").words()
    desk.submit(path, f"{path}/kembali")
    assert state(app, open_hall, ticket) == "waiting"
    assert "Kembali ke antrean" in desk.get(path).words()


def test_cancelling_at_a_persons_wish(
    desk: Browser, app: Platform, open_hall: Region, counter: tuple[int, Officer]
) -> None:
    with at(app, open_hall):
        called = service.call_next(*counter)
        assert called is not None
    assert "Dipanggil di loket" in desk.get(f"/resepsionis/nomor/{called.id}").words()
    desk.post(f"/resepsionis/nomor/{called.id}/batal")
    assert "tidak bisa dibatalkan" in desk.get(f"/resepsionis/nomor/{called.id}").words()
    assert state(app, open_hall, called.id) == "called"
    path = f"/resepsionis/nomor/{called.id + 1}"
    desk.submit(path, f"{path}/batal")
    assert "Atas permintaan pemegang nomor" in desk.get(path).words()
    assert state(app, open_hall, called.id + 1) == "cancelled"


def test_two_desks_press_at_once(
    app: Platform, open_hall: Region, counter: tuple[int, Officer], browse: Browse
) -> None:
    ticket = missed(app, open_hall, counter)
    path = f"/resepsionis/nomor/{ticket}"
    desks = [browse("bukittinggi", as_=who) for who in ("resepsionis", "admin", "resepsionis")]
    tokens = [desk.token() for desk in desks]

    def press(desk: Browser, token: str) -> int:
        fields = {"alasan": "kembali", "kunci": new_key(), "csrf_token": token}
        return desk.post(f"{path}/pulihkan", fields, csrf=False).status

    jobs: list[Callable[[], int]] = [
        partial(press, desk, token) for desk, token in zip(desks, tokens, strict=True)
    ]
    assert together(app, open_hall, jobs) == [303] * 3
    assert state(app, open_hall, ticket) == "waiting"


def test_the_reason_of_a_call_is_told(
    desk: Browser, app: Platform, open_hall: Region, counter: tuple[int, Officer]
) -> None:
    with at(app, open_hall):
        first = service.call_next(*counter)
        assert first is not None
    page = desk.get(f"/resepsionis/nomor/{first.id + 1}?banding=A1")
    assert "A-001 datang lebih dulu" in page.words()
    assert "tidak ditemukan" in desk.get(f"/resepsionis/nomor/{first.id}?banding=Z9").words()


def test_help_is_seen_and_answered_with_words(
    desk: Browser, app: Platform, open_hall: Region, counter: tuple[int, Officer]
) -> None:
    first = desk.get("/resepsionis/bantuan")
    tag = {"If-None-Match": first.response.headers["ETag"]}
    assert desk.get("/resepsionis/bantuan", headers=tag).status == 304
    with at(app, open_hall):
        alert = alerts.raise_alert(*counter).id
    assert desk.get("/resepsionis/bantuan", headers=tag).status == 200
    for page in (
        "/resepsionis",
        "/resepsionis/beri?layanan=ktp-el-baru",
        "/resepsionis/nomor/1",
        "/resepsionis/lembar-darurat",
    ):
        assert "Loket minta bantuan" in desk.get(page).words(), page
    path = f"/resepsionis/bantuan/{alert}"
    assert desk.submit(path, path, alasan=" ").status == 422
    assert desk.submit(path, path, alasan="Ada keributan, sudah tenang").location == "/resepsionis"
    assert "Loket minta bantuan" not in desk.get("/resepsionis").words()
    assert "Ada keributan, sudah tenang" in desk.get(path).words()
    with at(app, open_hall), read() as session:
        assert session.get_one(HallAlert, alert).acknowledged_by is not None
    assert desk.get("/resepsionis/bantuan/999999").status == desk.post("/resepsionis/bantuan/999999").status
    assert desk.post("/resepsionis/bantuan/999999", {"alasan": "x"}).status == 404


def test_the_hall_at_a_glance_is_quiet_while_nothing_changes(
    desk: Browser, app: Platform, open_hall: Region, counter: tuple[int, Officer]
) -> None:
    page = desk.get("/resepsionis/isi")
    assert "3 orang menunggu" in page.text and "siap" in page.text
    assert "0 panggilan di luar urutan" in page.text
    tag = {"If-None-Match": page.response.headers["ETag"]}
    assert desk.get("/resepsionis/isi", headers=tag).status == 304
    with at(app, open_hall):
        service.call_next(*counter)
    changed = desk.get("/resepsionis/isi", headers=tag)
    assert changed.status == 200 and "memanggil" in changed.text


def test_a_neighbours_ids_lead_nowhere(
    app: Platform, open_hall: Region, counter: tuple[int, Officer], browse: Browse
) -> None:
    ticket = missed(app, open_hall, counter)
    with at(app, open_hall):
        alert = alerts.raise_alert(*counter).id
        lease = service.lease_numbers(1, "A", 5, "lembar kertas").id
        with read() as session:
            code = session.get_one(Ticket, ticket).code
    neighbour = browse("banyuwangi", as_="resepsionis")
    for path in (f"nomor/{ticket}", f"nomor/{ticket}/cetak", f"bantuan/{alert}", f"lembar-darurat/{lease}"):
        assert neighbour.get(f"/resepsionis/{path}").status == 404
    assert neighbour.get(f"/resepsionis/lembar-darurat/cetak?blok={lease}").status == 404
    assert neighbour.get("/resepsionis/cari", query_string={"nomor": code}).status == 404
    for path in (
        f"nomor/{ticket}/pulihkan",
        f"nomor/{ticket}/batal",
        f"bantuan/{alert}",
        f"lembar-darurat/{lease}",
    ):
        assert neighbour.post(f"/resepsionis/{path}", {"alasan": "x"}).status == 404
    assert state(app, open_hall, ticket) == "no_show"
