"""The public directory: all 514 kabupaten and kota, which are served, and where the nearest one is."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from sqlalchemy import select

from mpp.database.session import central_read
from mpp.settings import Settings
from mpp.tenancy.models import RegionRecord, RegionState

ALL_REGIONS = Path(__file__).parent / "data" / "regions.csv"
EARTH_RADIUS_KM = 6371.0088
# Kinds and their short forms say nothing about which region is meant.
KIND_WORDS = frozenset(
    ("kabupaten", "kab", "kota", "kotamadya", "mpp", "mal", "pelayanan", "publik", "pemkab", "pemkot")
)
# Below this two words are different words, not one word and its typing error.
ALIKE = 0.74
MOST_FOUND = 30
# A likeness is only offered when nothing fits as written.
SURE = 1.5
# What people call a region when they do not use its official name.
EVERYDAY_NAMES = {
    "solo": "surakarta",
    "jogja": "yogyakarta",
    "yogya": "yogyakarta",
    "jogjakarta": "yogyakarta",
    "kotim": "kotawaringin timur",
    "kobar": "kotawaringin barat",
    "hss": "hulu sungai selatan",
    "hst": "hulu sungai tengah",
    "hsu": "hulu sungai utara",
    "mura": "musi rawas",
    "muba": "musi banyuasin",
    "tangsel": "tangerang selatan",
    "jaksel": "jakarta selatan",
    "jakpus": "jakarta pusat",
    "jaktim": "jakarta timur",
    "jakbar": "jakarta barat",
    "jakut": "jakarta utara",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One of the 514 regions. `state` is None while it is not served; coordinates are those of its seat."""

    code: str
    slug: str
    kind: str
    name: str
    province: str
    timezone: str
    state: RegionState | None = None
    seat: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def served(self) -> bool:
        """Whether the region's portal has an address: open, or suspended and saying whom to ask."""
        return self.state in {RegionState.ACTIVE, RegionState.SUSPENDED}


@dataclass(frozen=True, slots=True)
class Distant:
    """A served place and its distance in kilometres, as the crow flies."""

    place: Place
    kilometres: float


@dataclass(frozen=True, slots=True)
class Province:
    """A province and its regions, served ones counted."""

    name: str
    served: int
    total: int


@cache
def known_places() -> tuple[Place, ...]:
    """Return the 514 regions of Kepmendagri 300.2.2-2138/2430 Tahun 2025 in the order of their codes."""
    with ALL_REGIONS.open(encoding="utf-8", newline="") as file:
        return tuple(
            Place(row["code"], row["slug"], row["kind"], row["name"], row["province"], row["timezone"])
            for row in csv.DictReader(file)
        )


def places() -> list[Place]:
    """Return the 514 regions with the state, seat and coordinates of those the centre has registered."""
    with central_read() as session:
        records = session.execute(
            select(
                RegionRecord.code,
                RegionRecord.state,
                RegionRecord.seat,
                RegionRecord.latitude,
                RegionRecord.longitude,
            )
        )
        known = {row.code: row for row in records}
    return [
        replace(
            place, state=RegionState(row.state), seat=row.seat, latitude=row.latitude, longitude=row.longitude
        )
        if (row := known.get(place.code))
        else place
        for place in known_places()
    ]  # fmt: skip


def address(settings: Settings, slug: str) -> str:
    """Return the address of a region's portal."""
    return f"{settings.scheme}://{slug}.{settings.domain}{settings.public_port}/"


def provinces(all_places: Iterable[Place]) -> list[Province]:
    """Return the provinces by name."""
    counts: dict[str, list[int]] = {}
    for place in all_places:
        count = counts.setdefault(place.province, [0, 0])
        count[0] += place.served
        count[1] += 1
    return [Province(name, served, total) for name, (served, total) in sorted(counts.items())]


def find(all_places: Iterable[Place], query: str) -> list[Place]:
    """Return the places that `query` may mean, the likeliest first; typing errors and word order are forgiven.

    A query that names only a kind ("kota") means nothing and finds nothing.
    """
    words = [part for word in _words(query) for part in EVERYDAY_NAMES.get(word, word).split()]
    if not words:
        return []
    wants_kind = _kind(query)
    scored = [(_score(words, place), place.kind == wants_kind, place.served, place) for place in all_places]
    best = max((entry[0] for entry in scored), default=0)
    found = [entry for entry in scored if entry[0] > (SURE if best > SURE else 0)]
    found.sort(key=lambda entry: (-entry[0], not entry[1], not entry[2], entry[3].name))
    return [place for *_, place in found[:MOST_FOUND]]


def nearest(all_places: Iterable[Place], latitude: float, longitude: float) -> list[Distant]:
    """Return the served places by the distance of their seats from a position in degrees.

    The position lives in this call only: nothing keeps or logs it.
    """
    distant = [
        Distant(place, distance_km(latitude, longitude, place.latitude, place.longitude))
        for place in all_places
        if place.served and place.latitude is not None and place.longitude is not None
    ]
    return sorted(distant, key=lambda entry: entry.kilometres)


def distance_km(
    from_latitude: float, from_longitude: float, to_latitude: float, to_longitude: float
) -> float:
    """Return the great-circle distance in kilometres between two positions in degrees (haversine)."""
    phi, other = math.radians(from_latitude), math.radians(to_latitude)
    half_phi = (other - phi) / 2
    half_lambda = math.radians(to_longitude - from_longitude) / 2
    chord = math.sin(half_phi) ** 2 + math.cos(phi) * math.cos(other) * math.sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def _words(text: str) -> list[str]:
    """Split into plain words; "Kota"/"Kabupaten" only counts when nothing else is said."""
    return [word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in KIND_WORDS]


def _kind(text: str) -> str | None:
    said = set(re.findall(r"[a-z]+", text.lower()))
    if said & {"kota", "pemkot", "kotamadya"}:
        return "kota"
    return "kabupaten" if said & {"kabupaten", "kab", "pemkab"} else None


def _score(words: list[str], place: Place) -> float:
    """Return how well all words fit: whole names above beginnings, beginnings above likenesses, 0 for no fit."""
    name, around = _words(place.name), _words(f"{place.province} {place.seat or ''}")
    if words == name or "".join(words) == "".join(name):
        return 4.0
    if words == _words(place.province):
        return 3.5
    total = 0.0
    for word in words:
        best = max((_fit(word, part) for part in name), default=0.0)
        best = max(best, 0.6 * max((_fit(word, part) for part in around), default=0.0))
        if best == 0:
            # "bukit tinggi", "bukiitinggi": the name written as one word.
            best = 0.9 * _alike("".join(words), "".join(name))
        if best == 0:
            return 0.0
        total += best
    return total / len(words)


def _fit(word: str, part: str) -> float:
    if word == part:
        return 3.0
    if len(word) >= 2 and part.startswith(word):
        return 2.0
    if len(word) >= 4 and word in part:
        return 1.5
    return _alike(word, part)


def _alike(word: str, part: str) -> float:
    if len(word) < 4 or abs(len(word) - len(part)) > 3 or word[0] != part[0]:
        return 0.0
    ratio = SequenceMatcher(None, word, part, autojunk=False).ratio()
    return ratio if ratio >= ALIKE else 0.0
