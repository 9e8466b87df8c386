"""Kept pages: whose they are, how long they are good, and who never gets one."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from mpp.database.session import serve, write
from mpp.tenancy.content import touch
from mpp.tenancy.region import Region
from mpp.web import pages
from mpp.web.flask import Platform
from tenants.portal.models import Announcement
from tests.support.client import Browser

Browse = Callable[..., Browser]


def announce(app: Platform, region: Region, title: str) -> None:
    with app.app_context(), serve(region), write() as session:
        session.add(Announcement(title=title, body="Isi", starts_on=region.today(), created_by="uji"))
        touch(session)


def test_a_change_shows_on_the_very_next_request(app: Platform, browse: Browse, bukittinggi: Region) -> None:
    visitor = browse("bukittinggi")
    visitor.get("/")
    for number in range(5):
        announce(app, bukittinggi, f"Pengumuman uji {number}")
        assert f"Pengumuman uji {number}" in visitor.get("/").words()


def test_a_change_of_one_region_leaves_the_others_pages(
    app: Platform, browse: Browse, bukittinggi: Region, banyuwangi: Region
) -> None:
    visitor = browse("banyuwangi")
    before = visitor.get("/privasi").response.headers["ETag"]
    announce(app, bukittinggi, "Hanya di Bukittinggi")
    again = visitor.get("/privasi", headers={"If-None-Match": before})
    assert again.status == 304


def test_a_kept_page_carries_every_security_header(browse: Browse) -> None:
    visitor = browse("bukittinggi")
    first, second = visitor.get("/privasi"), visitor.get("/privasi")
    names = {"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options"}
    assert names <= set(second.response.headers.keys())
    assert first.response.headers["X-Request-Id"] != second.response.headers["X-Request-Id"]
    assert first.text == second.text


def test_who_is_signed_in_never_gets_a_kept_page(browse: Browse) -> None:
    visitor, admin = browse("bukittinggi"), browse("bukittinggi", as_="admin")
    visitor.get("/")
    kept = len(pages.store._pages)
    assert "no-store" in admin.get("/").response.headers["Cache-Control"]
    assert len(pages.store._pages) == kept


@pytest.mark.parametrize("query", ["?bahasa=en", "?kontras=1", "?besar=1"])
def test_a_choice_is_kept_as_cookie_not_as_page(browse: Browse, query: str) -> None:
    page = browse("bukittinggi").get("/" + query)
    assert "Set-Cookie" in page.response.headers
    assert not pages.store._pages


def test_only_one_of_a_crowd_makes_a_page_anew() -> None:
    store = pages.PageStore()
    store.put(("k",), b"x", [], seconds=0.0)
    time.sleep(0.01)
    answers = [store.get(("k",)) for _ in range(10)]
    assert [a is None for a in answers] == [True] + [False] * 9


def test_the_store_is_bounded() -> None:
    store = pages.PageStore(most=10)
    for number in range(50):
        store.put((number,), b"x", [], seconds=60)
    assert len(store._pages) == 10 and store.get((49,)) and not store.get((0,))
