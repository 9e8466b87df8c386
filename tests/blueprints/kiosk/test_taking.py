"""At the kiosk: three steps to a number, once for each visit, with the class that was tapped."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.devices.models import PrintJob
from tenants.devices.settings import KioskSettings, Printing
from tenants.hall.models import OpeningHours
from tenants.queueing.models import Ticket, TicketEvent
from tenants.services.models import RegionService
from tests.support.client import Browser, Page
from tests.support.hall import at
from tests.support.kiosk import let_in

START = "/kios/utama"
SERVICE = "ktp-el-baru"


def tickets(app: Platform, region: Region) -> list[Ticket]:
    with at(app, region), read() as session:
        return list(session.scalars(select(Ticket).order_by(Ticket.id)))


def fields(page: Page) -> dict[str, str]:
    return {e.get("name") or "": e.get("value") or "" for e in page.form().iter("input") if e.get("name")}


def tap(kiosk: Browser, kind: str = "", service: str = SERVICE) -> Page:
    form = fields(kiosk.get(f"{START}/layanan/{service}"))
    given = kiosk.post(f"{START}/nomor", form | {"kelas": kind}, csrf=False)
    assert given.status == 303, given.words()
    assert given.location
    return kiosk.get(given.location)


def test_three_steps_from_the_start_to_a_number(app: Platform, open_hall: Region, kiosk: Browser) -> None:
    start = kiosk.get(START)
    assert "Ambil nomor antrean" in start.words() and "Saya sudah punya nomor" in start.words()
    agencies = kiosk.get(f"{START}/instansi")
    agency = next(link for link in agencies.links() if link.endswith("/instansi/disdukcapil"))
    services = kiosk.get(agency)
    service = next(link for link in services.links() if link.endswith(f"/layanan/{SERVICE}"))
    who = kiosk.get(service)
    assert all(
        word in who.words() for word in ("Umum", "Lansia", "Disabilitas", "Hamil atau menyusui", "balita")
    )
    page = tap(kiosk)
    (ticket,) = tickets(app, open_hall)
    assert ticket.label in page.words() and ticket.channel == "kiosk" and ticket.holder == "Pengunjung"
    assert "qr-code" in page.text and "foto layar ini" in page.words()
    assert page.all("main")[0].get("data-print") == ticket.code


@pytest.mark.parametrize("kind", ["elderly", "disability", "pregnant", "infant"])
def test_the_class_that_was_tapped_is_the_tickets(
    app: Platform, open_hall: Region, kiosk: Browser, kind: str
) -> None:
    tap(kiosk, kind)
    (ticket,) = tickets(app, open_hall)
    assert ticket.priority_class == kind and ticket.entry == "priority"
    with at(app, open_hall), read() as session:
        event = session.scalars(select(TicketEvent)).one()
        assert event.actor_kind == "device" and event.data["channel"] == "kiosk"


def test_a_double_tap_and_going_back_give_the_same_number(
    app: Platform, open_hall: Region, kiosk: Browser
) -> None:
    form = fields(kiosk.get(f"{START}/layanan/{SERVICE}")) | {"kelas": ""}
    places = {kiosk.post(f"{START}/nomor", form, csrf=False).location for _tap in range(3)}
    again = fields(kiosk.get(f"{START}/layanan/{SERVICE}")) | {"kelas": ""}
    places.add(kiosk.post(f"{START}/nomor", again, csrf=False).location)
    assert len(places) == 1 and len(tickets(app, open_hall)) == 1
    kiosk.get(START)
    tap(kiosk)
    assert len(tickets(app, open_hall)) == 2


def test_a_number_over_the_network_promises_one_slip(
    app: Platform, open_hall: Region, browse: Callable[..., Browser]
) -> None:
    kiosk = browse("bukittinggi")
    let_in(app, open_hall, kiosk, KioskSettings(printing=Printing.NETWORK, printer_host="127.0.0.1"))
    form = fields(kiosk.get(f"{START}/layanan/{SERVICE}")) | {"kelas": ""}
    for _tap in range(3):
        place = kiosk.post(f"{START}/nomor", form, csrf=False).location
    assert place
    page = kiosk.get(place)
    with at(app, open_hall), read() as session:
        assert session.scalar(select(func.count()).select_from(PrintJob)) == 1
        job = session.scalars(select(PrintJob)).one()
        assert job.address and job.address.startswith("http://bukittinggi.localhost/antrean/")
    assert page.all("main")[0].get("data-print") is None


def test_an_old_number_page_prints_nothing(app: Platform, open_hall: Region, kiosk: Browser) -> None:
    tap(kiosk)
    (ticket,) = tickets(app, open_hall)
    with at(app, open_hall), write() as session:
        session.execute(update(Ticket).values(issued_at=func.now() - func.make_interval(0, 0, 0, 0, 0, 5)))
    page = kiosk.get(f"{START}/nomor/{ticket.code}")
    assert ticket.label in page.words() and page.all("main")[0].get("data-print") is None


def test_what_is_closed_stays_and_says_why(app: Platform, bukittinggi: Region, kiosk: Browser) -> None:
    with at(app, bukittinggi), write() as session:
        session.execute(update(RegionService).values(daily_quota=None, weekdays=[]))
    page = kiosk.get(f"{START}/instansi/disdukcapil")
    assert "tile-closed" in page.text
    page = kiosk.get(f"{START}/layanan/{SERVICE}")
    assert "Nomor belum bisa diambil sekarang" in page.words() and "qr-code" in page.text
    refused = kiosk.post(f"{START}/nomor", {"layanan": SERVICE, "kelas": "", "kunci": "k" * 20})
    assert refused.status == 409 and tickets(app, bukittinggi) == []


def test_when_the_quota_is_gone_the_reason_comes_with_other_services(
    app: Platform, open_hall: Region, kiosk: Browser
) -> None:
    with at(app, open_hall), write() as session:
        session.execute(
            update(RegionService).where(RegionService.service.has(slug=SERVICE)).values(daily_quota=1)
        )
    tap(kiosk)
    kiosk.get(START)
    form = fields(kiosk.get(f"{START}/layanan/{SERVICE}"))
    page = kiosk.post(f"{START}/nomor", form | {"kelas": ""}, csrf=False)
    assert (
        page.status == 409 and "sudah habis" in page.words() and "Yang bisa diambil sekarang" in page.words()
    )


def test_a_closed_hall_says_so_and_still_shows_its_services(
    app: Platform, open_hall: Region, kiosk: Browser
) -> None:
    with at(app, open_hall), write() as session:
        session.query(OpeningHours).delete()
    page = kiosk.get(START)
    assert "sedang tutup" in page.words() and "Lihat layanan dan waktunya" in page.words()


def test_settings_say_what_is_shown_and_in_which_languages(
    app: Platform, open_hall: Region, browse: Callable[..., Browser]
) -> None:
    kiosk = browse("bukittinggi")
    let_in(app, open_hall, kiosk, KioskSettings(services=(SERVICE,), languages=("en", "id", "xx")))
    page = kiosk.get(f"{START}/instansi?bahasa=id")
    assert [link for link in page.links() if "/layanan/" in link] == [f"{START}/layanan/{SERVICE}"]
    page = kiosk.get(START)
    assert page.all("html")[0].get("lang") == "id"
    start = page.all("main")[0].get("data-start")
    assert start == f"{START}?bahasa=en"
    assert kiosk.get(start).all("html")[0].get("lang") == "en"
    assert "xx" not in page.text and kiosk.get(f"{START}/layanan/nib").status == 404
    assert kiosk.post(f"{START}/nomor", {"layanan": "nib", "kelas": "", "kunci": "k" * 20}).status == 404


def test_searching_and_letters(kiosk: Browser) -> None:
    page = kiosk.get(f"{START}/cari?q=ktp+hilang")
    assert any("/layanan/ktp-el" in link for link in page.links())
    page = kiosk.get(f"{START}/cari?huruf=K")
    titles = [e.text or "" for e in page.all("span", class_="tile-title")]
    assert not titles or all(t.startswith("K") for t in titles)
    assert any("/layanan/ktp-el" in link for link in page.links())
    assert "Tidak ada yang cocok" in kiosk.get(f"{START}/cari?q=zzzzqqq").words()


def test_pages_speak_english(kiosk: Browser) -> None:
    assert "Take a queue number" in kiosk.get(f"{START}?bahasa=en").words()
    assert re.search(r"Who is being served", kiosk.get(f"{START}/layanan/{SERVICE}").words())


def test_made_up_values_are_refused(kiosk: Browser, app: Platform, open_hall: Region) -> None:
    form = fields(kiosk.get(f"{START}/layanan/{SERVICE}"))
    assert kiosk.post(f"{START}/nomor", form | {"kelas": "raja"}, csrf=False).status == 404
    assert kiosk.post(f"{START}/nomor", form | {"kelas": "", "kunci": "x"}, csrf=False).status == 409
    assert kiosk.get(f"{START}/nomor/TIDAKADA2345").status == 404
    assert tickets(app, open_hall) == []
