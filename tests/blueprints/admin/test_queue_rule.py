"""The rule of the line: tried on a real day first, saved with a reason, every version kept."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mpp.database.session import read
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import QueueRule
from tenants.queueing import service
from tenants.queueing.policies import new_key
from tests.support.client import Browser
from tests.support.hall import at, more_counters, open_always, seat

ADDRESS = "/admin/gedung/1/aturan"
SERVICE = "ktp-el-baru"


@pytest.fixture
def a_day(app: Platform, bukittinggi: Region) -> None:
    """Some people of every kind, called and served."""
    with at(app, bukittinggi):
        open_always()
        (counter,) = more_counters(SERVICE, 1)
        officer = seat(counter)
        for number in range(8):
            priority = "elderly" if number % 2 else None
            service.take_ticket(SERVICE, "S.", None, new_key(), "web", priority_class=priority)
        while ticket := service.call_next(counter, officer):
            service.start(ticket.id, officer)
            service.complete(ticket.id, officer)


def rules(app: Platform, region: Region) -> list[QueueRule]:
    with at(app, region), read() as session:
        return list(session.scalars(select(QueueRule).order_by(QueueRule.id)))


def test_a_change_is_tried_on_a_real_day_without_saving(
    a_day: None, admin: Browser, app: Platform, bukittinggi: Region
) -> None:
    page = admin.get(ADDRESS)
    assert "Masih aturan bawaan" in page.words()
    day = next(o.get("value") for o in page.all("option") if o.get("value"))
    page = admin.submit(ADDRESS, ADDRESS, act="coba", day=day or "", target_priority="240")
    assert "Seandainya aturan ini berlaku" in page.words() and "8 orang" in page.words(), page.words()
    assert rules(app, bukittinggi) == []


def test_saving_needs_a_reason_and_keeps_every_version(
    a_day: None, admin: Browser, app: Platform, bukittinggi: Region
) -> None:
    page = admin.submit(ADDRESS, ADDRESS, act="simpan", target_walk_in="30")
    assert page.status == 422 and "alasan" in page.words().lower()
    page = admin.submit(ADDRESS, ADDRESS, act="simpan", target_walk_in="0", reason="uji")
    assert page.status == 422
    for minutes in ("30", "35"):
        page = admin.submit(ADDRESS, ADDRESS, act="simpan", target_walk_in=minutes, reason="Permintaan warga")
        assert page.location == ADDRESS, page.words()
    assert [row.target_walk_in for row in rules(app, bukittinggi)] == [30, 35]
    assert "mengubah aturan antrean" in admin.get("/admin/catatan").words()
    assert "Permintaan warga" in admin.get(ADDRESS).words()


def test_an_officer_may_not(browse: object, app: Platform) -> None:
    officer = browse("bukittinggi", as_="petugas")  # type: ignore[operator]
    assert officer.get(ADDRESS).status in {302, 403, 404}
