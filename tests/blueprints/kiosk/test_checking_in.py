"""Checking in: by number, by code, by the address in a QR code; noted once, and no more shown than a display shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from mpp.database.session import read, write
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.queueing import service
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.policies import new_key
from tests.support.client import Browser
from tests.support.hall import at, more_counters, seat

HERE = "/kios/utama/punya"


@pytest.fixture
def ticket(app: Platform, open_hall: Region) -> Ticket:
    """A number taken on a phone."""
    with at(app, open_hall):
        return service.take_ticket("ktp-el-baru", "Siti Aminah", None, new_key(), "web")


def arrivals(app: Platform, region: Region) -> list[TicketEvent]:
    with at(app, region), read() as session:
        return list(session.scalars(select(TicketEvent).where(TicketEvent.kind == "check_in")))


WAYS: dict[str, Callable[[Ticket], str]] = {
    "number": lambda t: t.label,
    "as spoken": lambda t: f"{t.prefix.lower()}{t.number}",
    "code": lambda t: t.code,
    "code as shown": lambda t: f"{t.code[:4]}-{t.code[4:8]}-{t.code[8:]}".lower(),
    "address": lambda t: f"http://bukittinggi.localhost/antrean/{t.code}",
}


@pytest.mark.parametrize("way", WAYS)
def test_who_has_a_number_says_so_once(
    app: Platform, open_hall: Region, kiosk: Browser, ticket: Ticket, way: str
) -> None:
    for _again in range(2):
        page = kiosk.submit(HERE, nomor=WAYS[way](ticket))
        assert page.status == 200 and ticket.label in page.words()
        assert "Kedatangan Anda tercatat" in page.words() and "Anda berikutnya" in page.words()
        assert "Siti" not in page.text and ticket.code not in page.text
    (event,) = arrivals(app, open_hall)
    assert event.ticket_id == ticket.id and event.state == "waiting" and event.actor_kind == "device"


def test_a_called_number_is_sent_to_its_counter(
    app: Platform, open_hall: Region, kiosk: Browser, ticket: Ticket
) -> None:
    with at(app, open_hall):
        (counter,) = more_counters("ktp-el-baru", 1)
        service.call_next(counter, seat(counter))
    page = kiosk.submit(HERE, nomor=ticket.label)
    assert "sekarang" in page.words() and "Loket" in page.words()
    assert arrivals(app, open_hall) == []


def test_what_is_not_found_says_so(kiosk: Browser, ticket: Ticket) -> None:
    for text in ("Z-999", "A", "http://contoh/antrean/XXXXXXXXXXXX", "x" * 500, "'; --"):
        page = kiosk.submit(HERE, nomor=text)
        assert page.status == 422 and "tidak ditemukan" in page.words()
    assert kiosk.submit(HERE, nomor=" ").status == 422


def test_yesterdays_number_is_over(app: Platform, open_hall: Region, kiosk: Browser, ticket: Ticket) -> None:
    with at(app, open_hall), write() as session:
        import datetime as dt

        day = current_region().today() - dt.timedelta(days=1)
        session.execute(update(Ticket).values(local_day=day))
    assert kiosk.submit(HERE, nomor=ticket.label).status == 422
    page = kiosk.submit(HERE, nomor=ticket.code)
    assert "sudah tidak berlaku" in page.words() and arrivals(app, open_hall) == []


def test_a_kiosks_own_number_needs_no_arrival(app: Platform, open_hall: Region, kiosk: Browser) -> None:
    with at(app, open_hall):
        own = service.take_ticket("ktp-el-baru", "Pengunjung", None, new_key(), "kiosk")
    page = kiosk.submit(HERE, nomor=own.label)
    assert "Anda berikutnya" in page.words() and arrivals(app, open_hall) == []
