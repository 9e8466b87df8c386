"""Finding one's region: tolerant names, provinces, distance."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mpp.tenancy.models import RegionState
from tenants.registry import directory
from tenants.registry.directory import Place, distance_km, find, known_places, nearest, provinces


def served(
    slug: str, latitude: float | None = None, longitude: float | None = None, state: str = "active"
) -> Place:
    place = next(p for p in known_places() if p.slug == slug)
    return replace(place, state=RegionState(state), latitude=latitude, longitude=longitude)


def test_all_514_regions_in_38_provinces_are_known() -> None:
    assert len(known_places()) == 514
    assert len({place.code for place in known_places()}) == 514
    assert len(provinces(known_places())) == 38


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("bukittinggi", "Kota Bukittinggi"),
        ("bukit tinggi", "Kota Bukittinggi"),
        ("Bukitingi", "Kota Bukittinggi"),
        ("banyuangi", "Kabupaten Banyuwangi"),
        ("kab. banyuwangi", "Kabupaten Banyuwangi"),
        ("kota magelang", "Kota Magelang"),
        ("kabupaten magelang", "Kabupaten Magelang"),
        ("MPP surakrta", "Kota Surakarta"),
        ("solo", "Kota Surakarta"),
        ("jogja", "Kota Yogyakarta"),
        ("hulu sungai selatan", "Kabupaten Hulu Sungai Selatan"),
        ("timur kotawaringin", "Kabupaten Kotawaringin Timur"),
    ],
)
def test_names_are_found_with_typing_errors_and_everyday_names(query: str, first: str) -> None:
    assert find(known_places(), query)[0].name == first


@pytest.mark.parametrize("query", ["", "   ", "kota", "xyzzy", "'; DROP TABLE", "ß∂ƒ"])
def test_a_query_without_meaning_finds_nothing(query: str) -> None:
    assert find(known_places(), query) == []


def test_a_province_finds_its_regions_served_ones_first() -> None:
    places = [served("bukittinggi") if p.slug == "bukittinggi" else p for p in known_places()]
    found = find(places, "sumatera barat")
    assert found[0].slug == "bukittinggi"
    assert {p.province for p in found[:19]} == {"Sumatera Barat"}


def test_distance_is_the_great_circle() -> None:
    # Jakarta (Monas) to Surabaya (Tugu Pahlawan) is 663 km as the crow flies.
    assert distance_km(-6.1754, 106.8272, -7.2459, 112.7378) == pytest.approx(663, abs=3)
    assert distance_km(0, 100, 0, 100) == 0
    assert distance_km(0, 0, 0, 180) == pytest.approx(20015, abs=1)


def test_nearest_takes_served_places_with_coordinates_only() -> None:
    places = [
        served("bukittinggi", -0.305, 100.369),
        served("banyuwangi", -8.219, 114.369, "suspended"),
        served("sragen"),
        replace(served("padang", -0.95, 100.35), state=None),
    ]
    found = nearest(places, -0.9, 100.4)
    assert [entry.place.slug for entry in found] == ["bukittinggi", "banyuwangi"]
    assert found[0].kilometres == pytest.approx(66, abs=2)


def test_every_region_of_the_list_finds_itself() -> None:
    missed = [
        p.name
        for p in known_places()
        if p.name not in {found.name for found in find(known_places(), p.name)[:2]}
    ]
    assert missed == []


def test_a_registered_region_is_not_yet_served() -> None:
    assert not served("padang", state="registered").served
    assert served("padang", state="suspended").served
    assert not directory.known_places()[0].served
