"""Family and powers in a browser: two people at the centre, then a number taken at a region for one of them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mpp.settings import ROOT
from mpp.web.flask import Platform
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.mpp.citizens.people import PHONES, account
from tests.support.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.without_streams]
SHOTS = ROOT / "test-results" / "family"


def look(page: Page, name: str) -> None:
    """No rule of accessibility is broken and nothing sticks out, narrow or wide; pictures are kept."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for label, size in (("360", PHONE), ("1280", DESK)):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{name} {label}: sticks out by {over} px"
        page.screenshot(path=SHOTS / f"{name}-{label}.png", full_page=True)
    broken = [(v["id"], v["nodes"][0]["target"]) for v in Axe().run(page).response["violations"]]
    assert broken == [], f"{name}: {broken}"


def come_in(page: Page, here: Live, phone: str) -> None:
    """Sign in at the centre with the code that the page shows outside production."""
    page.goto(here.url(None, "/akun/masuk"))
    page.get_by_label("Nomor HP").fill(phone)
    page.get_by_role("button", name=re.compile("kode", re.IGNORECASE)).first.click()
    page.get_by_label("Kode 6 angka").fill(page.locator("[data-demo-code]").inner_text())
    page.get_by_role("button", name="Lanjutkan").click()
    page.wait_for_url(lambda url: url.endswith("/akun"))


def add(
    page: Page, here: Live, name: str, relation: str, *, year: str = "", nik: str = "", phone: str = ""
) -> None:
    page.goto(here.url(None, "/akun/keluarga/tambah"))
    page.get_by_label("Nama lengkap (sesuai KTP atau KK)").fill(name)
    page.get_by_label(relation, exact=True).check()
    page.locator("#birth_year").fill(year)
    page.get_by_label("NIK").fill(nik)
    page.get_by_label("Ya, undang" if phone else "Tidak, masih anak").check()
    page.get_by_label("Nomor HP-nya (boleh kosong)").fill(phone)
    page.get_by_label("Saling: ia juga boleh").set_checked(bool(phone))
    page.get_by_label("Saya menyatakan satu KK").check()
    page.get_by_role("button", name="Tambahkan").click()
    expect(page.get_by_role("heading", name="Di KK saya")).to_be_visible()


def test_family_and_power(app: Platform, platform: Live, visit: Callable[..., Page]) -> None:
    for name in ("Siti Contoh", "Budi Contoh"):
        account(app, name)
    siti, budi = visit(PHONE), visit(PHONE)
    come_in(siti, platform, PHONES["Siti Contoh"])
    siti.goto(platform.url(None, "/akun/keluarga"))
    look(siti, "keluarga-kosong")
    add(
        siti,
        platform,
        "Muhammad Anak Contoh bin Ma'ruf Sutan Marajo Nan Panjang",
        "Anak",
        year="2018",
        nik="9975030101180001",
    )
    add(siti, platform, "Budi", "Suami", phone=PHONES["Budi Contoh"])
    look(siti, "keluarga")
    siti.get_by_role("button", name="Tampilkan NIK").click()
    expect(siti.get_by_text("9975030101180001")).to_be_visible()
    look(siti, "keluarga-nik")
    siti.goto(platform.url(None, "/akun/keluarga/kk"))
    look(siti, "kk")
    siti.goto(platform.url(None, "/akun/keluarga/tambah"))
    siti.get_by_role("button", name="Tambahkan").click()
    look(siti, "tambah-salah")

    siti.goto(platform.url(None, "/akun/kuasa"))
    look(siti, "kuasa-kosong")
    siti.get_by_role("link", name="Beri kuasa").first.click()
    siti.get_by_label("Nama penerima kuasa").fill("Budi Contoh")
    siti.get_by_label("Nomor HP penerima kuasa").fill(PHONES["Budi Contoh"])
    siti.get_by_label("Hanya yang saya pilih").check()
    siti.locator("summary").filter(has_text="Kependudukan").first.click()
    siti.locator("input[value=ktp-el-baru]").check()
    siti.get_by_label("Alasan").fill("Saya dirawat di rumah sakit sampai akhir bulan.")
    look(siti, "beri-kuasa")
    siti.get_by_label("Saya memberi kuasa ini").check()
    siti.get_by_role("button", name="Tawarkan kuasa").click()
    expect(siti.get_by_text("Kuasa ditawarkan")).to_be_visible()
    look(siti, "kuasa-ditawarkan")

    come_in(budi, platform, PHONES["Budi Contoh"])
    budi.goto(platform.url(None, "/akun/keluarga"))
    look(budi, "undangan-keluarga")
    budi.get_by_role("button", name="Setuju, saling").click()
    expect(budi.get_by_text("Saling mewakili", exact=True)).to_be_visible()
    look(budi, "keluarga-saling")
    # Either one ends both ways; the power is apart from it.
    budi.get_by_text("Akhiri", exact=True).click()
    look(budi, "keluarga-akhiri")
    budi.get_by_role("button", name="Ya, akhiri").click()
    expect(budi.get_by_text("Belum ada orang")).to_be_visible()
    budi.goto(platform.url(None, "/akun/kuasa"))
    look(budi, "undangan-kuasa")
    budi.get_by_role("button", name="Terima").click()
    expect(budi.get_by_text("Kuasa diterima.")).to_be_visible()

    budi.goto(platform.url("bukittinggi", "/warga/masuk?lanjut=/antrean/ambil?layanan=ktp-el-baru"))
    budi.get_by_role("button", name=re.compile("setuju", re.IGNORECASE)).first.click()
    budi.wait_for_url("**/antrean/ambil**")
    look(budi, "ambil-untuk")
    budi.get_by_label("Siti Contoh").check()
    budi.get_by_role("button", name="Ambil nomor").click()
    budi.wait_for_url(re.compile(r"/antrean/[A-Z0-9]{12}"))

    siti.goto(platform.url(None, "/akun/kuasa"))
    expect(siti.get_by_text("Budi Contoh untuk Siti Contoh")).to_be_visible()
    look(siti, "kuasa-dipakai")
    siti.get_by_role("link", name="Rincian").first.click()
    look(siti, "kuasa")

    officer = visit(DESK)
    sign_in(officer, platform, "bukittinggi", "resepsionis@bukittinggi.contoh")
    officer.goto(platform.url("bukittinggi", "/bantu"))
    look(officer, "bantu")
    officer.get_by_label("Nama orang yang dibantu").fill("Nenek Contoh")
    officer.get_by_label("Lansia").check()
    officer.get_by_label("Saya sudah bertanya").check()
    officer.get_by_role("button", name="Mulai membantu").click()
    look(officer, "bantu-berjalan")
    officer.goto(platform.url("bukittinggi", "/resepsionis/beri?layanan=ktp-el-baru"))
    look(officer, "bantu-beri")
    officer.get_by_role("button", name="Beri nomor").click()
    expect(officer.get_by_text("Dibantu oleh petugas")).to_be_visible()
    look(officer, "bantu-nomor")
