"""One person, one browser, two cities: registered once, walking over without typing, out everywhere at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mpp.settings import ROOT
from tests.browser.conftest import DESK, PHONE
from tests.support.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.without_streams]
SHOTS = ROOT / "test-results" / "people"
NAME = "Siti Contoh Rahmawati"
PHONE_NUMBER = "0812 9999 0101"


def look(page: Page, name: str) -> list[str]:
    """Keep a picture of the page; return what is wrong with it."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    wrong = [f"{name}: {v['id']} {v['nodes'][0]['target']}" for v in Axe().run(page).response["violations"]]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wrong + ([f"{name}: sticks out by {over} px"] if over > 0 else [])


def give_number(page: Page, phone: str) -> None:
    """From the sign-in page on: the telephone number, and the code that the page shows."""
    page.get_by_label("Nomor HP").fill(phone)
    page.get_by_role("button", name="Kirim kode").click()
    page.get_by_label("Kode 6 angka").fill(page.locator("[data-demo-code]").inner_text())
    page.get_by_role("button", name="Lanjutkan").click()


def walk_in(page: Page) -> None:
    """Come from a portal's page to its consent page, and agree."""
    page.get_by_role("link", name="Masuk", exact=True).click()
    expect(page.get_by_role("heading", name="Setujui dulu, sekali saja")).to_be_visible()


@pytest.mark.parametrize("size", ["360", pytest.param("1280", marks=pytest.mark.long)])
def test_one_account_in_two_cities(platform: Live, visit: Callable[..., Page], size: str) -> None:
    page = visit(PHONE if size == "360" else DESK)
    page.goto(platform.url("bukittinggi", "/layanan"))
    wrong = look(page, f"luar-{size}")
    page.get_by_role("link", name="Masuk", exact=True).click()
    give_number(page, PHONE_NUMBER)
    page.get_by_label("Nama lengkap").fill(NAME)
    page.get_by_label("NIK").fill("9900015507900001")
    page.get_by_role("button", name="Buat akun").click()
    # Through "Anda sudah masuk", which goes on by itself.
    expect(page.get_by_role("heading", name="Setujui dulu, sekali saja")).to_be_visible()
    wrong += look(page, f"persetujuan-{size}")
    page.get_by_label("Berikan juga NIK saya").check()
    page.get_by_role("button", name="Setuju dan masuk").click()
    page.wait_for_url(platform.url("bukittinggi", "/layanan"))
    wrong += look(page, f"dalam-{size}")
    page.get_by_role("link", name="Akun saya").click()
    expect(page.get_by_text(NAME).last).to_be_visible()
    page.get_by_role("link", name="Ambil nomor antrean").click()
    page.locator("a[href*='layanan=ktp-el-baru']").first.click()
    page.get_by_role("button", name="Ambil nomor").click()
    expect(page.get_by_text("Tersimpan di akun Anda.")).to_be_visible()
    wrong += look(page, f"nomor-{size}")
    page.goto(platform.url("bukittinggi", "/warga"))
    expect(page.get_by_text("9900••••••••0001")).to_be_visible()
    wrong += look(page, f"akun-{size}")

    # The neighbour: nothing is typed there, only agreed, once.
    page.goto(platform.url("banyuwangi", "/"))
    walk_in(page)
    page.get_by_role("button", name="Setuju dan masuk").click()
    page.wait_for_url(platform.url("banyuwangi", "/"))
    page.get_by_role("link", name="Akun saya").click()
    expect(page.get_by_text("tidak diberikan kepada daerah ini")).to_be_visible()
    page.get_by_role("button", name="Keluar").click()
    expect(page.get_by_role("heading", name="Anda sudah keluar")).to_be_visible()
    wrong += look(page, f"keluar-{size}")
    page.get_by_role("link", name="Ke beranda").click()
    page.get_by_role("link", name="Masuk", exact=True).click()
    expect(page.get_by_role("link", name="Akun saya")).to_be_visible()

    # A second browser of the same person, signed in at a region of its own: at home, say.
    other = visit(DESK)
    other.goto(platform.url("bukittinggi", "/"))
    other.get_by_role("link", name="Masuk", exact=True).click()
    give_number(other, PHONE_NUMBER)
    other.wait_for_url(platform.url("bukittinggi", "/"))
    expect(other.get_by_role("link", name="Akun saya")).to_be_visible()
    other.goto(platform.url("bukittinggi", "/warga"))
    expect(other.get_by_text(NAME).last).to_be_visible()

    page.goto(platform.url(None, "/akun/perangkat"))
    page.get_by_role("button", name="Keluar dari semua perangkat").click()
    page.wait_for_url(lambda url: "/akun/perangkat" not in url)
    for slug in ("bukittinggi", "banyuwangi"):
        page.goto(platform.url(slug, "/"))
        expect(page.get_by_role("link", name="Masuk", exact=True)).to_be_visible()
    page.get_by_role("link", name="Masuk", exact=True).click()
    expect(page.get_by_label("Nomor HP")).to_be_visible()
    # The other one too, at the region, where it stood, and at the centre.
    other.reload()
    expect(other.get_by_text(NAME)).to_have_count(0)
    other.goto(platform.url("bukittinggi", "/"))
    expect(other.get_by_role("link", name="Akun saya")).to_have_count(0)
    other.get_by_role("link", name="Masuk", exact=True).click()
    expect(other.get_by_label("Nomor HP")).to_be_visible()
    page.goto(platform.url("bukittinggi", "/warga/kembali?code=x&state=y"))
    wrong += look(page, f"gagal-{size}")
    assert wrong == []
