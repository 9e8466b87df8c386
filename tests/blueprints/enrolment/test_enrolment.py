"""A machine comes in with its code: however typed, once, and not by trying."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from mpp.audit import AuditEntry
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.devices.models import Device, DeviceKind
from tenants.hall.models import Counter
from tests.support.client import Browser
from tests.support.hall import at
from tests.support.kiosk import add

PAGE = "/perangkat"
TYPED: dict[str, Callable[[str], str]] = {
    "as shown": lambda code: f"{code[:4]}-{code[4:]}",
    "small": lambda code: code.lower(),
    "with gaps": lambda code: f"  {code[:2]} {code[2:4]} - {code[4:].lower()} ",
}


@pytest.mark.parametrize("way", TYPED)
def test_a_code_is_read_however_it_is_typed(
    app: Platform, bukittinggi: Region, browse: Callable[..., Browser], way: str
) -> None:
    _device, code = add(app, bukittinggi)
    machine = browse("bukittinggi")
    page = machine.submit(PAGE, code=TYPED[way](code))
    assert page.status == 303 and page.location == "/kios/utama"
    cookie = next(c for c in page.response.headers.getlist("Set-Cookie") if c.startswith("perangkat="))
    assert "HttpOnly" in cookie and "Domain" not in cookie and "Max-Age" in cookie
    assert machine.get("/kios/utama").status == 200
    assert "sudah terdaftar" in machine.get(PAGE).words()
    with at(app, bukittinggi), read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "device.enrol")).one()
        assert entry.actor_kind == "device" and entry.actor_name == "Kios pintu depan"


def test_a_code_works_once(app: Platform, bukittinggi: Region, browse: Callable[..., Browser]) -> None:
    _device, code = add(app, bukittinggi)
    browse("bukittinggi").submit(PAGE, code=code)
    page = browse("bukittinggi").submit(PAGE, code=code)
    assert page.status == 422 and "Kode tidak berlaku" in page.words()
    assert not any(c.startswith("perangkat=") for c in page.response.headers.getlist("Set-Cookie"))


def test_a_display_goes_to_its_board(
    app: Platform, bukittinggi: Region, browse: Callable[..., Browser]
) -> None:
    with at(app, bukittinggi), write() as session:
        session.execute(update(Counter).where(Counter.number == 1).values(zone="Lantai 2"))
    for zone, home in (
        (None, "/layar/utama"),
        ("Lantai 2", "/layar/utama/lantai-2"),
        ("Loteng", "/layar/utama"),
    ):
        _device, code = add(app, bukittinggi, DeviceKind.DISPLAY, zone=zone, name=f"Layar {zone}")
        machine = browse("bukittinggi")
        assert machine.submit(PAGE, code=code).location == home
        assert machine.get("/kios/utama").status == 302


def test_trying_codes_ends_after_ten(
    app: Platform, bukittinggi: Region, browse: Callable[..., Browser]
) -> None:
    _device, code = add(app, bukittinggi)
    thief = browse("bukittinggi")
    for number in range(10):
        assert thief.post(PAGE, {"code": f"AAAA-{number:04d}"}).status == 422
    page = thief.post(PAGE, {"code": code})
    assert page.status == 429 and "Tunggu 15 menit" in page.words()
    with at(app, bukittinggi), read() as session:
        assert session.scalars(select(Device.state)).one() == "pending"


def test_right_codes_dont_use_up_the_tries(
    app: Platform, bukittinggi: Region, browse: Callable[..., Browser]
) -> None:
    for number in range(12):
        _device, code = add(app, bukittinggi, name=f"Kios {number}")
        assert browse("bukittinggi").submit(PAGE, code=code).status == 303


def test_a_neighbours_code_is_noise(
    app: Platform, bukittinggi: Region, banyuwangi: Region, browse: Callable[..., Browser]
) -> None:
    _device, code = add(app, bukittinggi)
    assert browse("banyuwangi").submit(PAGE, code=code).status == 422
    assert browse("bukittinggi").submit(PAGE, code=code).status == 303


def test_a_stranger_is_no_device(browse: Callable[..., Browser]) -> None:
    visitor = browse("bukittinggi")
    assert "Daftarkan perangkat" in visitor.get(PAGE).words()
    visitor.client.set_cookie("perangkat", "x.y.z", domain="bukittinggi.localhost")
    assert "sedang tidak dipakai" in visitor.get(PAGE).words()
