"""Machines of the hall as the admin sees them: let in, set up, shut out, and slips that may not have come out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from mpp.audit import AuditEntry
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.devices import printing
from tenants.devices.models import Device, PrintJob, PrintState
from tenants.devices.settings import KioskSettings, Printing, settings_of
from tenants.queueing.policies import new_key
from tenants.queueing.service import leave, take_ticket
from tests.blueprints.admin.conftest import Look
from tests.support.client import Browser, Page
from tests.support.hall import at, open_always
from tests.support.kiosk import let_in

LIST = "/admin/perangkat"


def add(admin: Browser, **fields: str) -> str:
    """Add a device through the page and return its code."""
    page = admin.submit(f"{LIST}/tambah", name="Kios satu", **fields)
    assert page.status == 200, page.words()
    assert "bukittinggi.localhost/perangkat" in page.words()
    return shown(page)


def shown(page: Page) -> str:
    """The code on its page."""
    code = re.search(r">([2-9A-Z]{4}-[2-9A-Z]{4})<", page.text)
    assert code
    return code[1]


def test_from_nothing_to_a_working_kiosk(
    admin: Browser, browse: Callable[..., Browser], logged: Callable[[str], list[AuditEntry]]
) -> None:
    assert "Belum ada perangkat" in admin.get(LIST).words()
    code = add(admin)
    page = admin.get(LIST)
    assert "Kios satu" in page.words() and "Menunggu kode diketik" in page.words() and code not in page.text
    machine = browse("bukittinggi")
    assert machine.submit("/perangkat", code=code).location == "/kios/utama"
    page = admin.get(LIST)
    assert "Terhubung" in page.words() and "Indonesia, English" in page.words()
    assert [entry.data["name"] for entry in logged("device.add")] == ["Kios satu"]
    told = admin.get("/admin/catatan").words()
    assert "menambah perangkat Kios satu" in told and "mulai dipakai sebagai perangkat Kios satu" in told


def test_two_of_one_name_are_not_added(admin: Browser) -> None:
    add(admin)
    page = admin.submit(f"{LIST}/tambah", name=" kios SATU ")
    assert page.status == 422 and "Sudah ada perangkat" in page.words()
    assert admin.submit(f"{LIST}/tambah", name=" ").status == 422


def test_a_new_code_ends_the_old_one(admin: Browser, browse: Callable[..., Browser]) -> None:
    old = add(admin)
    code = shown(admin.submit(f"{LIST}/1", "/kode"))
    assert code != old
    assert browse("bukittinggi").submit("/perangkat", code=old).status == 422
    assert browse("bukittinggi").submit("/perangkat", code=code).status == 303


def test_name_and_settings(admin: Browser, look: Look[Device]) -> None:
    add(admin)
    assert admin.submit(f"{LIST}/1/ubah", name="Kios dua", zone="Lantai 2").status == 302
    page = admin.submit(
        f"{LIST}/1/pengaturan", printing="network", printer_host="192.168.1.50", printer_port="9101",
        languages=["id"], quiet_seconds="60",
    )  # fmt: skip
    assert page.status == 302, page.words()
    device = look(lambda session: session.scalars(select(Device)).one())
    settings = settings_of(device.settings)
    assert (device.name, device.zone) == ("Kios dua", "Lantai 2")
    assert settings == KioskSettings(
        languages=("id",), printing=Printing.NETWORK, printer_host="192.168.1.50", printer_port=9101,
        quiet_seconds=60,
    )  # fmt: skip
    words = admin.get(f"{LIST}/1").words()
    assert "192.168.1.50:9101" in words and "60 detik" in words
    told = admin.get("/admin/catatan").words()
    assert (
        "mengubah pengaturan perangkat Kios dua" in told
        and "Cara mencetak: lewat peramban → printer jaringan" in told
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"printing": "network", "printer_host": "8.8.8.8"}, {"printing": "network", "printer_host": ""},
        {"quiet_seconds": "5"}, {"languages": []}, {"printer_port": "22"}, {"printing": "gratis"},
    ],
)  # fmt: skip
def test_settings_that_can_not_be(admin: Browser, look: Look[Device], wrong: dict[str, object]) -> None:
    add(admin)
    page = admin.submit(f"{LIST}/1/pengaturan", **wrong)
    assert page.status == 422 and "Galat" in page.words()
    assert look(lambda session: session.scalars(select(Device)).one()).settings == {}


def test_two_admins_dont_overwrite_each_other(admin: Browser, browse: Callable[..., Browser]) -> None:
    add(admin)
    other = browse("bukittinggi", as_="admin")
    form = {
        e.get("name") or "": e.get("value") or ""
        for e in other.get(f"{LIST}/1/pengaturan").form().iter("input")
    }
    assert admin.submit(f"{LIST}/1/pengaturan", quiet_seconds="90").status == 302
    values = form | {"quiet_seconds": "30", "printing": "none", "languages": "id"}
    del values["agencies"], values["services"]
    page = other.post(f"{LIST}/1/pengaturan", values, csrf=False)
    assert page.status == 422 and "Orang lain mengubah data ini" in page.words()


def test_revoking(
    app: Platform, bukittinggi: Region, admin: Browser, browse: Callable[..., Browser],
    logged: Callable[[str], list[AuditEntry]],
) -> None:  # fmt: skip
    machine = browse("bukittinggi")
    let_in(app, bukittinggi, machine)
    assert machine.get("/kios/utama").status == 200
    assert "Cabut Kios pintu depan?" in admin.get(f"{LIST}/1").words()
    admin.submit(f"{LIST}/1", "/cabut")
    assert machine.get("/kios/utama").status == 302
    page = admin.get(f"{LIST}/1")
    assert "sudah dicabut" in page.words() and not page.all("summary", class_="button quiet")
    assert len(logged("device.revoke")) == 1
    assert admin.submit(f"{LIST}/tambah", name="Kios pintu depan").status == 200


@pytest.fixture
def slip(app: Platform, bukittinggi: Region, browse: Callable[..., Browser]) -> int:
    """A slip that was interrupted while it was sent."""
    with at(app, bukittinggi):
        open_always()
    settings = KioskSettings(printing=Printing.NETWORK, printer_host="127.0.0.1")
    device = let_in(app, bukittinggi, browse("bukittinggi"), settings)
    with at(app, bukittinggi):
        ticket = take_ticket("ktp-el-baru", "Pengunjung", None, new_key(), "kiosk")
        with read() as session:
            found = session.get_one(Device, device.id)
        printing.print_ticket(found, ticket, new_key(), f"http://x/antrean/{ticket.code}")
        with write() as session:
            session.execute(update(PrintJob).values(state=PrintState.UNKNOWN))
            return session.scalars(select(PrintJob.id)).one()


def test_a_doubtful_slip_is_printed_again_once_by_hand(
    admin: Browser, slip: int, look: Look[list[PrintJob]], logged: Callable[[str], list[AuditEntry]]
) -> None:
    assert "1 mungkin tidak tercetak" in admin.get(LIST).words()
    page = admin.get(f"{LIST}/1")
    assert "mungkin tidak tercetak" in page.words() and "Cetak ulang" in page.words()
    for _press in range(2):
        admin.post(f"{LIST}/1/kertas/{slip}/ulang")
    jobs = look(lambda session: list(session.scalars(select(PrintJob).order_by(PrintJob.id))))
    assert [job.state for job in jobs] == ["unknown", "waiting"] and jobs[0].reprint_id == jobs[1].id
    assert jobs[0].address == jobs[1].address
    (entry,) = logged("device.print_again")
    assert entry.actor_kind == "staff" and entry.data["number"].endswith("-001")
    page = admin.get(f"{LIST}/1")
    assert "sudah dicetak ulang" in page.words() and "mungkin tidak tercetak" not in admin.get(LIST).words()


def test_what_came_out_or_is_over_is_not_printed_again(
    app: Platform, bukittinggi: Region, admin: Browser, slip: int, look: Look[list[PrintJob]]
) -> None:
    with at(app, bukittinggi), write() as session:
        session.execute(update(PrintJob).values(state=PrintState.DONE))
    admin.post(f"{LIST}/1/kertas/{slip}/ulang")
    with at(app, bukittinggi):
        with write() as session:
            session.execute(update(PrintJob).values(state=PrintState.UNKNOWN))
            address = session.scalars(select(PrintJob.address)).one() or ""
        leave(address.rpartition("/")[2])
    admin.post(f"{LIST}/1/kertas/{slip}/ulang")
    assert len(look(lambda session: list(session.scalars(select(PrintJob))))) == 1
    assert admin.post(f"{LIST}/99/kertas/{slip}/ulang").status == 404


def test_a_test_page_is_sent_once_a_press(
    admin: Browser, slip: int, look: Look[list[PrintJob]], logged: Callable[[str], list[AuditEntry]]
) -> None:
    form = {
        e.get("name") or "": e.get("value") or "" for e in admin.get(f"{LIST}/1").form("/uji").iter("input")
    }
    for _press in range(2):
        assert admin.post(f"{LIST}/1/uji", form, csrf=False).status == 302
    jobs = look(lambda session: list(session.scalars(select(PrintJob).where(PrintJob.ticket_id.is_(None)))))
    assert len(jobs) == len(logged("device.test_print")) == 1


def test_officers_and_receptionists_stay_out(browse: Callable[..., Browser]) -> None:
    for who in ("petugas", "resepsionis"):
        assert browse("bukittinggi", as_=who).get(LIST).status == 403
