"""A covered telephone number at the counter, asked for and shown, on phone and desk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mpp.accounts.models import Staff
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, CounterOfficer, CounterState
from tenants.queueing import service
from tenants.queueing.policies import Officer
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.support.hall import at, counters_of
from tests.support.live import Live

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("MPP_PICTURES")


def look(page: Page, name: str) -> None:
    size = page.viewport_size
    assert size
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], f"{name} is too wide"
    found = Axe().run(page).response["violations"]
    assert [violation["id"] for violation in found] == [], name
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", [PHONE, pytest.param(DESK, marks=pytest.mark.long)], ids=["360", "1280"])
def test_the_number_is_covered_until_asked_for(
    platform: Live, visit: Callable[..., Page], app: Platform, bukittinggi: Region, size: dict[str, int]
) -> None:
    with at(app, bukittinggi):
        service.take_ticket("ktp-el-baru", "Siti Rahma", "081299990012", "k" * 20, "web")
        with read() as session:
            staff = session.scalars(select(Staff).where(Staff.email == "petugas@bukittinggi.contoh")).one().id
        with write() as session:
            counter = session.get_one(Counter, counters_of("ktp-el-baru")[0].id)
            counter.officer_id, counter.state = staff, CounterState.OPEN
            session.merge(CounterOfficer(counter_id=counter.id, staff_id=staff))
        service.call_next(counter.id, Officer(staff), "press-" + "1" * 12)
    page, label = visit(size), str(size["width"])
    sign_in(page, platform, "bukittinggi", "petugas@bukittinggi.contoh")
    page.goto(platform.url("bukittinggi", "/loket"))
    link = page.locator(".console-phone a")
    expect(link).to_contain_text("0812-••••-••12")
    look(page, f"phone-console-{label}")
    link.click()
    page.wait_for_url("**/hp")
    look(page, f"phone-asked-{label}")
    page.get_by_label("Menghubungi warga tentang nomornya").check()
    page.get_by_role("button", name="Tampilkan nomor HP").click()
    expect(page.locator(".big-number")).to_have_text("0812-9999-0012")
    look(page, f"phone-shown-{label}")
    page.get_by_role("link", name="Kembali").click()
    page.wait_for_url("**/loket")
    expect(page.locator("body")).not_to_contain_text("9999")
