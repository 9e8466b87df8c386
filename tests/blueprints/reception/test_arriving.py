"""What a kiosk does, the desk does too: noting that somebody has come, and paper from a printer of the hall."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from mpp.audit import AuditEntry
from mpp.database.session import read
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.devices import printing
from tenants.devices.models import PrintJob, PrintState
from tenants.devices.settings import KioskSettings, Printing
from tenants.queueing import service
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.policies import new_key
from tests.support.client import Browser, Page
from tests.support.hall import at, together
from tests.support.kiosk import let_in
from tests.support.printer import FakePrinter

SERVICE = "ktp-el-baru"
WAYS: dict[str, Callable[[Ticket], str]] = {
    "number": lambda t: t.label,
    "code": lambda t: t.code,
    "address": lambda t: f"http://bukittinggi.localhost/antrean/{t.code}",
}


@pytest.fixture
def ticket(app: Platform, open_hall: Region) -> Ticket:
    """A number taken on a phone."""
    with at(app, open_hall):
        return service.take_ticket(SERVICE, "Siti Aminah", None, new_key(), "web")


def arrivals(app: Platform, region: Region) -> list[TicketEvent]:
    with at(app, region), read() as session:
        return list(session.scalars(select(TicketEvent).where(TicketEvent.kind == "check_in")))


def arrive(desk: Browser, text: str) -> Page:
    """Type or scan at the desk, and follow."""
    answer = desk.submit("/resepsionis", "/resepsionis/datang", nomor=text)
    assert answer.status == 303
    return desk.get(answer.location or "")


@pytest.mark.parametrize("way", WAYS)
def test_who_has_a_number_is_noted_once(
    app: Platform, open_hall: Region, desk: Browser, ticket: Ticket, way: str
) -> None:
    for _again in range(2):
        page = arrive(desk, WAYS[way](ticket))
        assert f"{ticket.label} sudah datang, tercatat pukul" in page.words()
    (event,) = arrivals(app, open_hall)
    assert (event.ticket_id, event.state, event.actor_kind) == (ticket.id, "waiting", "staff")


def test_on_its_own_page_it_is_a_press(
    app: Platform, open_hall: Region, desk: Browser, ticket: Ticket
) -> None:
    path = f"/resepsionis/nomor/{ticket.id}"
    assert desk.submit(path, f"{path}/datang").status == 303
    page = desk.get(path)
    assert "Sudah datang" in page.words() and "check_in" not in page.words()
    assert not [f for f in page.all("form") if (f.get("action") or "").endswith(f"{ticket.id}/datang")]
    assert len(arrivals(app, open_hall)) == 1


def test_what_is_no_number_that_waits_here_is_said(
    app: Platform, open_hall: Region, desk: Browser, ticket: Ticket
) -> None:
    assert "tidak ditemukan" in arrive(desk, "Z-999").words()
    assert "Ketik nomornya" in arrive(desk, " ").words()
    with at(app, open_hall):
        here = service.take_ticket(SERVICE, "B.", None, new_key(), "reception")
        service.leave(ticket.code, None)
    assert "diambil di gedung ini" in arrive(desk, here.label).words()
    assert "tidak sedang menunggu: dibatalkan" in arrive(desk, ticket.label).words()
    assert arrivals(app, open_hall) == []


@pytest.fixture
def printer() -> Iterator[FakePrinter]:
    fake = FakePrinter()
    yield fake
    fake.off()


def test_paper_comes_once_from_the_printer_that_was_chosen(
    app: Platform,
    open_hall: Region,
    browse: Callable[..., Browser],
    desk: Browser,
    ticket: Ticket,
    printer: FakePrinter,
) -> None:
    network = KioskSettings(
        languages=("id", "en", "min"),
        printing=Printing.NETWORK,
        printer_host="127.0.0.1",
        printer_port=printer.port,
    )
    path = f"/resepsionis/nomor/{ticket.id}"
    assert "Cetak di printer gedung" not in desk.get(path).words(), "no printer, no button"
    device = let_in(app, open_hall, browse("bukittinggi"), network)
    form = desk.get(path).form(f"{path}/cetak")
    key = next(e.get("value") for e in form.iter("input") if e.get("name") == "kunci")
    sent = {"printer": str(device.id), "tulisan": "en", "kunci": key}
    for _press in range(3):
        page = desk.post(f"{path}/cetak", sent)
        assert page.status == 303
    assert f"dikirim ke printer {device.name}" in desk.get(path).words()
    with at(app, open_hall), read() as session:
        (job,) = session.scalars(select(PrintJob.id)).all()
        acts = session.scalars(select(AuditEntry.data).where(AuditEntry.action == "device.print_desk")).all()
        assert [act["number"] for act in acts] == [ticket.label]
    assert together(app, open_hall, [lambda: printing.send(job)]) == [PrintState.DONE]
    (slip,) = [s for s in printer.wait(1) if s]
    assert b"Your queue number" in slip and ticket.label.encode() in slip and ticket.code.encode() in slip
    assert b"Siti" not in slip


def test_a_printer_of_elsewhere_and_a_number_that_is_over_print_nothing(
    app: Platform, open_hall: Region, browse: Callable[..., Browser], desk: Browser, ticket: Ticket
) -> None:
    path = f"/resepsionis/nomor/{ticket.id}"
    device = let_in(app, open_hall, browse("bukittinggi"))
    desk.post(f"{path}/cetak", {"printer": str(device.id), "kunci": new_key()})
    assert "Printer itu tidak dipakai" in desk.get(path).words(), "this one prints by its browser"
    assert desk.post(f"{path}/cetak", {"printer": "x", "kunci": new_key()}).status == 400
    with at(app, open_hall):
        service.leave(ticket.code, None)
    desk.post(f"{path}/cetak", {"printer": str(device.id), "kunci": new_key()})
    with at(app, open_hall), read() as session:
        assert session.scalars(select(PrintJob.id)).all() == []


def test_the_slip_speaks_the_language_of_its_holder(
    app: Platform, open_hall: Region, browse: Callable[..., Browser], desk: Browser, ticket: Ticket
) -> None:
    path = f"/resepsionis/nomor/{ticket.id}/cetak"
    assert "Nomor antrean Anda" in desk.get(path).words()
    english = desk.get(f"{path}?tulisan=en")
    assert "Your queue number" in english.words() and "New ID card" in english.text
    assert "Meja resepsionis" in desk.get("/resepsionis").words(), "the desk itself goes on in Indonesian"
    assert (
        "Baso Minang" not in english.text and "Nomor antrean Anda" in desk.get(f"{path}?tulisan=min").words()
    )
    let_in(app, open_hall, browse("bukittinggi"), KioskSettings(languages=("id", "min")))
    assert "Nomor antrean Sanak" in desk.get(f"{path}?tulisan=min").words(), (
        "where a kiosk of the hall speaks it"
    )
