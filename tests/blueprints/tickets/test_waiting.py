"""The ticket's page says how long the wait will be, and logs what it said."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing import service
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.policies import new_key
from tenants.waiting import service as waiting
from tenants.waiting.engine import Outlook, Wait
from tenants.waiting.models import TicketMessage, WaitAnnouncement
from tests.support.client import Browser
from tests.support.hall import at, more_counters, open_always, seat

Browse = Callable[..., Browser]
SERVICE = "ktp-el-baru"


@pytest.fixture
def tickets(app: Platform, bukittinggi: Region) -> list[Ticket]:
    """Six people before one open counter."""
    with at(app, bukittinggi):
        open_always()
        (counter,) = more_counters(SERVICE, 1)
        seat(counter)
        return [service.take_ticket(SERVICE, "S.A.", None, new_key(), "web") for _one in range(6)]


def test_the_page_says_place_range_and_when_to_come(
    tickets: list[Ticket], browse: Browse, app: Platform, bukittinggi: Region
) -> None:
    page = browse("bukittinggi").get(f"/antrean/{tickets[-1].code}")
    assert "Masih ada 5 orang di depan Anda." in page.words()
    assert "Perkiraan menunggu: " in page.words() and "Datang sekitar " in page.words()
    first = browse("bukittinggi").get(f"/antrean/{tickets[0].code}").words()
    assert "Anda berikutnya" in first and "kurang dari" in first and "Datang sekitar" not in first
    with at(app, bukittinggi), read() as session:
        rows = session.scalars(select(WaitAnnouncement).order_by(WaitAnnouncement.id)).all()
    assert [row.ticket_id for row in rows] == [tickets[-1].id, tickets[0].id]
    assert f"{rows[0].low} sampai {rows[0].high} menit" in page.words()


def test_the_changing_part_stays_the_same_while_nothing_happens(
    tickets: list[Ticket], browse: Browse
) -> None:
    browser, path = browse("bukittinggi"), f"/antrean/{tickets[3].code}/status"
    tag = browser.get(path).response.headers["ETag"]
    assert browser.get(path, headers={"If-None-Match": tag}).status == 304


def test_who_will_not_be_reached_is_told_so_and_no_new_number_is_offered(
    tickets: list[Ticket], browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Outlook(
        waits={tickets[5].id: Wait(9e3, 9e3, 9e3, 0.1)},
        newcomers={tickets[5].service_id: Wait(9e3, 9e3, 9e3, 0.1)},
    )
    monkeypatch.setattr(waiting, "simulate", lambda _state: late)
    waiting.forget()
    browser = browse("bukittinggi")
    words = browser.get(f"/antrean/{tickets[5].code}").words()
    assert "Mungkin tidak sempat dilayani hari ini" in words and "Nomor dibuka lagi " in words
    form = browser.get(f"/antrean/ambil?layanan={SERVICE}")
    assert "penuh sampai tutup" in form.words() and not form.all("input", name="kunci")


def test_a_message_that_was_sent_stands_on_the_page(
    tickets: list[Ticket], browse: Browse, app: Platform, bukittinggi: Region
) -> None:
    with at(app, bukittinggi), write() as session:
        kind = {"ticket_id": tickets[2].id, "kind": "near", "channel": "console"}
        session.add(TicketMessage(**kind, body="Mohon bersiap.", sent_at=func.now()))
    assert "Mohon bersiap." in browse("bukittinggi").get(f"/antrean/{tickets[2].code}").words()
    assert "Mohon bersiap." not in browse("bukittinggi").get(f"/antrean/{tickets[3].code}").words()


def test_the_accuracy_of_a_hall_is_public_from_thirty_on(
    tickets: list[Ticket], browse: Browse, app: Platform, bukittinggi: Region
) -> None:
    """A page with live figures is kept for ten seconds; another query is another page."""

    def announce(number: int) -> None:
        ticket = service.take_ticket(SERVICE, "S.A.", None, new_key(), "web")
        kept = {"ticket_id": ticket.id, "hall_id": ticket.hall_id, "service_id": ticket.service_id, "turn": 1}
        figures = {"p50": 600, "p80": 900, "low": 10, "high": 15, "scored_at": func.now()}
        # Each tenth was never called: the day was closed on them.
        real = None if number % 10 == 9 else 1200 if number % 10 == 8 else 600
        with write() as session:
            session.add(WaitAnnouncement(**kept, **figures, method="simulation", real=real))
            if real is None:
                left = {"kind": "close_day", "state": "cancelled", "actor_kind": "system"}
                session.add(TicketEvent(ticket_id=ticket.id, hall_id=ticket.hall_id, **left))

    with at(app, bukittinggi):
        for number in range(29):
            announce(number)
    for path in ("/mpp?satu=1", "/antrean?satu=1"):
        assert "orang dipanggil sebelum batas atas" not in browse("bukittinggi").get(path).words()
    with at(app, bukittinggi):
        announce(29)
    for path in ("/mpp?dua=1", "/antrean?dua=1"):
        words = browse("bukittinggi").get(path).words()
        assert "80 dari 100 orang dipanggil sebelum batas atas (30 nomor dinilai)." in words
        assert "Batas bawahnya rata-rata 1 menit terlalu singkat." in words
