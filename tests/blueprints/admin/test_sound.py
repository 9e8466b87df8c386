"""How a hall sounds and the region's own voice: set by its admin, heard at once, in the audit log."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest

from mpp.audit import AuditEntry
from mpp.database.session import read
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.devices import service as devices
from tenants.devices.models import DeviceKind
from tenants.hall.models import Hall
from tenants.sound.models import HallSound, VoiceUnit
from tests.blueprints.admin.conftest import Look
from tests.sound.making import national, packed, wav
from tests.support.client import Browser, Page
from tests.support.files import EICAR, scanned
from tests.support.hall import at

Logged = Callable[[str], list[AuditEntry]]
NATIONAL = national("id/nol")


def upload(browser: Browser, name: str, content: bytes, **fields: str) -> Page:
    data = {"language": "id", "unit": "", "file": (io.BytesIO(content), name), **fields}
    return browser.post("/admin/suara/rekaman", data, content_type="multipart/form-data")


def sound(browser: Browser) -> dict[str, Any]:
    found: dict[str, Any] = browser.get("/keadaan/utama").response.get_json()["sound"]
    return found


def test_the_sound_is_set_and_told_to_the_displays(admin: Browser, look: Look[Any], logged: Logged) -> None:
    page = admin.submit(
        "/admin/suara", volume="45", quiet_from="21.00", quiet_to="6", speak="both", names_spoken="y"
    )
    assert page.status == 302
    row = look(lambda session: session.query(HallSound).one())
    assert (row.volume, row.quiet_from, row.quiet_to) == (45, dt.time(21), dt.time(6))
    told = sound(admin)
    assert told["volume"] == 45 and told["quiet_from"] == "21:00" and told["quiet_to"] == "06:00"
    assert told["languages"] == ["id", "en"] and told["names"] is True
    (entry,) = logged("sound.edit")
    assert entry.data["before"]["volume"] == 80 and entry.data["after"]["speak"] == "both"
    words = admin.get("/admin/catatan").words()
    assert "mengubah suara layar Mal Pelayanan Publik" in words and "Indonesia lalu Inggris" in words
    assert admin.submit("/admin/suara", volume="45").status == 302 and len(logged("sound.edit")) == 1


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [("volume", "101", "Volume"), ("volume", "", "Isi 0 sampai 100"), ("quiet_from", "21.00", "Isi kedua jam"),
     ("quiet_to", "25.00", "Tulis jam"), ("speak", "jw", "Yang diucapkan")],
)  # fmt: skip
def test_what_can_not_be_set_says_why(
    admin: Browser, look: Look[Any], field: str, value: str, text: str
) -> None:
    page = admin.submit("/admin/suara", **{field: value})
    assert page.status == 422 and text in page.words()
    assert look(lambda session: session.query(HallSound).count()) == 0


def test_quiet_hours_that_are_empty_or_equal(admin: Browser) -> None:
    assert "harus berbeda" in admin.submit("/admin/suara", quiet_from="8", quiet_to="08.00").words()


def test_a_test_reaches_the_displays_of_the_hall(
    app: Platform, bukittinggi: Region, admin: Browser, logged: Logged
) -> None:
    assert "Belum ada layar terdaftar" in admin.get("/admin/suara").words()
    with at(app, bukittinggi):
        with read() as session:
            hall_id = session.query(Hall).one().id
        _device, code = devices.add_device(DeviceKind.DISPLAY, hall_id, "TV lobi")
        devices.enrol(code)
    assert "TV lobi, tersambung" in admin.get("/admin/suara").words()
    before = sound(admin)["test"]
    assert admin.submit("/admin/suara", f"/{hall_id}/uji").status == 302
    assert sound(admin)["test"] == before + 1 and len(logged("sound.test")) == 1
    assert admin.post("/admin/suara/999/uji").status == 404


def test_an_own_recording_takes_the_nationals_place_and_gives_it_back(
    admin: Browser, browse: Callable[..., Browser], look: Look[Any], logged: Logged
) -> None:
    visitor, neighbour = browse("bukittinggi"), browse("banyuwangi")
    before = sound(visitor)["voice"]
    assert visitor.get("/suara/id/nol.ogg").response.data == NATIONAL
    assert upload(admin, "nol.wav", wav()).status == 302
    assert sound(visitor)["voice"] != before
    heard = visitor.get("/suara/id/nol.ogg?v=1").response
    assert heard.data == wav() and heard.mimetype == "audio/wav"
    assert visitor.get("/suara/id/nol.ogg?asal=nasional").response.data == NATIONAL
    assert neighbour.get("/suara/id/nol.ogg").response.data == NATIONAL
    assert neighbour.get("/suara/en/zero.ogg").response.data == national("en/zero")
    words = admin.get("/admin/suara/rekaman").words()
    assert "1 dari 43 kata memakai suara sendiri" in words and "0,4 detik" in words
    between = sound(visitor)["voice"]
    assert upload(admin, "nol.ogg", national("id/satu")).status == 302
    assert sound(visitor)["voice"] != between
    assert visitor.get("/suara/id/nol.ogg").response.data == national("id/satu")
    assert admin.submit("/admin/suara/rekaman", "/id/nol/hapus").status == 302
    assert visitor.get("/suara/id/nol.ogg").response.data == NATIONAL
    assert [entry.data["units"] for entry in logged("voice.upload")] == ["id/nol", "id/nol"]
    assert [entry.data["units"] for entry in logged("voice.remove")] == ["id/nol"]
    assert "menghapus 1 rekaman suara sendiri: id/nol" in admin.get("/admin/catatan").words()
    assert look(lambda session: session.query(VoiceUnit).count()) == 0
    assert (
        "sudah tidak ada" in admin.get(admin.post("/admin/suara/rekaman/id/nol/hapus").location or "").words()
    )


def test_a_zip_is_taken_whole_or_not_at_all(admin: Browser, look: Look[Any]) -> None:
    def count() -> int:
        return int(look(lambda session: session.query(VoiceUnit).count()))

    good = {"nol.ogg": NATIONAL, "en/two.ogg": national("en/two"), "satu.wav": wav()}
    page = upload(admin, "suara.zip", packed(good | {"dua.mp3": b"ID3" + bytes(99)}))
    assert page.status == 422 and "dua.mp3: bukan Ogg" in page.words() and count() == 0
    page = upload(admin, "suara.zip", packed(good))
    assert "3 rekaman terpasang" in admin.get(page.location or "").words() and count() == 3
    assert upload(admin, "suara.zip", packed({"nol.ogg": b"rusak"})).status == 422 and count() == 3
    assert "Pilih berkas" in upload(admin, "", b"").words()
    assert admin.post("/admin/suara/rekaman/id/semua/hapus").status == 302 and count() == 1


@pytest.mark.parametrize("who", ["petugas", "resepsionis", None])
def test_only_the_admin_changes_the_sound(browse: Callable[..., Browser], who: str | None) -> None:
    browser = browse("bukittinggi", as_=who)
    for path in ("/admin/suara", "/admin/suara/rekaman"):
        assert browser.get(path).status in {302, 403}
        assert browser.post(path, {"volume": "1"}).status in {401, 403}
    assert sound(browse("bukittinggi"))["volume"] == 80


def test_the_scanner_sees_a_recording_before_it_is_unpacked(app: Platform, admin: Browser) -> None:
    with scanned(app) as scanner:
        bad = packed({"nol.ogg": NATIONAL}) + EICAR
        page = upload(admin, "suara.zip", bad)
        assert page.status == 422 and "mengandung virus" in page.words()
        assert upload(admin, "nol.ogg", NATIONAL).status == 302
    assert scanner.seen == [bad, NATIONAL]
