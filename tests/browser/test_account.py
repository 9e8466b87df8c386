"""A citizen's account as people use it: from a number to a passkey, and the day the telephone is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mpp.citizens.models import Citizen
from mpp.citizens.realm import nation
from mpp.database.session import central_write
from mpp.settings import ROOT
from mpp.web.flask import Platform
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_staff_security import with_phone
from tests.support.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.without_streams]
SHOTS = ROOT / "test-results" / "account"
CHOSEN = "kuda terbang makan sate padang"
NEW = "0812 9999 0077"
REST = "0812 9999 0055"


def look(page: Page, name: str) -> None:
    """No rule of accessibility is broken and nothing sticks out, narrow or wide; pictures are kept."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for label, size in (("1280", DESK), ("360", PHONE)):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.screenshot(path=SHOTS / f"{name}-{label}.png", full_page=True)
        assert over <= 0, f"{name} {label}: sticks out by {over} px"
    broken = [(v["id"], v["nodes"][0]["target"]) for v in Axe().run(page).response["violations"]]
    assert broken == [], f"{name}: {broken}"


def give_code(page: Page) -> None:
    page.get_by_label("Kode 6 angka").fill(page.locator("[data-demo-code]").inner_text())
    page.get_by_role("button", name="Lanjutkan").click()


def test_from_a_number_to_a_passkey_and_back_from_a_lost_phone(
    platform: Live, visit: Callable[..., Page]
) -> None:
    page = visit(PHONE)
    with_phone(page)
    page.goto(platform.url(None, "/akun/daftar"))
    look(page, "daftar")
    page.get_by_label("Nomor HP").fill("12")
    page.get_by_role("button", name="Kirim kode").click()
    expect(page.get_by_label("Nomor HP")).to_have_value("12")
    look(page, "daftar-salah")
    page.get_by_label("Nomor HP").fill(NEW)
    page.get_by_role("button", name="Kirim kode").click()
    expect(page.get_by_role("heading", name="Tulis kode")).to_be_visible()
    look(page, "kode")
    give_code(page)
    page.get_by_label("Nama lengkap (sesuai KTP)").fill(
        "Dt. Rajo Endah bin Ma'ruf Sutan Marajo Nan Panjang, S.Kom."
    )
    page.get_by_label("NIK").fill("9999999999990000")
    look(page, "nama")
    page.get_by_role("button", name="Buat akun").click()
    expect(page.get_by_text("Akun Anda sudah jadi.")).to_be_visible()
    look(page, "akun")
    page.get_by_role("button", name="Tampilkan NIK").click()
    expect(page.get_by_text("9999999999990000")).to_be_visible()
    look(page, "tampil")

    page.goto(platform.url(None, "/akun/keamanan"))
    look(page, "keamanan-kosong")
    page.get_by_role("link", name="Tambah kunci sandi").click()
    page.get_by_label("Nama perangkat ini").fill("HP saya")
    look(page, "kunci-baru")
    page.get_by_role("button", name="Buat kunci sandi di perangkat ini").click()
    expect(page.get_by_text("Kunci sandi tersimpan.")).to_be_visible()
    page.get_by_role("link", name="Pasang kata sandi").click()
    page.get_by_label("Kata sandi baru", exact=True).fill(CHOSEN)
    page.get_by_label("Kata sandi baru, sekali lagi").fill(CHOSEN)
    look(page, "sandi")
    page.get_by_role("button", name="Simpan kata sandi").click()
    page.get_by_role("button", name="Buat kode cadangan").click()
    code = page.locator(".codes code").first.inner_text()
    look(page, "kode-cadangan")
    page.get_by_role("link", name="Sudah disimpan, lanjutkan").click()
    look(page, "keamanan")
    page.goto(platform.url(None, "/akun/perangkat"))
    look(page, "perangkat")
    page.goto(platform.url(None, "/akun/hp"))
    look(page, "ganti-hp")
    page.goto(platform.url(None, "/akun/surel"))
    look(page, "surel")

    page.get_by_role("button", name="Keluar", exact=True).first.click()
    page.wait_for_url("**/akun/masuk")
    look(page, "masuk")
    page.get_by_role("button", name="Masuk dengan kunci sandi").click()
    page.wait_for_url("**/akun")

    lost = visit(PHONE)
    lost.goto(platform.url(None, "/akun/masuk"))
    lost.get_by_role("link", name="HP hilang atau nomor mati").click()
    look(lost, "pulih")
    lost.get_by_label("Nomor HP akun Anda (yang lama)").fill(NEW)
    lost.get_by_label("Kode cadangan").fill(code)
    lost.get_by_role("button", name="Masuk", exact=True).click()
    expect(lost.get_by_text("Tersisa 9 kode.")).to_be_visible()
    lost.goto(platform.url(None, "/akun/hp"))
    lost.get_by_label("Nomor HP baru").fill("0812 9999 0088")
    lost.get_by_role("button", name="Kirim kode").click()
    give_code(lost)
    expect(lost.get_by_text("Nomor HP Anda sudah diganti.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Masuk atau daftar")).to_be_visible()


def test_a_number_from_somebody_else_begins_an_account_of_its_own(
    app: Platform, platform: Live, visit: Callable[..., Page]
) -> None:
    with app.app_context(), nation(), central_write() as session:
        session.add(
            Citizen(
                name="Pemilik Lama",
                phone=REST.replace(" ", ""),
                created_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
            )
        )
    page = visit(PHONE)
    page.goto(platform.url(None, "/akun/masuk"))
    page.get_by_label("Nomor HP").fill(REST)
    page.get_by_role("button", name="Kirim kode").click()
    give_code(page)
    expect(page.get_by_role("heading", name="Nomor ini lama tidak dipakai masuk")).to_be_visible()
    look(page, "nomor-lama")
    page.get_by_label("Kata sandi").fill("bukan kata sandi siapa pun")
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(page.get_by_text("Kata sandi tidak cocok.")).to_be_visible()
    look(page, "nomor-lama-salah")
    page.get_by_role("link", name="Buat akun baru").click()
    look(page, "nomor-lama-baru")
    page.get_by_label("Nama lengkap (sesuai KTP)").fill("Pemegang Baru")
    page.get_by_role("button", name="Buat akun").click()
    expect(page.get_by_label("Nama lengkap (sesuai KTP)")).to_have_value("Pemegang Baru")
    page.get_by_label("Nomor ini baru bagi saya").check()
    page.get_by_role("button", name="Buat akun").click()
    expect(page.get_by_role("heading", name="Pemegang Baru")).to_be_visible()
    expect(page.get_by_text("Pemilik Lama")).to_have_count(0)


def test_a_request_that_waits_is_seen_and_called_off(platform: Live, visit: Callable[..., Page]) -> None:
    page = visit(PHONE)
    page.goto(platform.url(None, "/"))
    look(page, "direktori")
    page.get_by_role("link", name="Akun saya").click()
    expect(page.get_by_role("heading", name="Masuk atau daftar")).to_be_visible()
    page.goto(platform.url(None, "/akun/masuk/sandi"))
    look(page, "masuk-sandi")
    page.goto(platform.url(None, "/akun/masuk"))
    page.get_by_label("Nomor HP").fill("0812 9999 0001")
    page.get_by_role("button", name="Kirim kode").click()
    give_code(page)
    page.goto(platform.url(None, "/akun/hp"))
    expect(page.get_by_role("heading", name="Tunjukkan ini Anda")).to_be_visible()
    look(page, "bukti")
    page.get_by_text("Saya kehilangan semuanya").click()
    look(page, "bukti-hilang")
    page.get_by_role("button", name="Ya, minta hapus dalam 14 hari").click()
    expect(page.get_by_text("Ada permintaan yang menunggu")).to_be_visible()
    look(page, "menunggu")
    page.get_by_role("button", name="Batalkan permintaan").click()
    expect(page.get_by_text("Permintaan itu dibatalkan.")).to_be_visible()
    page.goto(platform.url(None, f"/akun/batal/{'x' * 43}"))
    look(page, "batal")
    page.goto(platform.url(None, "/akun/masuk?ulang=1"))
    expect(page.get_by_text("Masuk sekali lagi")).to_be_visible()
    look(page, "masuk-lagi")
