"""The catalogue's and the regions' data files hold together: counts, references, counters, contrast."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "tenants" / "catalogue" / "data"
REGISTRY = ROOT / "tenants" / "registry" / "data"
PILOT_FILES = sorted((REGISTRY / "pilots").glob("*.toml"))
WEEKDAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
CONFIDENCE = {"high", "med", "low"}
MOTIFS = {
    "gonjong", "ombak", "tenun", "batik-kawung", "parang", "sulur",
    "pegunungan", "sungai", "rumoh", "anyam", "gelombang", "bintang",
}  # fmt: skip  # twelve short names read best in two lines
KINDS = {"daerah", "pusat", "peradilan", "bumn", "bumd", "badan", "bersama"}

Table = dict[str, Any]


def toml(path: Path) -> Table:
    with path.open("rb") as file:
        return tomllib.load(file)


def rows(name: str) -> list[dict[str, str]]:
    with (REGISTRY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


AGENCIES: list[Table] = toml(CATALOGUE / "agencies.toml")["agency"]
AGENCY_SLUGS = {agency["slug"] for agency in AGENCIES}
SERVICE_FILES = {path.stem: toml(path) for path in sorted((CATALOGUE / "services").glob("*.toml"))}
SERVICES: dict[str, Table] = {
    service["slug"]: {**service, "agency": stem}
    for stem, file in SERVICE_FILES.items()
    for service in file["service"]
}
COMPONENTS: list[Table] = toml(CATALOGUE / "standard.toml")["component"]


def contrast(first: str, second: str) -> float:
    """The WCAG contrast ratio (1 to 21) of two #rrggbb colours."""

    def luminance(colour: str) -> float:
        shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def strings(value: object) -> list[str]:
    """Every string inside a TOML value, at any depth."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return []


# --- the national catalogue ---------------------------------------------------------------------


def test_thirty_four_agencies_with_all_their_keys() -> None:
    keys = {"slug", "name", "short_name", "name_en", "kind", "summary", "summary_en", "icon"}
    assert len(AGENCIES) == len(AGENCY_SLUGS) == 34
    for agency in AGENCIES:
        assert set(agency) == keys, agency["slug"]
        assert agency["kind"] in KINDS


def test_forty_six_services_numbered_without_gap() -> None:
    assert sum(len(file["service"]) for file in SERVICE_FILES.values()) == len(SERVICES) == 46
    assert sorted(service["number"] for service in SERVICES.values()) == list(range(1, 47))
    for stem, file in SERVICE_FILES.items():
        assert file["agency"] == stem
        assert stem in AGENCY_SLUGS


@pytest.mark.parametrize("slug", sorted(SERVICES))
def test_service_is_well_formed(slug: str) -> None:
    service = SERVICES[slug]
    assert service["confidence"] in CONFIDENCE
    assert isinstance(service["checked_on"], dt.date)
    assert service["sources"]
    assert set(service.get("other_agencies", [])) <= AGENCY_SLUGS
    assert len(service["words"]) >= 5
    assert all(word == word.lower() for word in service["words"])
    assert len(set(service["words"])) == len(service["words"])

    cases = [case["slug"] for case in service["case"]]
    assert cases
    assert len(set(cases)) == len(cases)
    assert all(case["requirements"] for case in service["case"])

    for fee in service.get("fee", []):
        assert ("amount" in fee) != ("formula" in fee), fee
        assert fee.get("amount", 0) >= 0
        assert fee["confidence"] in CONFIDENCE
        assert fee.get("case", cases[0]) in cases

    assert all(text.strip() == text != "" for text in strings(service))


def test_the_standard_has_fourteen_components() -> None:
    assert [component["number"] for component in COMPONENTS] == list(range(1, 15))
    assert [c["number"] for c in COMPONENTS if c["group"] == "delivery"] == [1, 2, 3, 4, 5, 6]
    assert {c["key"] for c in COMPONENTS if "default" in c} == {"pengaduan"}


def test_no_component_is_filled_without_content_or_twice() -> None:
    own = {c["key"] for c in COMPONENTS if "derived_from" not in c}
    for slug, service in SERVICES.items():
        for key, lines in service.get("standard", {}).items():
            assert key in own, f"{slug}: {key} is derived or unknown"
            assert isinstance(lines, list), f"{slug}: {key}"
            assert lines, f"{slug}: {key}"
            assert all(line.strip() for line in lines), f"{slug}: {key}"


def test_nothing_claims_more_than_is_known() -> None:
    """Nobody has read a full standard of any service yet: none may claim all 14 components."""
    assert {fee["confidence"] for fee in SERVICES["skhpn"]["fee"]} == {"low"}
    for slug, service in SERVICES.items():
        filled = sum(
            bool(service.get(c.get("derived_from", "")))
            or c["key"] in service.get("standard", {})
            or "default" in c
            for c in COMPONENTS
        )
        assert 4 <= filled < 14, slug


def test_life_events_point_to_services() -> None:
    events = toml(CATALOGUE / "life_events.toml")["life_event"]
    assert len({event["slug"] for event in events}) == len(events) == 7
    for event in events:
        slugs = [step["slug"] for step in event["service"]]
        assert set(slugs) <= set(SERVICES), event["slug"]
        assert len(set(slugs)) == len(slugs) >= 2
        assert all(step["why"] and step["why_en"] for step in event["service"])
        assert not all(step.get("optional") for step in event["service"])


def test_everyday_words_are_lower_case_and_change_something() -> None:
    words = toml(CATALOGUE / "everyday_words.toml")
    assert all(word == word.lower() for word in strings(words))
    for group in ("phrases", "words"):
        assert all(left != right for left, right in words[group].items())
    assert all(" " in phrase for phrase in words["phrases"])
    assert all(" " not in word for word in words["words"])
    assert len(set(words["stop_words"])) == len(words["stop_words"])
    assert words["words"]["ilang"] == "hilang"


def test_holidays_of_2026() -> None:
    file = toml(CATALOGUE / "holidays.toml")
    days = [holiday["date"] for holiday in file["holiday"]]
    kinds = [holiday["kind"] for holiday in file["holiday"]]
    assert (kinds.count("national"), kinds.count("collective_leave"), len(kinds)) == (17, 8, 25)
    assert days == sorted(set(days))
    assert {day.year for day in days} == {file["year"]} == {2026}
    # Eid and the leave around it are where printed lists go wrong.
    assert [day.day for day in days if day.month == 3] == [18, 19, 20, 21, 22, 23, 24]


# --- the regions --------------------------------------------------------------------------------


def test_514_regions_with_unique_codes_and_slugs() -> None:
    regions = rows("regions.csv")
    assert len(regions) == 514
    assert len({region["code"] for region in regions}) == 514
    assert len({region["slug"] for region in regions}) == 514
    assert {region["kind"] for region in regions} == {"kabupaten", "kota"}
    zones = {region["timezone"] for region in regions}
    assert zones == {"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"}


def test_21_pilots_three_of_them_in_wita() -> None:
    regions = {region["code"]: region for region in rows("regions.csv")}
    pilots = rows("pilots.csv")
    assert len(pilots) == 21
    assert {path.stem for path in PILOT_FILES} == {pilot["slug"] for pilot in pilots}
    for pilot in pilots:
        for key in ("slug", "kind", "name", "province", "timezone"):
            assert pilot[key] == regions[pilot["code"]][key]
        assert -11 < float(pilot["lat"]) < 6.1
        assert 95 < float(pilot["lon"]) < 141.1
        assert int(pilot["population"]) > 100_000
    wita = {pilot["slug"] for pilot in pilots if pilot["timezone"] == "Asia/Makassar"}
    assert wita == {"hulu-sungai-selatan", "samarinda", "kendari"}


@pytest.mark.parametrize("path", PILOT_FILES, ids=lambda path: path.stem)
class TestPilot:
    def test_identity_and_brand(self, path: Path) -> None:
        pilot, brand = toml(path), toml(path)["brand"]
        code = {row["slug"]: row["code"] for row in rows("pilots.csv")}[path.stem]
        assert (pilot["slug"], pilot["code"]) == (path.stem, code)
        assert pilot["languages"] == ["id", "en"]
        assert brand["motif"] in MOTIFS
        assert contrast(brand["brand"], "#ffffff") >= 4.5
        best = max(contrast(brand["brand_2"], ink) for ink in ("#ffffff", "#000000"))
        assert best >= 4.5

    def test_hours(self, path: Path) -> None:
        hours = toml(path)["hall"]["hours"]
        assert set(hours) <= WEEKDAYS
        assert {"mon", "tue", "wed", "thu", "fri"} <= set(hours)
        for day in hours.values():
            assert day["opens"] < day["closes"]
            assert ("break_start" in day) == ("break_end" in day)
            if "break_start" in day:
                assert day["opens"] < day["break_start"] < day["break_end"] < day["closes"]

    def test_references(self, path: Path) -> None:
        pilot = toml(path)
        agencies = [agency["slug"] for agency in pilot["agency"]]
        assert len(set(agencies)) == len(agencies)
        assert set(agencies) <= AGENCY_SLUGS
        assert set(pilot["services"]) <= set(SERVICES)
        assert 18 <= len(set(pilot["services"])) == len(pilot["services"])
        numbers = [SERVICES[slug]["number"] for slug in pilot["services"]]
        assert numbers == sorted(numbers)
        for agency in pilot["agency"]:
            # An agency that comes on a day when the hall is closed would never be met.
            assert set(agency.get("weekdays", ["mon"])) <= set(pilot["hall"]["hours"])
        for override in pilot["override"]:
            assert override["service"] in pilot["services"]
            assert len(override) > 1
            assert set(override.get("weekdays", [])) <= set(pilot["hall"]["hours"])
        assert all(text.strip() == text != "" for text in strings(pilot))

    def test_counters(self, path: Path) -> None:
        pilot = toml(path)
        counters = pilot["counter"]
        present = {agency["slug"] for agency in pilot["agency"]}
        assert [counter["number"] for counter in counters] == list(range(1, len(counters) + 1))
        assert len({counter["name"] for counter in counters}) == len(counters)

        agency_of: dict[str, str] = {}
        prefix_of: dict[str, str] = {}
        served: set[str] = set()
        for counter in counters:
            prefix = counter["prefix"]
            assert prefix in "ABCDEFGHJKLMNPQRSTUVWXYZ"  # I and O look like digits
            assert counter["state"] in {"open", "paused", "closed"}
            assert counter["agency"] in present
            assert agency_of.setdefault(prefix, counter["agency"]) == counter["agency"]
            assert counter["services"]
            for slug in counter["services"]:
                service = SERVICES[slug]
                may_serve = [service["agency"], *service.get("other_agencies", [])]
                assert counter["agency"] in may_serve
                assert prefix_of.setdefault(slug, prefix) == prefix
                if counter["state"] == "open":
                    served.add(slug)
        assert served == set(pilot["services"]) == set(prefix_of)

    def test_announcements(self, path: Path) -> None:
        for announcement in toml(path)["announcement"]:
            assert isinstance(announcement["starts_on"], dt.date)
            # A notice is either an example or says where it comes from.
            assert announcement.get("contoh", False) != bool(announcement.get("sources"))


def test_pilots_differ_from_each_other() -> None:
    pilots = [toml(path) for path in PILOT_FILES]
    assert len({pilot["brand"]["brand"] for pilot in pilots}) == 21
    assert len({pilot["brand"]["tagline"] for pilot in pilots}) == 21
    assert len({tuple(pilot["services"]) for pilot in pilots}) == 21


def test_what_the_facts_say_of_single_pilots() -> None:
    pilots = {path.stem: toml(path) for path in PILOT_FILES}
    bukittinggi = {agency["slug"]: agency for agency in pilots["bukittinggi"]["agency"]}
    assert bukittinggi["imigrasi"]["weekdays"] == ["wed"]
    assert bukittinggi["imigrasi"]["valid_from"] == dt.date(2026, 1, 14)
    assert bukittinggi["bank-daerah"]["local_name"] == "Bank Nagari"
    assert "Jl. Perwira" in pilots["bukittinggi"]["hall"]["address"]
    hours = pilots["banyuwangi"]["hall"]["hours"].values()
    assert {day["closes"] for day in hours} == {dt.time(14)}
    assert pilots["yogyakarta"]["district_label"] == "Kemantren"
    assert pilots["banda-aceh"]["village_label"] == "Gampong"
