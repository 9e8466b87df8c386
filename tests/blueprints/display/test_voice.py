"""Units of the voice for anybody; signs of life and names for an enrolled display alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from mpp.web.static import fingerprint
from tenants.devices import service as devices
from tenants.devices.errors import DeviceError
from tenants.devices.models import Device, DeviceKind
from tenants.hall.models import Counter, Hall
from tenants.queueing import service
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.policies import NO_NAME, VISITOR, new_key
from tenants.sound.models import HallSound
from tests.support.client import Browser
from tests.support.hall import at, more_counters, seat

Browse = Callable[..., Browser]
SERVICE = "ktp-el-baru"
FIRST = "Perangkat display"


@pytest.fixture
def screen(app: Platform, open_hall: Region, browse: Browse) -> Browser:
    """An enrolled display of the hall."""
    return enrolled(app, open_hall, browse, DeviceKind.DISPLAY)


def enrolled(
    app: Platform, region: Region, browse: Browse, kind: DeviceKind, name: str = "", zone: str | None = None
) -> Browser:
    with at(app, region):
        with read() as session:
            hall_id = session.query(Hall).one().id
        _device, code = devices.add_device(kind, hall_id, name or f"Perangkat {kind}", zone)
        _device, token = devices.enrol(code)
    machine = browse("bukittinggi")
    machine.client.set_cookie("perangkat", token, domain="bukittinggi.localhost")
    return machine


def speaks(browser: Browser, path: str = "/layar/utama") -> bool:
    (board,) = [element for element in browser.get(path).all("div") if element.get("data-board") is not None]
    return board.get("data-speaks") == "1"


def test_a_unit_is_kept_for_good_under_its_version(browse: Browse, bukittinggi: Region) -> None:
    page = browse("bukittinggi").get("/suara/id/silakan-menuju-loket.ogg?v=0-abc")
    assert page.status == 200 and page.response.mimetype == "audio/ogg"
    assert page.response.data.startswith(b"OggS")
    kept = page.response.headers["Cache-Control"]
    assert "max-age=31536000" in kept and "immutable" in kept and "public" in kept
    assert "Set-Cookie" not in page.response.headers
    assert "max-age=60" in browse("bukittinggi").get("/suara/en/two.ogg").response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["id/two", "jw/nol", "id/..", "id/%2e%2e%2fid%2fnol", "en/nol", "id/BEL", "id/"]
)
def test_what_is_no_unit_is_not_found(browse: Browse, bukittinggi: Region, path: str) -> None:
    assert browse("bukittinggi").get(f"/suara/{path}.ogg").status == 404


def test_only_an_enrolled_display_speaks_by_itself(
    app: Platform, open_hall: Region, browse: Browse, screen: Browser
) -> None:
    assert speaks(screen)
    page = screen.get("/layar/utama")
    assert "Ketuk untuk menyalakan suara" in page.text and "data-csrf" in page.text
    anybody = browse("bukittinggi").get("/layar/utama")
    assert "Nyalakan suara" in anybody.text and "data-csrf" not in anybody.text
    assert not speaks(browse("bukittinggi", as_="admin"))
    assert not speaks(enrolled(app, open_hall, browse, DeviceKind.KIOSK))
    with at(app, open_hall), write() as session:
        session.add(Hall(slug="kedua", name="Gedung kedua", address="Jalan Contoh 2"))
    assert not speaks(screen, "/layar/kedua")


def test_two_displays_of_one_room_say_a_call_once(
    app: Platform, open_hall: Region, browse: Browse, screen: Browser
) -> None:
    with at(app, open_hall), read() as session:
        hall_id = session.query(Hall).one().id
    second = enrolled(app, open_hall, browse, DeviceKind.DISPLAY, "Layar kedua")
    upstairs = enrolled(app, open_hall, browse, DeviceKind.DISPLAY, "Layar atas", "Lantai 2")
    assert speaks(screen) and not speaks(second) and speaks(upstairs)
    assert "data-alive" in second.get("/layar/utama").text
    admin = browse("bukittinggi", as_="admin")
    with at(app, open_hall), read() as session:
        one, other = (session.query(Device).filter_by(name=name).one().id for name in (FIRST, "Layar kedua"))
    for device_id, word in ((one, "tidak"), (other, "ya"), (other, "ya")):
        page = f"/admin/perangkat/{device_id}"
        assert admin.submit(page, f"{page}/suara", suara=word).status == 302
    assert not speaks(screen) and speaks(second)
    assert second.post("/layar-hidup").response.get_json()["speaks"] is True
    log = admin.get("/admin/catatan").words()
    assert f"mematikan suara layar {FIRST}" in log and log.count("menyalakan suara layar Layar kedua") == 1
    assert "Bersuara" in admin.get("/admin/perangkat").words()
    # One that takes the place of the speaking one speaks.
    with at(app, open_hall):
        devices.revoke(other)
        third, _code = devices.add_device(DeviceKind.DISPLAY, hall_id, "Layar ketiga")
        kiosk, _code = devices.add_device(DeviceKind.KIOSK, hall_id, "Kios")
        assert third.speaks and not kiosk.speaks
        with pytest.raises(DeviceError):
            devices.let_speak(kiosk.id, True)


def test_a_display_is_told_where_it_belongs(
    app: Platform, open_hall: Region, browse: Browse, screen: Browser
) -> None:
    def home() -> str:
        return str(screen.post("/layar-hidup").response.get_json()["home"])

    with at(app, open_hall):
        (counter,) = more_counters(SERVICE, 1)
        with write() as session:
            session.get_one(Counter, counter).zone = "Lantai 2"
            device = session.query(Device).one()
        devices.rename(device.id, device.name, "Lantai 2")
    assert home() == "/layar/utama/lantai-2"
    with at(app, open_hall), write() as session:
        session.get_one(Counter, counter).zone = None
    assert home() == "/layar/utama"
    with at(app, open_hall), write() as session:
        session.query(Hall).one().active = False
    assert home() == "/perangkat"


def test_a_sign_of_life_is_noted_and_only_a_display_gives_it(
    app: Platform, open_hall: Region, browse: Browse, screen: Browser
) -> None:
    with at(app, open_hall), write() as session:
        session.query(Device).update({"last_seen_at": None})
    page = screen.post("/layar-hidup")
    assert page.status == 200 and "perangkat=" in page.response.headers["Set-Cookie"]
    assert page.response.get_json() == {"home": "/layar/utama", "speaks": True, "release": fingerprint()}
    with at(app, open_hall), read() as session:
        device = session.query(Device).one()
        assert device.last_seen_at is not None
    assert browse("bukittinggi").post("/layar-hidup").status == 404
    assert browse("bukittinggi", as_="admin").post("/layar-hidup").status == 404
    assert screen.post("/layar-hidup", csrf=False).status == 400
    with at(app, open_hall):
        devices.revoke(device.id)
    assert screen.post("/layar-hidup").status == 404 and not speaks(screen)


def test_a_name_is_told_only_where_names_are_on_and_only_while_called(
    app: Platform, open_hall: Region, browse: Browse, screen: Browser
) -> None:
    with at(app, open_hall):
        service.take_ticket(SERVICE, "Nama Rahasia", None, new_key(), "web")
        (counter,) = more_counters(SERVICE, 1)
        officer = seat(counter)
        ticket = service.call_next(counter, officer)
        assert ticket
        with read() as session:
            call = session.query(TicketEvent).filter_by(kind="call").one().id
    path = f"/panggilan/{call}/nama"
    assert screen.get(path).status == 404
    with at(app, open_hall), write() as session:
        session.add(HallSound(hall_id=ticket.hall_id, names_spoken=True))
    assert screen.get(path).response.get_json() == {"name": "Nama Rahasia"}
    for other in (browse("bukittinggi"), browse("bukittinggi", as_="admin"), browse("banyuwangi")):
        assert other.get(path).status == 404
    for text in (screen.get("/layar/utama").text, screen.get("/keadaan/utama").text):
        assert "Rahasia" not in text
    # Whom a kiosk or a hasty hand has left without a name is not called by the word that stands for it.
    for nameless in (VISITOR, NO_NAME):
        with at(app, open_hall), write() as session:
            session.get_one(Ticket, ticket.id).holder = nameless
        assert screen.get(path).status == 404
    with at(app, open_hall), write() as session:
        session.get_one(Ticket, ticket.id).holder = "Nama Rahasia"
    assert screen.get(path).status == 200
    with at(app, open_hall):
        service.start(ticket.id, officer)
    assert screen.get(path).status == 404 and screen.get("/panggilan/999999/nama").status == 404
