"""Differences of two standards, line by line, in the words of the screen."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tenants.catalogue.models import ServiceStandard
from tenants.services.diff import change, differences, fee_line

lines = st.lists(st.sampled_from(["KK asli", "KTP asli", "Pas foto", "Surat pengantar"]), max_size=6)


def standard(**changes: Any) -> ServiceStandard:
    values: dict[str, Any] = {
        "name": "Kartu identitas anak", "official_name": None, "summary": "Kartu bagi anak.", "name_en": None,
        "summary_en": None, "time_limit": "3 hari", "product": "KIA", "valid_for": None, "note": None, "law": [],
        "decree": None, "effective_from": None, "online_url": None, "online_name": None, "words": ["kia"],
        "service_minutes": None, "sources": [], "checked_on": dt.date(2026, 1, 31),
        "cases": [{"slug": "baru", "name": "Baru", "requirements": ["KK asli"], "note": None}],
        "fees": [{"label": "Penerbitan", "amount": 0}], "components": {"produk": ["KIA"]},
    }  # fmt: skip
    return ServiceStandard(**{**values, **changes})


@given(before=lines, after=lines)
def test_both_sides_are_told_whole(before: list[str], after: list[str]) -> None:
    found = change("Syarat", before, after)
    if before == after:
        assert found is None
        return
    assert found is not None
    assert [line.text for line in found.before] == before
    assert [line.text for line in found.after] == after
    same = [line.text for line in found.before if line.kind == "same"]
    assert same == [line.text for line in found.after if line.kind == "same"]
    assert {line.kind for line in found.before} <= {"same", "removed"}
    assert {line.kind for line in found.after} <= {"same", "added"}


def test_nothing_changed_is_no_difference() -> None:
    assert differences(standard(), standard()) == []


def test_each_field_is_named_in_indonesian() -> None:
    new = standard(
        time_limit="5 hari", fees=[{"label": "Penerbitan", "amount": 5000, "legal_basis": "PP 1/2026"}],
        cases=[
            {"slug": "baru", "name": "Baru", "requirements": ["KK asli", "Akta kelahiran"], "note": None},
            {"slug": "hilang", "name": "Hilang", "requirements": ["Surat kehilangan"], "note": "Dari polisi"},
        ],
        components={"produk": ["KIA"], "pengaduan": ["SP4N-LAPOR!"]},
    )  # fmt: skip
    found = {item.label: item for item in differences(standard(), new)}
    assert list(found) == [
        "Biaya", "Syarat: Baru", "Syarat: Hilang", "Jangka waktu", "Standar: Pengaduan"
    ]  # fmt: skip
    assert [(line.kind, line.text) for line in found["Syarat: Baru"].after][-1] == ("added", "Akta kelahiran")
    assert [line.text for line in found["Syarat: Hilang"].after] == [
        "Keperluan: Hilang", "Surat kehilangan", "Catatan: Dari polisi"
    ]  # fmt: skip
    assert found["Syarat: Hilang"].before == []
    assert found["Biaya"].after[0].text == "Penerbitan: Rp5.000 (PP 1/2026)"


def test_a_case_that_goes_is_told() -> None:
    found = differences(standard(), standard(cases=[]))
    assert [item.label for item in found] == ["Syarat: Baru"]
    assert {line.kind for line in found[0].before} == {"removed"} and found[0].after == []


def test_fees_in_one_line() -> None:
    assert fee_line({"label": "Paspor", "amount": 350000, "unit": "buku"}) == "Paspor: Rp350.000 per buku"
    local = {"label": "Retribusi", "text": "2 %", "perda": "Perda 4/2024", "effective_from": "2026-01-12"}
    assert fee_line(local) == "Retribusi: 2 % (Perda 4/2024), berlaku 12 Jan 2026"
    assert fee_line({"label": "Denda"}) == "Denda: dihitung"
