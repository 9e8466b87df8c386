"""Doors of accounts in a browser: a counter's computer whose tries are used up, and a thief's request that all see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from mpp.accounts.guard import DEVICE
from mpp.citizens import proofs
from mpp.citizens.models import CitizenSession
from mpp.database.session import central_write
from mpp.web.flask import Platform
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.browser.test_family import come_in, look
from tests.mpp.citizens.people import browser_of
from tests.support.citizens import NAME, NIK, make_citizen
from tests.support.client import PASSWORD
from tests.support.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.without_streams]
OFFICER = "petugas@bukittinggi.contoh"


def test_a_used_up_computer_lets_the_officer_in_after_its_work(
    platform: Live, visit: Callable[..., Page]
) -> None:
    page = visit(DESK)
    sign_in(page, platform, "bukittinggi", OFFICER)
    # The console asks on: an answer under way would bring the cookie back.
    page.goto("about:blank")
    page.context.clear_cookies(name="sesi")

    def attempt(password: str) -> None:
        page.get_by_label("Surel").fill(OFFICER)
        page.get_by_label("Kata sandi").fill(password)
        page.get_by_role("button", name="Masuk", exact=True).click()

    page.goto(platform.url("bukittinggi", "/masuk"))
    for _ in range(DEVICE.tries + 1):
        attempt("salah sekali ini dia")
        expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_text("tulis kata sandi sekali lagi")).to_be_visible()
    look(page, "masuk-terpakai")
    attempt(PASSWORD)
    page.wait_for_url(lambda url: "/masuk" not in url, timeout=120_000)


def test_what_a_thief_has_begun_stands_on_every_page_and_the_nik_is_given_by_its_own_consent(
    app: Platform, platform: Live, visit: Callable[..., Page]
) -> None:
    citizen_id = make_citizen(app, nik=NIK)
    page = visit(PHONE)
    come_in(page, platform, "0812-9999-0101")
    page.goto(platform.url("bukittinggi", "/warga/masuk"))
    page.get_by_role("button", name="Setuju dan masuk").click()
    expect(page.get_by_text(f"sebagai {NAME}")).to_be_visible()
    look(page, "warga-tanpa-nik")
    page.get_by_label("Saya setuju NIK").check()
    page.get_by_role("button", name="Berikan NIK saya di sini").click()
    expect(page.get_by_text("NIK Anda sekarang ada di sini")).to_be_visible()
    with app.app_context(), central_write() as session:
        session.execute(update(CitizenSession).values(proved_at=CitizenSession.proved_at - proofs.FRESH))
    page.goto(platform.url("bukittinggi", "/warga/data"))
    page.get_by_role("button", name="Unduh JSON").click()
    look(page, "bukti-di-daerah")
    page.get_by_role("link", name="Buka akun nasional").click()
    expect(page.get_by_text("Masuk sekali lagi")).to_be_visible()
    with app.app_context():
        proofs.ask_reset(citizen_id, browser_of(app, citizen_id), lambda _token: "http://localhost")
    page.goto(platform.url("bukittinggi", "/"))
    expect(page.get_by_text("Ada permintaan yang menunggu")).to_be_visible()
    look(page, "permintaan-di-daerah")
    page.goto(platform.url(None, "/akun/keluarga/tambah"))
    look(page, "tambah-keluarga")
    page.goto(platform.url(None, "/akun/bukti"))
    look(page, "bukti")
