"""The national catalogue as the centre reads it: services, all their versions, and what differs between two."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from mpp.database.session import central_read
from mpp.i18n import rupiah
from tenants.catalogue.errors import UnknownServiceError
from tenants.catalogue.loader import DATA
from tenants.catalogue.models import COMPONENTS, Agency, Service, ServiceStandard
from tenants.catalogue.queries import newest_standards
from tenants.catalogue.standard import DERIVED

SAME, ADDED, REMOVED = "same", "added", "removed"
LABELS = {
    "name": "Nama",
    "name_en": "Nama (Inggris)",
    "official_name": "Nama resmi",
    "summary": "Ringkasan",
    "summary_en": "Ringkasan (Inggris)",
    "words": "Kata yang dipakai warga",
    "cases": "Keperluan dan syarat",
    "fees": "Biaya",
    "time_limit": "Jangka waktu",
    "product": "Hasil",
    "valid_for": "Masa berlaku",
    "note": "Perlu diketahui",
    "law": "Dasar hukum",
    "sources": "Sumber",
    "checked_on": "Sumber diperiksa",
    "effective_from": "Berlaku sejak",
    "decree": "Surat keputusan",
    "online_url": "Alamat daring",
    "online_name": "Nama aplikasi",
    "service_minutes": "Menit di loket",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A service with its newest version."""

    service: Service
    standard: ServiceStandard


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed in one part: lines as (same, added or removed; text)."""

    label: str
    lines: Sequence[tuple[str, str]]


@cache
def component_names() -> dict[str, str]:
    """Return the names of the 14 components by their keys, in the order of PermenPANRB 15/2014."""
    entries = tomllib.loads((DATA / "standard.toml").read_text(encoding="utf-8"))["component"]
    return {entry["key"]: entry["name"] for entry in entries}


def listing(query: str = "", agency: str = "") -> list[Listed]:
    """Return the services in the catalogue's order, narrowed by words of their name and by agency."""
    with central_read() as session:
        found = [Listed(row.service, row) for row in session.scalars(newest_standards())]
    words = query.lower().split()
    kept = [
        row
        for row in found
        if agency in {"", row.service.agency.slug}
        and all(word in f"{row.standard.search_text} {row.service.slug}".lower() for word in words)
    ]
    return sorted(kept, key=lambda row: row.service.number)


def agencies() -> list[Agency]:
    """Return all agencies in their order of display."""
    with central_read() as session:
        return list(session.scalars(select(Agency).order_by(Agency.position, Agency.name)))


def service_with_versions(slug: str) -> Service:
    """Return a service with all its versions, newest first. Raises UnknownServiceError."""
    with central_read() as session:
        service = session.scalar(
            select(Service).where(Service.slug == slug).options(selectinload(Service.standards))
        )
    if service is None or not service.standards:
        raise UnknownServiceError(slug)
    return service


def version_of(service: Service, version: int | None) -> ServiceStandard | None:
    """Return one version of a service that is read with its versions."""
    return next((standard for standard in service.standards if standard.version == version), None)


def differences(old: ServiceStandard, new: ServiceStandard) -> list[Difference]:
    """Return what differs from `old` to `new`, part by part in the order of the page."""
    parts = [
        (label, _lines(key, getattr(old, key)), _lines(key, getattr(new, key)))
        for key, label in LABELS.items()
    ]
    names = component_names()
    parts += [
        (names[key], _lines(key, old.components.get(key)), _lines(key, new.components.get(key)))
        for key in COMPONENTS
        if key in _written(old) | _written(new)
    ]
    return [Difference(label, compare(before, after)) for label, before, after in parts if before != after]


def compare(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]]:
    """Return both texts as one list of lines, each said to be the same, removed or added."""
    found: list[tuple[str, str]] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [(SAME, line) for line in before[i:j]]
            continue
        found += [(REMOVED, line) for line in before[i:j]]
        found += [(ADDED, line) for line in after[k:m]]
    return found


def _written(standard: ServiceStandard) -> set[str]:
    """Components with a text of their own; the derived ones would tell each change twice."""
    return set(standard.components) - set(DERIVED)


def _lines(key: str, value: Any) -> list[str]:
    """Return a column as lines a person reads."""
    if value is None or value == "":
        return []
    if key == "cases":
        return [line for case in value for line in case_lines(case)]
    if key == "fees":
        return [fee_line(fee) for fee in value]
    if isinstance(value, list):
        return [str(entry) for entry in value]
    return [str(value)]


def case_lines(case: dict[str, Any]) -> list[str]:
    """Return a case as lines: its name, each requirement, its note."""
    english = f" ({case['name_en']})" if case.get("name_en") else ""
    lines = [
        f"{case['name']}{english} [{case['slug']}]",
        *(f"• {text}" for text in case.get("requirements") or ()),
    ]
    return [*lines, f"Catatan: {case['note']}"] if case.get("note") else lines


def fee_line(fee: dict[str, Any]) -> str:
    """Return a fee as one line: what is paid, how much, for which case, by which law, since when."""
    amount = fee.get("amount")
    parts = [f"{fee['label']}: {rupiah(amount) if amount is not None else fee.get('formula', '')}"]
    parts += [str(fee[key]) for key in ("unit", "legal_basis") if fee.get(key)]
    if fee.get("case"):
        parts.append(f"keperluan {fee['case']}")
    if fee.get("effective_from"):
        parts.append(f"sejak {fee['effective_from']}")
    if fee.get("confidence", "high") != "high":
        parts.append("contoh")
    if fee.get("note"):
        parts.append(fee["note"])
    return " · ".join(parts)
