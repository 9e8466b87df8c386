"""A curious neighbour: cookies, ids, codes and kept pages of one region mean nothing in another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from mpp.database.session import read, serve
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, Hall
from tests.support.client import Browser
from tests.support.replay import cookies, replay

Browse = Callable[..., Browser]


@pytest.mark.parametrize("path", ["/admin", "/loket", "/admin/layanan", "/admin/catatan"])
def test_a_cookie_of_one_region_is_noise_at_another(browse: Browse, path: str) -> None:
    at_home = browse("bukittinggi", as_="admin")
    jar = cookies(at_home)
    assert "sesi=" in jar and replay(at_home, "/admin", jar) == 200
    for slug in ("banyuwangi", None):
        assert replay(browse(slug), path, jar) in {302, 404}


def test_a_regions_admin_is_a_stranger_at_the_centre(browse: Browse) -> None:
    jar = cookies(browse("bukittinggi", as_="admin"))
    assert replay(browse(), "/pusat", jar) == 302


def test_the_centres_cookie_opens_no_region(browse: Browse) -> None:
    jar = cookies(browse(as_="pusat@panrb.contoh"))
    assert replay(browse("bukittinggi"), "/admin", jar) == 302


def test_kept_pages_of_two_regions_do_not_mix(browse: Browse) -> None:
    for _ in range(2):
        for slug, other in (("bukittinggi", "Banyuwangi"), ("banyuwangi", "Bukittinggi")):
            words = browse(slug).get("/").words()
            assert slug.capitalize() in words
            assert other not in words


def test_a_kept_page_keeps_no_token_and_no_name(browse: Browse) -> None:
    admin, visitor = browse("bukittinggi", as_="admin"), browse("bukittinggi")
    admin.get("/")
    page = visitor.get("/")
    assert "csrf_token" not in page.text and "admin@" not in page.text
    assert "Set-Cookie" not in page.response.headers


def test_ids_of_the_neighbour_lead_nowhere(
    app: Platform, bukittinggi: Region, banyuwangi: Region, browse: Browse
) -> None:
    ids: dict[str, set[int]] = {}
    with app.app_context():
        for region in (bukittinggi, banyuwangi):
            with serve(region), read() as session:
                ids[region.slug] = set(session.scalars(select(Counter.id)))
                halls = list(session.scalars(select(Hall)))
                assert halls
    only_a = max(ids["bukittinggi"]) + 1000
    admin_b = browse("banyuwangi", as_="admin")
    for path in (f"/admin/loket/{only_a}", f"/admin/gedung/{only_a}"):
        assert admin_b.get(path).status in {404, 405}


def test_errors_tell_nothing_of_the_house(browse: Browse) -> None:
    for slug in ("bukittinggi", "tidak-ada", None):
        page = browse(slug).get("/tidak/ada/' OR 1=1")
        assert page.status == 404
        for word in ("Traceback", "psycopg", "region_", "sqlalchemy", "werkzeug"):
            assert word not in page.text
