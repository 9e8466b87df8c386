"""Two people, two browsers: the centre enters a region, the region's admin sees it and ends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, second_step, sign_in
from tests.browser.test_every_page import check
from tests.browser.test_staff_security import shot
from tests.support.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.without_streams]
REASON = "Admin meminta bantuan: loket 3 tidak muncul di layar gedung utama sejak pagi."


@pytest.mark.parametrize("size", ["360", pytest.param("1280", marks=pytest.mark.long)])
def test_support_access_is_seen_and_ended(platform: Live, visit: Callable[..., Page], size: str) -> None:
    frame = PHONE if size == "360" else DESK
    admin = visit(frame)
    sign_in(admin, platform, "bukittinggi", "admin@bukittinggi.contoh")
    wrong = check(admin, platform, "bukittinggi", "/admin/akses-dukungan", f"kosong-{size}")

    # Without scripts: the way over is links and forms alone.
    centre = visit(frame, scripts=False)
    sign_in(centre, platform, None, "pusat@panrb.contoh")
    centre.goto(platform.url(None, "/pusat/daerah/bukittinggi"))
    centre.get_by_role("link", name="Minta akses dukungan").click()
    centre.get_by_label("Alasan").fill("cek")
    centre.get_by_role("button", name="Lanjut ke langkah kedua").click()
    expect(centre.get_by_label("Alasan")).to_have_value("cek")
    centre.get_by_label("Alasan").fill(REASON)
    centre.screenshot(path=f"test-results/pages/dukungan-minta-{size}.png", full_page=True)
    centre.get_by_role("button", name="Lanjut ke langkah kedua").click()
    expect(centre.get_by_role("heading", name="Tunjukkan bahwa ini Anda")).to_be_visible()
    centre.screenshot(path=f"test-results/pages/dukungan-langkah-{size}.png", full_page=True)
    second_step(centre, "Mulai akses dukungan")
    expect(centre.get_by_role("heading", name="Akses dukungan dimulai")).to_be_visible()
    centre.screenshot(path=f"test-results/pages/dukungan-mulai-{size}.png", full_page=True)
    centre.get_by_role("link", name="Masuk ke").click()
    centre.wait_for_url("**/admin")
    centre.screenshot(path=f"test-results/pages/dukungan-tamu-{size}.png", full_page=True)
    centre.goto(platform.url("bukittinggi", "/layanan"))
    expect(centre.get_by_role("button", name="Tinggalkan daerah ini")).to_be_visible()
    centre.screenshot(path=f"test-results/pages/dukungan-portal-{size}.png", full_page=True)
    centre.goto(platform.url("bukittinggi", "/loket"))
    expect(centre.get_by_role("heading", level=1)).to_contain_text("bukan untuk Anda")

    admin.goto(platform.url("bukittinggi", "/admin/gedung"))
    expect(admin.get_by_text("PANRB pusat sedang di daerah ini")).to_be_visible()
    wrong += shot(admin, f"dukungan-admin-{size}")
    admin.get_by_role("button", name="Akhiri sekarang").click()
    expect(admin.get_by_text("Akses dukungan sudah diakhiri")).to_be_visible()
    admin.get_by_text("Halaman yang dibuka").first.click()
    wrong += shot(admin, f"dukungan-daftar-{size}")
    centre.goto(platform.url("bukittinggi", "/admin"))
    centre.wait_for_url("**/masuk?**")
    assert wrong == []


@pytest.mark.parametrize("size", ["360", pytest.param("1280", marks=pytest.mark.long)])
def test_pages_of_the_centres_people(platform: Live, visit: Callable[..., Page], size: str) -> None:
    page = visit(PHONE if size == "360" else DESK)
    sign_in(page, platform, None, "pusat@panrb.contoh")
    paths = (
        "/pusat/petugas",
        "/pusat/petugas/undang",
        "/pusat/daerah/bukittinggi",
        "/pusat/daerah/bukittinggi/akses",
    )
    wrong = [found for path in paths for found in check(page, platform, None, path, size)]
    page.goto(platform.url(None, "/pusat/petugas/undang"))
    page.get_by_label("Surel").fill("baru@pusat.contoh")
    page.get_by_role("button", name="Buat undangan").click()
    wrong += shot(page, f"pusat-tautan-{size}")
    link = page.locator(".link-box code").inner_text()
    guest = visit(PHONE if size == "360" else DESK)
    guest.goto(link)
    wrong += shot(guest, f"pusat-undangan-{size}")
    page.goto(platform.url(None, "/pusat/petugas"))
    wrong += shot(page, f"pusat-petugas-{size}")
    page.get_by_role("link", name="Pusat PANRB").click()
    wrong += shot(page, f"pusat-orang-{size}")
    assert wrong == []
