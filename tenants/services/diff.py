"""Two versions of a standard side by side: field by field, in the words of the screen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from mpp.i18n import rupiah, short_date
from tenants.catalogue.models import COMPONENTS, ServiceStandard

COMPONENT_WORDS = {
    "persyaratan": "Persyaratan", "prosedur": "Prosedur", "jangka_waktu": "Jangka waktu", "biaya": "Biaya",
    "produk": "Produk", "pengaduan": "Pengaduan", "dasar_hukum": "Dasar hukum", "sarana": "Sarana",
    "kompetensi": "Kompetensi petugas", "pengawasan": "Pengawasan", "jumlah_pelaksana": "Jumlah pelaksana",
    "jaminan_pelayanan": "Jaminan pelayanan", "jaminan_keamanan": "Jaminan keamanan", "evaluasi": "Evaluasi",
}  # fmt: skip
# In the order in which a citizen meets them; search words and bookkeeping columns change nothing on the page.
FIELDS = (
    ("name", "Nama"), ("official_name", "Nama resmi"), ("summary", "Ringkasan"), ("name_en", "Nama (Inggris)"),
    ("summary_en", "Ringkasan (Inggris)"), ("time_limit", "Jangka waktu"), ("product", "Hasil"),
    ("valid_for", "Masa berlaku"), ("note", "Catatan"), ("law", "Dasar hukum"), ("decree", "Nomor SK"),
    ("effective_from", "Berlaku sejak"), ("online_url", "Alamat layanan daring"), ("words", "Kata pencarian"),
    ("service_minutes", "Menit pelayanan di loket"), ("sources", "Sumber"), ("checked_on", "Diperiksa tanggal"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a field: kind is "same", "removed" or "added"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs: its lines before (same, removed) and after (same, added)."""

    label: str
    before: list[Line]
    after: list[Line]


def differences(old: ServiceStandard, new: ServiceStandard) -> list[FieldChange]:
    """Return what `new` changes on the page of a service, empty when nothing."""
    found = [change(label, _lines(getattr(old, name)), _lines(getattr(new, name))) for name, label in FIELDS]
    found[3:3] = _cases(old.cases, new.cases)
    found[3:3] = [change("Biaya", _fees(old.fees), _fees(new.fees))]
    for key in COMPONENTS:
        label = f"Standar: {COMPONENT_WORDS[key]}"
        found.append(change(label, _lines(old.components.get(key)), _lines(new.components.get(key))))
    return [item for item in found if item is not None]


def change(label: str, before: Sequence[str], after: Sequence[str]) -> FieldChange | None:
    """Return how `after` differs from `before` line by line, None when not at all."""
    if list(before) == list(after):
        return None
    left: list[Line] = []
    right: list[Line] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        same = tag == "equal"
        left += [Line("same" if same else "removed", text) for text in before[a:b]]
        right += [Line("same" if same else "added", text) for text in after[c:d]]
    return FieldChange(label, left, right)


def _lines(value: object) -> list[str]:
    if value is None or value in ("", [], ()):
        return []
    if isinstance(value, dt.date):
        return [short_date(value)]
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return [line for line in str(value).splitlines() if line.strip()]


def _cases(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[FieldChange | None]:
    """Requirements case by case, a renamed case told by its slug."""
    before = {case["slug"]: case for case in old}
    after = {case["slug"]: case for case in new}
    return [
        change(
            f"Syarat: {(after.get(slug) or before[slug])['name']}",
            _case_lines(before.get(slug)),
            _case_lines(after.get(slug)),
        )
        for slug in [*after, *(slug for slug in before if slug not in after)]
    ]


def _case_lines(case: Mapping[str, Any] | None) -> list[str]:
    if case is None:
        return []
    lines = [f"Keperluan: {case['name']}", *(str(text) for text in case.get("requirements") or ())]
    return [*lines, f"Catatan: {case['note']}"] if case.get("note") else lines


def _fees(fees: Sequence[Mapping[str, Any]]) -> list[str]:
    return [fee_line(fee) for fee in fees]


def fee_line(fee: Mapping[str, Any]) -> str:
    """Return a fee in one line: what for, how much, by which regulation, since when."""
    amount = fee.get("amount")
    text = rupiah(amount) if amount is not None else str(fee.get("text") or fee.get("formula") or "dihitung")
    if fee.get("unit"):
        text += f" per {fee['unit']}"
    basis = fee.get("perda") or fee.get("legal_basis")
    line = f"{fee['label']}: {text}"
    if fee.get("case"):
        line += f", keperluan {fee['case']}"
    if basis:
        line += f" ({basis})"
    if fee.get("effective_from"):
        line += f", berlaku {short_date(dt.date.fromisoformat(fee['effective_from']))}"
    return line
