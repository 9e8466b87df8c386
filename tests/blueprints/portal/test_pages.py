"""The portal's pages as a citizen meets them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import brotli
import pytest
import time_machine
from sqlalchemy import delete, select, update

from mpp.database.session import serve, write
from mpp.tenancy.content import touch
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.catalogue.models import Service
from tenants.hall.models import AgencyPresence, Counter, CounterOfficer, CounterService, Hall
from tenants.services.models import RegionService
from tests.portal.branding import publish
from tests.support.client import Browser

PAGES = (
    "/", "/layanan", "/layanan?q=ktp+ilang", "/layanan?q=qwxzyv", "/layanan/ktp-el-penggantian",
    "/layanan/paspor?kasus=hilang", "/layanan/izin-reklame", "/instansi", "/instansi/imigrasi",
    "/peristiwa/menikah", "/mpp", "/privasi", "/aksesibilitas", "/maklumat", "/lapor-calo",
)  # fmt: skip
MOST_HTML = 14_000
WEDNESDAY_MORNING = dt.datetime(2026, 8, 12, 2, 0, tzinfo=dt.UTC)
THURSDAY_MORNING = dt.datetime(2026, 8, 13, 2, 0, tzinfo=dt.UTC)
SATURDAY = dt.datetime(2026, 8, 15, 2, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_and_light(browse: Callable[..., Browser], path: str) -> None:
    page = browse("bukittinggi").get(path)
    assert page.status == 200
    assert len(brotli.compress(page.text.encode(), quality=5)) <= MOST_HTML


@pytest.mark.parametrize("path", ["/layanan/tidak-ada", "/instansi/tidak-ada", "/peristiwa/x", "/berkas/abc"])
def test_what_is_not_here_is_not_found(browse: Callable[..., Browser], path: str) -> None:
    page = browse("bukittinggi").get(path)
    assert page.status == 404
    assert "Halaman tidak ditemukan" in page.text


def test_every_service_page_renders(
    app: Platform, bukittinggi: Region, browse: Callable[..., Browser]
) -> None:
    with app.app_context(), serve(bukittinggi), write() as session:
        slugs = list(
            session.scalars(select(Service.slug).join(RegionService, RegionService.service_id == Service.id))
        )
    assert len(slugs) == 46
    citizen = browse("bukittinggi")
    assert dict.fromkeys(slugs, 200) == {slug: citizen.get(f"/layanan/{slug}").status for slug in slugs}


@pytest.mark.parametrize(
    ("moment", "line"),
    [
        (WEDNESDAY_MORNING, "Buka · tutup 15.00 WIB"),
        (SATURDAY, "Tutup · buka lagi Selasa, 18 Agustus 2026 08.00 WIB"),
    ],
)
def test_home_says_whether_the_hall_is_open(
    browse: Callable[..., Browser], moment: dt.datetime, line: str
) -> None:
    with time_machine.travel(moment, tick=False):
        words = browse("bukittinggi").get("/").words()
    assert line.split(",", maxsplit=1)[0] in words or line in words
    assert "Mau mengurus apa hari ini?" in words


def test_a_service_answers_the_five_questions(browse: Callable[..., Browser]) -> None:
    with time_machine.travel(WEDNESDAY_MORNING, tick=False):
        page = browse("bukittinggi").get("/layanan/ktp-el-penggantian?kasus=rusak")
    words = page.words()
    for answer in ("Gratis", "1 sampai 3 hari", "Disdukcapil", "KTP-el yang rusak", "dari 14 unsur tersedia"):
        assert answer in words
    assert "UU 24/2013 Pasal 79A" in words
    assert "/antrean/ambil?layanan=ktp-el-penggantian" in page.links()
    assert any(link.startswith("https://wa.me/?text=") for link in page.links())
    assert "/layanan/ktp-el-penggantian?kasus=hilang#bawa" in page.links()


def test_a_service_of_another_day_says_when(browse: Callable[..., Browser]) -> None:
    with time_machine.travel(THURSDAY_MORNING, tick=False):
        page = browse("bukittinggi").get("/layanan/paspor")
    assert "Nomor dibuka Rabu 07.00 WIB." in page.words()
    assert not any("/antrean/ambil?" in link for link in page.links())


def test_a_case_brings_its_own_fee(browse: Callable[..., Browser]) -> None:
    citizen = browse("bukittinggi")
    assert "Paspor hilang" in citizen.get("/layanan/paspor?kasus=hilang").words()
    general = citizen.get("/layanan/paspor?kasus=tidak-dikenal").words()
    assert "PP 45/2024 · berlaku sejak 17 Des 2024" in general


def test_uncertain_facts_are_labelled(browse: Callable[..., Browser]) -> None:
    citizen = browse("bukittinggi")
    assert "contoh" in citizen.get("/layanan/pengecekan-sertipikat").words()
    assert "Teks ini contoh" in citizen.get("/maklumat").words()
    assert "Jam ini belum dipastikan" in citizen.get("/mpp").words()


def test_a_service_that_is_turned_off_is_gone_at_once(
    app: Platform, bukittinggi: Region, browse: Callable[..., Browser]
) -> None:
    citizen = browse("bukittinggi")
    assert citizen.get("/layanan/skck").status == 200
    with app.app_context(), serve(bukittinggi), write() as session:
        skck = select(Service.id).where(Service.slug == "skck").scalar_subquery()
        session.execute(update(RegionService).where(RegionService.service_id == skck).values(enabled=False))
        touch(session)
    assert citizen.get("/layanan/skck").status == 404
    assert "/layanan/skck" not in citizen.get("/layanan").links()
    assert "/layanan/skck" not in citizen.get("/layanan?q=skck").links()
    assert browse("banyuwangi").get("/layanan/skck").status == 200


def test_an_empty_region_says_what_to_do(
    app: Platform, bukittinggi: Region, browse: Callable[..., Browser]
) -> None:
    with app.app_context(), serve(bukittinggi), write() as session:
        session.execute(update(RegionService).values(enabled=False))
        for table in (CounterOfficer, CounterService, Counter, AgencyPresence):
            session.execute(delete(table))
        session.execute(update(Hall).values(active=False))
        touch(session)
    citizen = browse("bukittinggi")
    assert "Belum ada layanan di portal ini" in citizen.get("/").words()
    assert "Belum ada layanan di portal ini" in citizen.get("/layanan").words()
    assert "Belum ada instansi yang tercatat" in citizen.get("/instansi").words()
    assert "Gedung belum tercatat" in citizen.get("/mpp").words()
    assert citizen.get("/layanan?q=ktp").status == 200
    assert "Belum ada di portal ini" in citizen.get("/peristiwa/menikah").words()


def test_nothing_found_says_what_to_try(browse: Callable[..., Browser]) -> None:
    page = browse("bukittinggi").get("/layanan?q=qwxzyv")
    assert "Tidak ada yang cocok" in page.words()
    assert "/layanan/ktp-el-penggantian?kasus=hilang" in page.links()
    assert "/instansi" in page.links()


def test_a_query_is_shown_as_text(browse: Callable[..., Browser]) -> None:
    page = browse("bukittinggi").get("/layanan?q=<script>alert(1)</script>")
    assert "<script>alert" not in page.text


def test_a_query_of_any_length_and_kind_is_answered(browse: Callable[..., Browser]) -> None:
    citizen = browse("bukittinggi")
    for query in ("a" * 5000, "%25", "'%3B--", "%F0%9F%98%80", "+++", "ktp " * 60):
        assert citizen.get(f"/layanan?q={query}").status == 200
    # No keyboard makes it, and no database keeps it.
    assert citizen.get("/layanan?q=%00").status == 400


def test_the_theme_is_kept_for_good_at_its_own_address(app: Platform, browse: Callable[..., Browser]) -> None:
    citizen = browse("bukittinggi")
    address = next(a for a in _stylesheets(citizen) if a.startswith("/tema.css"))
    theme = citizen.get(address)
    assert "--brand:#9b1c2e" in theme.text
    assert "immutable" in theme.response.headers["Cache-Control"]
    publish(app, "bukittinggi", color_1="#123456")
    assert address not in _stylesheets(citizen)
    stale = citizen.get(address)
    assert "--brand:#123456" in stale.text
    assert "immutable" not in stale.response.headers["Cache-Control"]


def _stylesheets(citizen: Browser) -> list[str]:
    return [link.get("href") or "" for link in citizen.get("/").all("link", rel="stylesheet")]
