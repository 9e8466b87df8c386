"""Signing in at the centre."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from mpp.database.session import central_read
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import PASSWORD, Browser

Browse = Callable[..., Browser]

EMAIL = "pusat@panrb.contoh"
INSIDE = ("/pusat", "/pusat/daerah/bukittinggi", "/pusat/daerah-baru", "/pusat/katalog", "/pusat/katalog/paspor/ubah",
          "/pusat/catatan", "/pusat/akun")  # fmt: skip  # a list of addresses


@pytest.mark.parametrize("path", INSIDE)
def test_strangers_are_led_to_the_sign_in_page(browse: Browse, bukittinggi: Region, path: str) -> None:
    page = browse().get(path)
    assert page.status == 302
    assert (page.location or "").startswith("/masuk?lanjut=/pusat")


def test_signing_in_leads_back_to_where_one_wanted_to_go(browse: Browse, bukittinggi: Region) -> None:
    visitor = browse()
    visitor.submit("/masuk?lanjut=/pusat/katalog", email=EMAIL, password=PASSWORD)
    page = visitor.submit("/masuk/kode", code=visitor.app_code(EMAIL))
    assert (page.status, page.location) == (302, "/pusat/katalog")


@pytest.mark.parametrize(
    "target", ["https://jahat.contoh/", "//jahat.contoh", "/\\jahat.contoh", "javascript:alert(1)"]
)
def test_an_open_redirect_is_refused(browse: Browse, bukittinggi: Region, target: str) -> None:
    visitor = browse()
    visitor.submit("/masuk", email=EMAIL, password=PASSWORD, lanjut=target)
    page = visitor.submit("/masuk/kode", code=visitor.app_code(EMAIL))
    assert (page.status, page.location) == (302, "/pusat")


def test_a_refusal_keeps_the_email_and_never_says_which_account_exists(
    browse: Browse, bukittinggi: Region
) -> None:
    wrong = browse().submit("/masuk", email=EMAIL, password="salah-sekali")
    unknown = browse().submit("/masuk", email="tidak-ada@panrb.contoh", password="salah-sekali")
    assert wrong.status == unknown.status == 422
    assert f'value="{EMAIL}"' in wrong.text
    assert "salah-sekali" not in wrong.text
    assert wrong.words().replace(EMAIL, "") == unknown.words().replace("tidak-ada@panrb.contoh", "")


def test_the_cookie_changes_at_sign_in(browse: Browse, app: Platform, bukittinggi: Region) -> None:
    visitor = browse()
    visitor.get("/masuk")
    name = app.config["SESSION_COOKIE_NAME"]
    before = visitor.client.get_cookie(name, domain="localhost")
    visitor.sign_in(EMAIL)
    after = visitor.client.get_cookie(name, domain="localhost")
    assert before is not None and after is not None
    assert before.value != after.value
    # A cookie planted before is still a stranger's.
    visitor.client.set_cookie(name, before.value, domain="localhost")
    assert visitor.get("/pusat").status == 302


@pytest.mark.parametrize("email", ["admin@bukittinggi.contoh"])
def test_a_regions_admin_has_no_account_at_the_centre(
    browse: Browse, bukittinggi: Region, email: str
) -> None:
    assert browse().submit("/masuk", email=email, password=PASSWORD).status == 422


def test_a_regions_cookie_is_noise_at_the_centre(browse: Browse, app: Platform, bukittinggi: Region) -> None:
    admin = browse("bukittinggi", as_="admin")
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = admin.client.get_cookie(name, domain="bukittinggi.localhost")
    assert cookie is not None
    visitor = browse()
    visitor.client.set_cookie(name, cookie.value, domain="localhost")
    assert visitor.get("/pusat").status == 302


def test_signing_out_ends_the_session(browse: Browse, app: Platform, bukittinggi: Region) -> None:
    visitor = browse(as_=EMAIL)
    assert visitor.get("/pusat").status == 200
    assert visitor.post("/keluar").status == 302
    assert visitor.get("/pusat").status == 302


def test_every_sign_in_is_in_the_log(browse: Browse, app: Platform, bukittinggi: Region) -> None:
    browse(as_=EMAIL)
    with app.app_context(), central_read() as session:
        actions = session.execute(text("SELECT action FROM platform.audit_log")).scalars().all()
    assert actions == ["account.sign_in"]
