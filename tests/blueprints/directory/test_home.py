"""The public directory at the centre's host."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mpp import observability
from mpp.tenancy.region import Region
from tests.support.client import Browser

Browse = Callable[..., Browser]


def test_home_says_how_many_are_served_and_leads_to_their_portals(
    browse: Browse, bukittinggi: Region
) -> None:
    page = browse().get("/")
    assert page.status == 200
    assert "2 dari 514 kabupaten dan kota sudah dilayani" in page.words()
    assert any(link.startswith("http://bukittinggi.localhost") for link in page.links())
    assert "private" in page.response.headers["Cache-Control"]


def test_an_unchanged_home_is_not_sent_twice(browse: Browse, bukittinggi: Region) -> None:
    visitor = browse()
    etag = visitor.get("/").response.headers["ETag"]
    again = visitor.client.get("/", base_url=visitor.base, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_search_forgives_typing_errors(browse: Browse, bukittinggi: Region) -> None:
    words = browse().get("/?q=bukitingi").words()
    assert "Kota Bukittinggi" in words
    assert "Kabupaten Banyuwangi" not in words


def test_a_region_that_is_not_served_is_no_link(browse: Browse, bukittinggi: Region) -> None:
    page = browse().get("/?q=kota+padang")
    assert "Belum dilayani" in page.words()
    assert not any("padang" in link for link in page.links())


def test_nothing_found_says_what_to_try(browse: Browse, bukittinggi: Region) -> None:
    words = browse().get("/?q=xyzzy").words()
    assert "Tidak ada kabupaten atau kota dengan nama itu" in words
    assert "pilih provinsi Anda" in words


def test_a_province_lists_all_its_regions(browse: Browse, bukittinggi: Region) -> None:
    words = browse().get("/?provinsi=Sumatera+Barat").words()
    assert "1 dari 19 kabupaten dan kota sudah dilayani" in words
    assert "Kota Padang Panjang" in words


def test_near_me_sorts_by_distance_and_stays_out_of_every_store(
    browse: Browse, bukittinggi: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(observability.log, "info", lambda *words, **facts: lines.append(f"{words} {facts}"))
    page = browse().get("/?lat=-7.25&lon=112.74")
    words = page.words()
    assert words.index("Kabupaten Banyuwangi") < words.index("Kota Bukittinggi")
    assert page.response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.response.headers
    assert lines
    assert not any("112.74" in line for line in lines)
    assert "112.74" not in page.text


@pytest.mark.parametrize(
    "position", ["lat=foo&lon=1", "lat=95&lon=0", "lat=nan&lon=0", "lat=1", "lat=inf&lon=1"]
)
def test_a_position_that_is_none_is_said_plainly(browse: Browse, bukittinggi: Region, position: str) -> None:
    page = browse().get(f"/?{position}")
    assert page.status == 200
    assert page.response.headers["Cache-Control"] == "no-store"


def test_an_unknown_host_leads_to_the_directory(browse: Browse, bukittinggi: Region) -> None:
    page = browse("tidak-ada").get("/")
    assert page.status == 404
    assert any(link.rstrip("/").startswith("http://localhost") for link in page.links())


def test_the_directory_reads_in_english(browse: Browse, bukittinggi: Region) -> None:
    words = browse().get("/?bahasa=en").words()
    assert "Where do you live?" in words
    assert "Di mana Anda tinggal?" not in words
