"""The administrator lets a machine in and sets it up, on a phone and at a desk; the machine's own page for its code."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.support.live import Live
from tests.support.touch import show

pytestmark = [pytest.mark.browser, pytest.mark.without_streams]


@pytest.mark.parametrize("size", [PHONE, pytest.param(DESK, marks=pytest.mark.long)], ids=["360", "1280"])
def test_the_administrators_pages(
    app: Platform, bukittinggi: Region, platform: Live, visit: Callable[..., Page], size: dict[str, int]
) -> None:
    page = visit(size)
    sign_in(page, platform, "bukittinggi", "admin@bukittinggi.contoh")
    page.goto(platform.url("bukittinggi", "/admin/perangkat"))
    show(page, "admin-empty")
    page.get_by_role("link", name="Tambah perangkat").first.click()
    show(page, "admin-new")
    page.get_by_label("Nama perangkat").fill("Kios pintu depan")
    page.get_by_role("button", name="Simpan dan buat kode").click()
    show(page, "admin-code")
    code = page.locator(".device-code strong").inner_text()
    machine = visit(PHONE)
    machine.goto(platform.url("bukittinggi", "/perangkat"))
    show(machine, "enrol")
    machine.get_by_label("Kode perangkat").fill("abcd-efgh")
    machine.get_by_role("button", name="Daftarkan").click()
    expect(machine.get_by_role("alert")).to_contain_text("Kode tidak berlaku")
    show(machine, "enrol-wrong")
    machine.get_by_label("Kode perangkat").fill(code)
    machine.get_by_role("button", name="Daftarkan").click()
    machine.wait_for_url(re.compile("/kios/utama"))
    show(machine, "start")
    page.get_by_role("link", name="Lihat apakah mesin sudah masuk").click()
    expect(page.locator("main")).to_contain_text("Terhubung")
    page.get_by_role("link", name="Pengaturan").click()
    show(page, "admin-settings")
    page.get_by_label("Printer di jaringan").check()
    page.get_by_label("Alamat IP printer").fill("192.168.1.50")
    page.get_by_role("button", name="Simpan pengaturan").click()
    page.get_by_role("button", name="Cetak uji").click()
    expect(page.locator("main")).to_contain_text("Halaman uji")
    show(page, "admin-device")
    page.goto(platform.url("bukittinggi", "/admin/perangkat"))
    show(page, "admin-list")
    for path in ("", "/tambah", "/1", "/1/pengaturan", "/1/ubah"):
        page.goto(platform.url("bukittinggi", f"/admin/perangkat{path}"))
        violations = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["target"]) for v in violations] == [], path
