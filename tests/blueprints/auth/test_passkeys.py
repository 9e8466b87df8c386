"""Passkeys: both factors in one move, at the host they were made for and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mpp.accounts.models import Staff
from mpp.accounts.proof_models import StaffPasskey, StaffTotp
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import PASSWORD, Browser, Page
from tests.support.hall import at
from tests.support.passkey import Device

Browse = Callable[..., Browser]
HERE = "http://bukittinggi.localhost"
NEW = "/akun-saya/keamanan/kunci-sandi"
EMAIL = "petugas@bukittinggi.contoh"


def options(page: Page) -> dict[str, Any]:
    """What a page asks the device."""
    found: dict[str, Any] = json.loads(
        next(form.get("data-options") or "" for form in page.all("form") if form.get("data-passkey"))
    )
    return found


def enrol(browser: Browser, device: Device, **fields: str) -> Page:
    """Add a passkey through the page."""
    answer = device.create(options(browser.get(NEW)))
    return browser.post(NEW, {"name": "HP kantor", "current": PASSWORD, "answer": answer, **fields})


def sign_in(browser: Browser, device: Device) -> Page:
    """Sign in with the passkey alone."""
    return browser.post("/masuk/kunci-sandi", {"answer": device.get(options(browser.get("/masuk")))})


@pytest.fixture
def device(browse: Browse, bukittinggi: Region) -> Device:
    """An officer's phone with a passkey."""
    made = Device(HERE, "bukittinggi.localhost")
    page = enrol(browse("bukittinggi", as_="petugas"), made)
    assert page.status == 200 and "Kode cadangan" in page.words()
    return made


def test_a_passkey_opens_the_account_without_a_password(browse: Browse, device: Device) -> None:
    visitor = browse("bukittinggi")
    asked = options(visitor.get("/masuk"))
    assert asked["rpId"] == "bukittinggi.localhost" and asked["userVerification"] == "required"
    # Who may be asked is told to nobody.
    assert asked["allowCredentials"] == []
    page = sign_in(visitor, device)
    assert (page.location or "").startswith("/loket")
    assert visitor.get("/akun-saya").status == 200


def test_after_the_password_only_the_own_passkey_counts(
    app: Platform, browse: Browse, bukittinggi: Region, device: Device
) -> None:
    other = Device(HERE, "bukittinggi.localhost")
    enrol(browse("bukittinggi", as_="petugas2"), other)
    visitor = browse("bukittinggi")
    assert visitor.submit("/masuk", email=EMAIL, password=PASSWORD).location == "/masuk/kode"
    asked = options(visitor.get("/masuk/kode"))
    assert len(asked["allowCredentials"]) == 1
    assert visitor.post("/masuk/kunci-sandi", {"answer": other.get(asked)}).location == "/masuk/kode"
    assert visitor.get("/akun-saya").status == 302
    asked = options(visitor.get("/masuk/kode"))
    assert visitor.post("/masuk/kunci-sandi", {"answer": device.get(asked)}).status == 302
    assert visitor.get("/akun-saya").status == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://banyuwangi.localhost"}, {"origin": "http://localhost"}, {"origin": "https://bukittinggi.localhost"},
        {"rp_id": "localhost"}, {"rp_id": "banyuwangi.localhost"}, {"verifies": False},
    ],
)  # fmt: skip
def test_an_answer_for_elsewhere_or_of_an_unchecked_hand_is_refused(
    browse: Browse, device: Device, wrong: dict[str, Any]
) -> None:
    for name, value in wrong.items():
        setattr(device, name, value)
    visitor = browse("bukittinggi")
    assert sign_in(visitor, device).location == "/masuk"
    assert visitor.get("/akun-saya").status == 302
    assert "tidak dikenal di sini" in visitor.get("/masuk").words()


def test_a_challenge_works_once_and_only_in_its_browser(browse: Browse, device: Device) -> None:
    visitor = browse("bukittinggi")
    asked = options(visitor.get("/masuk"))
    cookie = visitor.client.get_cookie("sesi", domain="bukittinggi.localhost")
    assert cookie is not None
    answer = device.get(asked)
    stranger = browse("bukittinggi")
    stranger.get("/masuk")
    assert stranger.post("/masuk/kunci-sandi", {"answer": answer}).location == "/masuk"
    token = visitor.token()
    kept = visitor.client.get_cookie("sesi", domain="bukittinggi.localhost")
    assert kept is not None
    form = {"answer": answer, "csrf_token": token}
    assert visitor.post("/masuk/kunci-sandi", form, csrf=False).status == 302
    assert visitor.get("/akun-saya").status == 200
    # The very request again, cookie and all.
    replay = browse("bukittinggi")
    replay.client.set_cookie("sesi", kept.value, domain="bukittinggi.localhost")
    assert replay.post("/masuk/kunci-sandi", form, csrf=False).location == "/masuk"
    assert replay.get("/akun-saya").status == 302


def test_a_copied_key_is_betrayed_by_its_counter(browse: Browse, device: Device) -> None:
    device.count = 41
    assert sign_in(browse("bukittinggi"), device).location != "/masuk"
    device.count = 7
    assert sign_in(browse("bukittinggi"), device).location == "/masuk"


@pytest.mark.parametrize(
    "answer", ["", "{}", "null", "[]", '{"id": 5}', '{"id": "AAAA", "response": {}}', "<script>", "\ud800"]
)
def test_nonsense_is_refused_politely(
    browse: Browse, bukittinggi: Region, device: Device, answer: str
) -> None:
    visitor = browse("bukittinggi")
    visitor.get("/masuk")
    text = answer.encode("utf-8", "replace").decode()
    assert visitor.post("/masuk/kunci-sandi", {"answer": text}).location == "/masuk"
    inside = browse("bukittinggi", as_="petugas2")
    inside.get(NEW)
    page = inside.post(NEW, {"name": "x", "current": PASSWORD, "answer": text})
    assert page.status == 422


def test_adding_one_needs_the_password(browse: Browse, bukittinggi: Region, app: Platform) -> None:
    officer = browse("bukittinggi", as_="petugas")
    assert enrol(officer, Device(HERE, "bukittinggi.localhost"), current="bukan ini").status == 422
    with at(app, bukittinggi), read() as session:
        assert session.query(StaffPasskey).count() == 0


def test_who_left_has_no_passkey_and_who_is_inactive_no_door(
    app: Platform, browse: Browse, bukittinggi: Region, device: Device
) -> None:
    with at(app, bukittinggi), write() as session:
        session.query(Staff).filter_by(email=EMAIL).one().active = False
    assert sign_in(browse("bukittinggi"), device).location == "/masuk"


def test_an_admin_sets_up_with_a_passkey_and_may_then_drop_the_app(
    app: Platform, browse: Browse, bukittinggi: Region
) -> None:
    with at(app, bukittinggi), write() as session:
        session.query(StaffTotp).delete()
    admin = browse("bukittinggi")
    admin.submit("/masuk", email="admin@bukittinggi.contoh", password=PASSWORD)
    device = Device(HERE, "bukittinggi.localhost")
    forms = [f for f in admin.get("/masuk/pasang").all("form") if f.get("data-passkey") == "create"]
    answer = device.create(json.loads(forms[0].get("data-options") or ""))
    page = admin.post("/masuk/pasang", {"answer": answer, "name": "Perangkat pertama"})
    assert page.status == 200 and admin.get("/admin").status == 200
    assert (sign_in(browse("bukittinggi"), device).location or "").startswith("/admin")
    # The only factor stays.
    with at(app, bukittinggi), read() as session:
        number = session.query(StaffPasskey).one().id
    admin.post(f"/akun-saya/keamanan/kunci-sandi/{number}/hapus", {"current": PASSWORD})
    with at(app, bukittinggi), read() as session:
        assert session.query(StaffPasskey).count() == 1


def test_a_region_can_not_use_the_centres_name(app: Platform, browse: Browse, bukittinggi: Region) -> None:
    """A page of a region may ask a device for "localhost"; the centre then sees the region's origin and refuses."""
    centre = browse(as_="pusat@panrb.contoh")
    path = "/pusat/akun/keamanan/kunci-sandi"
    device = Device("http://localhost", "localhost")
    answer = device.create(options(centre.get(path)))
    assert centre.post(path, {"name": "x", "current": PASSWORD, "answer": answer}).status in {200, 302}
    visitor = browse()
    assert sign_in(visitor, device).location == "/pusat"
    device.origin = HERE
    assert sign_in(browse(), device).location == "/masuk"
