"""The second factor as people use it: an invited admin sets up a passkey in a real browser and signs in with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from mpp.settings import ROOT
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.browser.test_every_page import check
from tests.support.client import PASSWORD
from tests.support.live import Live

pytestmark = pytest.mark.browser
SHOTS = ROOT / "test-results" / "pages"
CHOSEN = "empat kata yang panjang"


def with_phone(page: Page) -> None:
    """Give the browser an authenticator that always finds its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.parametrize("size", ["360", pytest.param("1280", marks=pytest.mark.long)])
def test_from_invitation_to_passkey(platform: Live, visit: Callable[..., Page], size: str) -> None:
    frame = PHONE if size == "360" else DESK
    admin = visit(frame)
    sign_in(admin, platform, "bukittinggi", "admin@bukittinggi.contoh")
    admin.goto(platform.url("bukittinggi", "/admin/petugas/undang"))
    admin.get_by_label("Surel").fill("baru@kota.contoh")
    admin.get_by_label("Admin", exact=False).first.check()
    admin.get_by_role("button", name="Buat undangan").click()
    link = admin.locator(".link-box code").inner_text()
    assert link.startswith(platform.url("bukittinggi", "/tautan/"))
    wrong = shot(admin, f"undangan-{size}")

    person = visit(frame)
    with_phone(person)
    person.goto(link)
    wrong += shot(person, f"tautan-{size}")
    person.get_by_label("Nama Anda").fill("Admin Baru")
    person.get_by_label("Kata sandi", exact=True).fill(CHOSEN)
    person.get_by_label("Kata sandi, sekali lagi").fill(CHOSEN)
    person.get_by_role("button", name="Simpan dan lanjutkan").click()
    expect(person.get_by_role("heading", name="Pasang faktor kedua")).to_be_visible()
    wrong += shot(person, f"pasang-{size}")
    person.get_by_role("button", name="Buat kunci sandi di perangkat ini").click()
    expect(person.get_by_role("heading", name="Kode cadangan Anda")).to_be_visible()
    assert person.locator(".codes li").count() == 10
    wrong += shot(person, f"kode-{size}")
    person.get_by_role("link", name="Sudah disimpan, lanjutkan").click()
    expect(person.get_by_role("heading", level=1)).to_be_visible()
    person.goto(platform.url("bukittinggi", "/akun-saya/keamanan"))
    wrong += shot(person, f"keamanan-{size}")
    person.goto(platform.url("bukittinggi", "/akun-saya/keamanan/aplikasi"))
    wrong += shot(person, f"aplikasi-{size}")
    person.goto(platform.url("bukittinggi", "/akun-saya/keamanan/kunci-sandi"))
    wrong += shot(person, f"kunci-{size}")

    person.get_by_role("button", name="Keluar").first.click()
    person.get_by_role("button", name="Masuk dengan kunci sandi").click()
    person.wait_for_url("**/admin")
    # After a password the same device answers as the second step.
    person.get_by_role("button", name="Keluar").first.click()
    person.get_by_label("Surel").fill("baru@kota.contoh")
    person.get_by_label("Kata sandi").fill(CHOSEN)
    person.get_by_role("button", name="Masuk", exact=True).click()
    wrong += shot(person, f"langkah-kedua-{size}")
    person.get_by_role("button", name="Pakai kunci sandi").click()
    person.wait_for_url("**/admin")
    admin.goto(platform.url("bukittinggi", "/admin/petugas"))
    admin.get_by_role("link", name="Admin Baru").click()
    wrong += shot(admin, f"petugas-{size}")
    assert wrong == []


def test_without_a_passkey_the_browser_says_so(platform: Live, visit: Callable[..., Page]) -> None:
    page = visit(DESK)
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    page.goto(platform.url("bukittinggi", "/masuk"))
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('x', 'NotAllowedError')); }"
    )
    page.get_by_role("button", name="Masuk dengan kunci sandi").click()
    expect(page.get_by_text("tidak jadi dipakai")).to_be_visible()
    page.get_by_label("Surel").fill("petugas@bukittinggi.contoh")
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.wait_for_url("**/loket**")


@pytest.mark.parametrize("size", ["360", pytest.param("1280", marks=pytest.mark.long)])
def test_pages_of_the_centres_own_account(platform: Live, visit: Callable[..., Page], size: str) -> None:
    page = visit(PHONE if size == "360" else DESK)
    sign_in(page, platform, None, "pusat@panrb.contoh")
    paths = ("/pusat/akun", "/pusat/akun/keamanan", "/pusat/akun/keamanan/aplikasi")
    assert [wrong for path in paths for wrong in check(page, platform, None, path, size)] == []


def shot(page: Page, name: str) -> list[str]:
    """Judge the page as it stands and keep its picture."""
    from axe_playwright_python.sync_playwright import Axe

    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"akun-{name}.png", full_page=True)
    found = [f"{name}: {violation['id']}" for violation in Axe().run(page).response["violations"]]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{name}: sticks out by {over} px"] if over > 0 else [])
