"""The regions' data files: the 21 pilots and what makes each of them differ."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tenants.registry.directory import known_places
from tenants.registry.errors import UnknownRegionError

DATA = Path(__file__).parent / "data"
# ISO weekdays, Monday = 1.
WEEKDAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """What a region is registered with; seat, coordinates (degrees) and population are known of pilots only."""

    code: str
    slug: str
    kind: str
    name: str
    province: str
    timezone: str
    seat: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    population: int | None = None


@cache
def pilots() -> tuple[RegionFacts, ...]:
    """Return the 21 regions of the launch of 20 June 2023 in the order of their codes."""
    with (DATA / "pilots.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            RegionFacts(
                code=row["code"], slug=row["slug"], kind=row["kind"], name=row["name"],
                province=row["province"], timezone=row["timezone"], seat=row["seat"],
                latitude=float(row["lat"]), longitude=float(row["lon"]), population=int(row["population"]),
            )
            for row in csv.DictReader(file)
        )  # fmt: skip  # as the columns of the file


def facts_of(code: str) -> RegionFacts:
    """Return what one of the 514 is registered with. Raises UnknownRegionError for any other code."""
    for pilot in pilots():
        if pilot.code == code:
            return pilot
    for place in known_places():
        if place.code == code:
            return RegionFacts(place.code, place.slug, place.kind, place.name, place.province, place.timezone)
    raise UnknownRegionError(code)


def pilot_file(slug: str) -> dict[str, Any] | None:
    """Return the pilot's own file, None for a region that is no pilot."""
    path = DATA / "pilots" / f"{slug}.toml"
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return tomllib.load(file)


def weekday_numbers(names: list[str] | None) -> list[int] | None:
    """Return ISO weekdays (Monday = 1) for a file's names; None stays None: every open day."""
    return None if names is None else [WEEKDAYS[name] for name in names]
