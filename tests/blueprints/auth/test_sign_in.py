"""Signing in at a region's host."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import PASSWORD, Browser

Browse = Callable[..., Browser]

EMAIL = "admin@bukittinggi.contoh"


def test_the_page_says_whom_it_is_for(browse: Browse, bukittinggi: Region) -> None:
    words = browse("bukittinggi").get("/masuk").words()
    assert "Masuk petugas" in words
    assert "Warga tidak perlu masuk" in words


def test_each_role_arrives_at_its_work(browse: Browse, bukittinggi: Region) -> None:
    visitor = browse("bukittinggi")
    assert (visitor.sign_in(EMAIL).location or "").startswith("/admin")
    officer = browse("bukittinggi").submit("/masuk", email="petugas@bukittinggi.contoh", password=PASSWORD)
    assert (officer.location or "").startswith("/loket")


@pytest.mark.parametrize("who", ["admin", "petugas", "resepsionis"])
def test_nobody_arrives_at_a_closed_door(browse: Browse, bukittinggi: Region, who: str) -> None:
    visitor = browse("bukittinggi")
    home = visitor.sign_in(f"{who}@bukittinggi.contoh").location or ""
    assert visitor.get(home, follow_redirects=True).status == 200
    # Nor does the menu of one's own account lead to one.
    links = [
        link
        for link in visitor.get("/akun-saya").links()
        if link.startswith(("/admin", "/loket", "/resepsionis"))
    ]
    assert links
    assert [visitor.get(link, follow_redirects=True).status for link in links] == [200] * len(links)


def test_what_was_wanted_is_kept_through_a_wrong_try(browse: Browse, bukittinggi: Region) -> None:
    page = browse("bukittinggi").submit("/masuk?lanjut=/admin/layanan", email=EMAIL, password="salah")
    assert page.status == 422
    assert f'value="{EMAIL}"' in page.text
    assert 'value="/admin/layanan"' in page.text
    assert "tunggu 15 menit" in page.words()


@pytest.mark.parametrize("target", ["https://jahat.contoh/", "//jahat.contoh", "/\t/jahat.contoh"])
def test_an_open_redirect_is_refused(browse: Browse, bukittinggi: Region, target: str) -> None:
    visitor = browse("bukittinggi")
    assert visitor.submit("/masuk", email=EMAIL, password=PASSWORD, lanjut=target).location == "/masuk/kode"
    page = visitor.submit("/masuk/kode", code=visitor.app_code(EMAIL))
    assert (page.location or "").rstrip("/") == "/admin"


def test_an_empty_form_names_both_fields(browse: Browse, bukittinggi: Region) -> None:
    page = browse("bukittinggi").submit("/masuk", email="", password="")
    assert page.status == 422
    assert "Isi surel Anda." in page.words()
    assert "Isi kata sandi Anda." in page.words()


def test_an_account_of_one_region_is_unknown_at_its_neighbour(browse: Browse, banyuwangi: Region) -> None:
    assert browse("banyuwangi").submit("/masuk", email=EMAIL, password=PASSWORD).status == 422


def test_the_cookie_changes_at_sign_in(browse: Browse, app: Platform, bukittinggi: Region) -> None:
    visitor = browse("bukittinggi")
    visitor.get("/masuk")
    name, host = app.config["SESSION_COOKIE_NAME"], "bukittinggi.localhost"
    before = visitor.client.get_cookie(name, domain=host)
    visitor.sign_in(EMAIL)
    after = visitor.client.get_cookie(name, domain=host)
    assert before is not None and after is not None
    assert before.value != after.value
