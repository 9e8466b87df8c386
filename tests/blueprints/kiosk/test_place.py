"""A kiosk answers the machine that was let in for its hall, and says in full what else is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable

from sqlalchemy import select, update

from mpp.database.session import central_write, read, write
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.devices import service
from tenants.devices.models import Device
from tenants.hall.models import Hall
from tests.support.client import Browser
from tests.support.hall import at
from tests.support.kiosk import let_in

START = "/kios/utama"


def test_only_the_machine_itself_comes_in(browse: Callable[..., Browser], kiosk: Browser) -> None:
    assert kiosk.get(START).status == 200
    for visitor in (browse("bukittinggi"), browse("bukittinggi", as_="admin")):
        page = visitor.get(START)
        assert page.status == 302 and page.location == "/perangkat"
        page = visitor.post(f"{START}/nomor", {"layanan": "ktp-el-baru"})
        assert page.status == 401 and "sedang tidak dipakai" in page.words()


def test_a_neighbours_machine_is_nobody(
    app: Platform, open_hall: Region, banyuwangi: Region, kiosk: Browser, browse: Callable[..., Browser]
) -> None:
    (cookie,) = [c for c in kiosk.client._cookies.values() if c.key == "perangkat"]
    stranger = browse("banyuwangi")
    let_in(app, banyuwangi, stranger)
    assert stranger.get(START).status == 200
    stranger.client.set_cookie("perangkat", cookie.value, domain="banyuwangi.localhost")
    assert stranger.get(START).location == "/perangkat"
    assert "sedang tidak dipakai" in stranger.get("/perangkat").words()


def test_a_machine_shut_out_stops_in_the_middle(app: Platform, open_hall: Region, kiosk: Browser) -> None:
    page = kiosk.get(f"{START}/layanan/ktp-el-baru")
    form = {e.get("name") or "": e.get("value") or "" for e in page.form().iter("input")}
    with at(app, open_hall):
        with read() as session:
            device = session.scalars(select(Device)).one()
        service.revoke(device.id)
    given = kiosk.post(f"{START}/nomor", form | {"kelas": ""}, csrf=False)
    assert given.status == 401 and "Nomor Anda belum diambil" in given.words() and "kiosk-main" in given.text
    assert kiosk.get(f"{START}/denyut").status == 302
    page = kiosk.get("/perangkat")
    assert "Mesin ini sedang tidak dipakai" in page.words() and page.form() is not None


def test_another_hall_and_one_out_of_use(app: Platform, open_hall: Region, kiosk: Browser) -> None:
    page = kiosk.get("/kios/lain")
    assert page.status == 404 and "mesin gedung lain" in page.words()
    assert page.all("main")[0].get("data-start") == f"{START}?bahasa=id"
    with at(app, open_hall), write() as session:
        session.execute(update(Hall).values(active=False))
    page = kiosk.get(START)
    assert page.status == 404 and "sudah tidak dipakai" in page.words()


def test_a_suspended_region_says_so_in_full(app: Platform, open_hall: Region, kiosk: Browser) -> None:
    with app.app_context(), central_write() as session:
        session.execute(
            update(RegionRecord)
            .where(RegionRecord.id == open_hall.id)
            .values(state=RegionState.SUSPENDED, state_contact="Bagian Organisasi")
        )
    page = kiosk.get(START)
    assert page.status == 503 and "kiosk-main" in page.text and "Bagian Organisasi" in page.words()
    alive = kiosk.get(f"{START}/denyut")
    assert alive.status == 503 and json.loads(alive.text) == {"closed": True}


def test_signs_of_life(app: Platform, open_hall: Region, kiosk: Browser) -> None:
    with at(app, open_hall), write() as session:
        session.execute(update(Device).values(last_seen_at=None))
    told = json.loads(kiosk.get(f"{START}/denyut").text)
    assert told["mark"] == kiosk.get(START).all("main")[0].get("data-mark")
    with at(app, open_hall), read() as session:
        assert session.scalars(select(Device.last_seen_at)).one() is not None


def test_an_unknown_page_is_no_office_page(kiosk: Browser) -> None:
    page = kiosk.get(f"{START}/instansi/tidak-ada")
    assert page.status == 404 and "kiosk-main" in page.text
    assert page.all("main")[0].get("data-back")
    page = kiosk.post(f"{START}/nomor", {"layanan": "x"}, csrf=False)
    assert page.status == 400 and "Silakan mulai lagi" in page.words()


def test_a_flood_of_taps_is_stopped(kiosk: Browser) -> None:
    answers = [kiosk.post(f"{START}/nomor", {"layanan": "tidak-ada"}).status for _tap in range(22)]
    assert answers[-1] == 429 and 404 in answers
