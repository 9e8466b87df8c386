"""A curious neighbour: cookies, ids, codes and kept pages of one region mean nothing in another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

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


def test_errors_tell_nothing_of_the_house(browse: Browse) -> None:
    for slug in ("bukittinggi", "tidak-ada", None):
        page = browse(slug).get("/tidak/ada/' OR 1=1")
        assert page.status == 404
        for word in ("Traceback", "psycopg", "region_", "sqlalchemy", "werkzeug"):
            assert word not in page.text
