"""What people read when something is not there, not open, or not theirs."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import update

from mpp.database.session import central_write
from mpp.tenancy.models import RegionRecord
from mpp.web.flask import Platform
from tests.support.client import Browser


def test_an_unknown_host_leads_to_the_directory(app: Platform) -> None:
    page = Browser(app, "tidak-ada.localhost").get("/")
    assert page.status == 404
    assert "Tidak ada portal di alamat ini" in page.words()
    assert any(link.startswith("http://localhost") for link in page.links())


def test_an_unknown_page_keeps_the_regions_face(browse: Callable[..., Browser]) -> None:
    page = browse("bukittinggi").get("/tidak-ada")
    assert page.status == 404
    assert "MPP Kota Bukittinggi" in page.words()
    assert "Cari layanan" in page.words()


def test_an_unknown_page_at_the_centre(browse: Callable[..., Browser]) -> None:
    page = browse().get("/tidak-ada")
    assert page.status == 404
    assert "Halaman tidak ditemukan" in page.words()


def test_a_suspended_region_says_whom_to_ask(app: Platform, browse: Callable[..., Browser]) -> None:
    citizen = browse("bukittinggi")
    assert citizen.get("/").status == 200
    with app.app_context(), central_write() as session:
        session.execute(
            update(RegionRecord)
            .where(RegionRecord.slug == "bukittinggi")
            .values(state="suspended", state_contact="Sekretariat Daerah, loket depan")
        )
    page = citizen.get("/")
    assert page.status == 503
    assert "Portal Kota Bukittinggi sedang tidak dibuka" in page.words()
    assert "Sekretariat Daerah, loket depan" in page.words()
    assert citizen.get("/layanan").status == 503
    assert browse("banyuwangi").get("/").status == 200


def test_errors_are_english_for_those_who_read_english(browse: Callable[..., Browser]) -> None:
    page = browse("bukittinggi").get("/tidak-ada?bahasa=en")
    assert "Page not found" in page.words()
