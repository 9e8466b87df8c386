"""The centre's acts on regions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from mpp.database.session import central_read
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.registry import acts
from tenants.registry.errors import HostError
from tests.support.client import Browser

Browse = Callable[..., Browser]

EMAIL = "pusat@panrb.contoh"
PLACE = "13.71"


def rows(app: Platform, query: str) -> list[tuple[object, ...]]:
    with app.app_context(), central_read() as session:
        return [tuple(row) for row in session.execute(text(query))]


def test_the_country_is_a_table_with_state_and_a_map(browse: Browse, bukittinggi: Region) -> None:
    page = browse(as_=EMAIL).get("/pusat")
    words = page.words()
    assert "2 aktif, 0 ditangguhkan, dari 2 daerah terdaftar" in words
    assert "Kabupaten Banyuwangi" in words
    assert page.text.count('<circle class="dot active"') == 3  # two regions and the key


def test_the_table_filters_and_sorts(browse: Browse, bukittinggi: Region) -> None:
    centre = browse(as_=EMAIL)
    assert "Banyuwangi" not in centre.get("/pusat?q=bukit").words()
    words = centre.get("/pusat?urut=nama").words()
    assert words.index("Kabupaten Banyuwangi") < words.index("Kota Bukittinggi")
    assert "Tidak ada daerah yang cocok" in centre.get("/pusat?q=xyzzy").words()
    assert centre.get("/pusat?urut=';--&keadaan=zz&provinsi=%01").status == 200


def test_suspension_closes_the_portal_on_the_next_request_and_activation_opens_it(
    browse: Browse, app: Platform, bukittinggi: Region, banyuwangi: Region
) -> None:
    centre, citizen = browse(as_=EMAIL), browse("bukittinggi")
    assert citizen.get("/").status == 200
    page = centre.submit(
        "/pusat/daerah/bukittinggi",
        "/tangguhkan",
        reason="Gedung direnovasi",
        contact="Kantor contoh 0752 000",
    )
    assert page.status == 302
    closed = citizen.get("/")
    assert closed.status == 503
    assert "Kantor contoh 0752 000" in closed.words()
    assert "Gedung direnovasi" not in closed.text
    assert browse("banyuwangi").get("/").status == 200
    assert "Ditangguhkan" in browse().get("/").words()

    assert centre.submit("/pusat/daerah/bukittinggi", "/aktifkan").status == 302
    assert citizen.get("/").status == 200
    log = rows(
        app,
        "SELECT action, subject, data->>'reason' FROM platform.audit_log WHERE action LIKE 'region.%' ORDER BY id",
    )
    assert log == [
        ("region.suspend", "region:bukittinggi", "Gedung direnovasi"),
        ("region.activate", "region:bukittinggi", None),
    ]


@pytest.mark.parametrize(("reason", "contact"), [("", "Kantor"), ("Renovasi", ""), ("  ", "Kantor")])
def test_suspension_needs_a_reason_and_whom_to_ask(
    browse: Browse, bukittinggi: Region, reason: str, contact: str
) -> None:
    page = browse(as_=EMAIL).submit(
        "/pusat/daerah/bukittinggi", "/tangguhkan", reason=reason, contact=contact
    )
    assert page.status == 422
    assert "Belum ditangguhkan" in page.words()
    assert browse("bukittinggi").get("/").status == 200


def test_creating_a_region_registers_it_and_promises_its_provisioning_once(
    browse: Browse, app: Platform, bukittinggi: Region
) -> None:
    centre = browse(as_=EMAIL)
    assert "Kota Padang" in centre.get("/pusat/daerah-baru?q=kota+padang").words()
    page = centre.submit(f"/pusat/daerah-baru/{PLACE}")
    assert (page.status, page.location) == (302, "/pusat/daerah/padang")
    assert "sedang disiapkan" in centre.get("/pusat/daerah/padang").words()
    assert "Muat ulang halaman" in centre.get("/pusat/daerah/padang/keadaan").text
    assert centre.post(f"/pusat/daerah-baru/{PLACE}").status == 302
    assert rows(app, "SELECT kind, payload->>'code' FROM platform.outbox") == [("region.provision", PLACE)]
    assert rows(app, "SELECT state FROM platform.region WHERE slug = 'padang'") == [("registered",)]
    # No page yet, and nothing to suspend.
    assert browse("padang").get("/").status == 404
    refused = centre.post("/pusat/daerah/padang/tangguhkan", {"reason": "x", "contact": "y"})
    assert refused.status == 422
    assert centre.get("/pusat/daerah-baru/99.99").status == 404


def test_a_domain_of_its_own_leads_to_the_region_until_it_is_removed(
    browse: Browse, app: Platform, bukittinggi: Region
) -> None:
    centre = browse(as_=EMAIL)
    page = centre.submit("/pusat/daerah/bukittinggi", "/domain", host="https://MPP.Bukittinggi.contoh/")
    assert page.status == 302
    assert app.test_client().get("/", base_url="http://mpp.bukittinggi.contoh").status_code == 200
    assert (
        "sudah dipakai daerah ini"
        in centre.submit("/pusat/daerah/bukittinggi", "/domain", host="mpp.bukittinggi.contoh").words()
    )
    assert (
        "sudah dipakai daerah lain"
        in centre.submit("/pusat/daerah/banyuwangi", "/domain", host="mpp.bukittinggi.contoh").words()
    )
    assert centre.submit("/pusat/daerah/bukittinggi", "/domain/hapus").status == 302
    assert app.test_client().get("/", base_url="http://mpp.bukittinggi.contoh").status_code == 404


@pytest.mark.parametrize(
    "host",
    ["", "localhost", "x.localhost", "banyuwangi.localhost", "127.0.0.1", "satu", "a..b", "-a.contoh", "a b.contoh",
     "mpp.contoh/jalan", "[::1]", "a" * 64 + ".contoh", "mpp.contoh.123"],
)  # fmt: skip  # a list of wrong names
def test_a_wrong_domain_is_refused(settings: Settings, host: str) -> None:
    with pytest.raises(HostError):
        acts.valid_host(settings, host)


def test_acts_without_a_token_or_by_strangers_change_nothing(
    browse: Browse, app: Platform, bukittinggi: Region
) -> None:
    fields = {"reason": "x", "contact": "y"}
    assert browse().post("/pusat/daerah/bukittinggi/tangguhkan", fields).status == 401
    assert browse(as_=EMAIL).post("/pusat/daerah/bukittinggi/tangguhkan", fields, csrf=False).status == 400
    assert rows(app, "SELECT state FROM platform.region WHERE slug = 'bukittinggi'") == [("active",)]


def test_an_unknown_region_is_not_found(browse: Browse, bukittinggi: Region) -> None:
    centre = browse(as_=EMAIL)
    for path in ("/pusat/daerah/tidak-ada", "/pusat/daerah/tidak-ada/keadaan"):
        assert centre.get(path).status == 404
    assert centre.post("/pusat/daerah/tidak-ada/domain", {"host": "mpp.ada.contoh"}).status == 404


def test_the_log_shows_what_was_done_and_by_whom(browse: Browse, bukittinggi: Region) -> None:
    centre = browse(as_=EMAIL)
    centre.submit("/pusat/daerah/bukittinggi", "/tangguhkan", reason="Gedung direnovasi", contact="Kantor")
    words = centre.get("/pusat/catatan?tindakan=region.suspend").words()
    assert "menangguhkan daerah" in words
    assert "Gedung direnovasi" in words
    assert "Pusat PANRB (contoh)" in words
