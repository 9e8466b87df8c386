"""The sheet of one's own data: every letter that a name may have, numbered pages, and the JSON beside it."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging

import pikepdf
import pytest

from mpp.privacy.dossier import Act, Dossier, Fact, Look, Record, Section, as_json, words
from mpp.privacy.kinds import kind
from mpp.privacy.paper import as_pdf
from mpp.tenancy.region import Region, region_context

REGION = Region(
    1, "63.06", "hss", "Hulu Sungai Selatan", "kabupaten", "Kalsel", "region_1", "role_1", "Asia/Makassar"
)
AT = dt.datetime(2026, 8, 17, 2, 42, tzinfo=dt.UTC)
# Beyond Latin-1: a modifier apostrophe, macrons, carons, dots of a covered number, curly quotes.
NAME = "Nur\u02bcaini M\u0101\u0161\u012bta \u201cDt.\u201d \u2022\u2022\u2022 \u1e24asan"


def dossier(records: int) -> Dossier:
    facts = [
        Fact("holder", "Nama", NAME),
        Fact("phone", "Nomor HP", "0812-9999-0012", "0812-••••-•••12"),
        Fact("at", "Diambil", AT),
    ]
    sections = [Section(kind("ticket.person"), [Record(f"Nomor A-{n:03d}", facts) for n in range(records)])]
    looks = [Look(AT, "Petugas instansi, Disdukcapil", "Nomor HP", "Menghubungi warga tentang nomornya")]
    return Dossier(
        "MPP Hulu Sungai Selatan", AT, sections, looks, [Act(AT, "Penerima kuasa", "mengambil nomor")]
    )


@pytest.mark.parametrize(("records", "pages"), [(1, 1), (60, 7)])
def test_the_sheet_has_every_letter_and_numbers_its_pages(
    records: int, pages: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), region_context(REGION):
        data = as_pdf(dossier(records))
    assert "missing" not in caplog.text
    with pikepdf.open(io.BytesIO(data)) as sheet:
        assert len(sheet.pages) == pages
        assert str(sheet.Root.Lang) == "id"
        assert "/JavaScript" not in sheet.Root and "/AcroForm" not in sheet.Root


def test_times_are_the_regions_and_at_the_centre_jakartas() -> None:
    with region_context(REGION):
        assert words(AT) == "17 Agu 2026, 10.42 WITA"
    assert words(AT) == "17 Agu 2026, 09.42 WIB"


def test_the_json_has_the_values_and_nothing_covered() -> None:
    with region_context(REGION):
        told = json.loads(as_json(dossier(1)))
    assert list(told) == [
        "format", "version", "place", "made_at", "kinds", "looked", "acted_for_me", "leak_notices",
    ]  # fmt: skip
    record = told["kinds"][0]["records"][0]
    assert record == {
        "title": "Nomor A-000", "holder": NAME, "phone": "0812-9999-0012", "at": "2026-08-17T02:42:00+00:00",
    }  # fmt: skip
