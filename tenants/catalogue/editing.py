"""Editing the national catalogue: an edit is a new version, never a change of what regions have accepted."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp import audit, outbox
from mpp.audit import actor
from mpp.database.session import central_write
from tenants.catalogue.errors import (
    InvalidEditError,
    NothingChangedError,
    Problem,
    StaleEditError,
    UnknownServiceError,
)
from tenants.catalogue.models import COMPONENTS, Agency, Service, ServiceStandard
from tenants.catalogue.standard import DERIVED, completeness_of, components_of, search_text_of

# Told to every region that its cached pages may list a service no longer offered.
ACTIVITY = "catalogue.activity"
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MOST_RUPIAH = 1_000_000_000
# The components an editor writes; the others follow from cases, fees, time limit, product and law.
WRITTEN = tuple(key for key in COMPONENTS if key not in DERIVED)


@dataclass(frozen=True, slots=True)
class Draft:
    """What an editor wrote, in the shapes of ServiceStandard; `own` holds only the WRITTEN components."""

    name: str
    summary: str
    words: list[str]
    cases: list[dict[str, Any]]
    fees: list[dict[str, Any]]
    law: list[str]
    own: dict[str, list[str]]
    sources: list[str]
    checked_on: dt.date
    name_en: str | None = None
    official_name: str | None = None
    summary_en: str | None = None
    time_limit: str | None = None
    product: str | None = None
    valid_for: str | None = None
    note: str | None = None
    effective_from: dt.date | None = None
    decree: str | None = None
    online_url: str | None = None
    online_name: str | None = None
    service_minutes: int | None = None


def draft_of(standard: ServiceStandard) -> Draft:
    """Return a version as a draft, ready to be edited."""
    own = {
        key: [text] if isinstance(text, str) else list(text)
        for key, text in standard.components.items()
        if key in WRITTEN
    }
    values = {f.name: getattr(standard, f.name) for f in fields(Draft) if f.name != "own"}
    return Draft(**values, own=own)


def publish(slug: str, base_version: int, draft: Draft, change_note: str) -> int:
    """Write `draft` as the next version of a service and return its number.

    Regions keep showing the version they accepted and see this one as a difference. Raises
    UnknownServiceError, StaleEditError when `base_version` is no longer the newest, NothingChangedError, and
    InvalidEditError naming every field that is wrong.
    """
    problems = problems_of(draft)
    if not change_note.strip():
        problems.append(Problem("change_note", "Tulis apa yang berubah dan mengapa."))
    if problems:
        raise InvalidEditError(problems)
    with central_write() as session:
        # The service's row is the lock: two editors cannot both write the next version.
        service = session.scalar(select(Service).where(Service.slug == slug).with_for_update(of=Service))
        newest = _newest(session, service) if service else None
        if service is None or newest is None:
            raise UnknownServiceError(slug)
        if newest.version != base_version:
            raise StaleEditError(newest.version)
        values = _values(draft)
        if all(getattr(newest, key) == value for key, value in values.items()):
            raise NothingChangedError
        session.add(
            ServiceStandard(
                service_id=service.id,
                version=newest.version + 1,
                search_text=search_text_of(values, _agency_names(session, service)),
                created_by=actor.get().name,
                change_note=change_note.strip(),
                **values,
            )
        )
        audit.record(
            session,
            action="catalogue.publish",
            subject=f"service:{slug}",
            data={"version": newest.version + 1, "note": change_note.strip()},
        )
        return newest.version + 1


def set_active(slug: str, *, active: bool, reason: str) -> str:
    """Offer a service to regions or withdraw it nationwide; returns its newest name. Idempotent.

    Raises UnknownServiceError, and InvalidEditError without a reason.
    """
    if not reason.strip():
        raise InvalidEditError([Problem("reason", "Tulis alasannya; alasan masuk catatan pusat.")])
    with central_write() as session:
        service = session.scalar(select(Service).where(Service.slug == slug).with_for_update(of=Service))
        newest = _newest(session, service) if service else None
        if service is None or newest is None:
            raise UnknownServiceError(slug)
        if service.active != active:
            service.active = active
            outbox.post(session, ACTIVITY, slug=slug, active=active)
            audit.record(
                session,
                action="catalogue.activate" if active else "catalogue.deactivate",
                subject=f"service:{slug}",
                data={"reason": reason.strip()},
            )
        return newest.name


def problems_of(draft: Draft) -> list[Problem]:
    """Return what contradicts itself in a draft, field by field; empty when it may be published."""
    found = _problems_of_cases(draft.cases)
    cases = {case["slug"] for case in draft.cases}
    for position, fee in enumerate(draft.fees):
        found += _problems_of_fee(f"fees-{position}", fee, cases)
    if not draft.name.strip():
        found.append(Problem("name", "Isi nama layanan."))
    if not draft.summary.strip():
        found.append(Problem("summary", "Isi ringkasan satu kalimat."))
    if not draft.words:
        found.append(Problem("words", "Isi sedikitnya satu kata yang dipakai warga."))
    if not draft.sources:
        found.append(Problem("sources", "Isi sedikitnya satu sumber: alamat web atau nama peraturan."))
    if draft.checked_on > dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=1):
        found.append(Problem("checked_on", "Tanggal pemeriksaan sumber belum tiba."))
    if draft.online_url and not _web_address(draft.online_url):
        found.append(Problem("online_url", "Tulis alamat lengkap yang dimulai https://."))
    return found


def _problems_of_cases(cases: Sequence[dict[str, Any]]) -> list[Problem]:
    found = [] if cases else [Problem("cases-0-name", "Isi sedikitnya satu keperluan beserta syaratnya.")]
    seen: set[str] = set()
    for position, case in enumerate(cases):
        where = f"cases-{position}"
        if not SLUG.fullmatch(case["slug"]):
            found.append(
                Problem(f"{where}-slug", "Kode keperluan memakai huruf kecil, angka, dan tanda hubung.")
            )
        elif case["slug"] in seen:
            found.append(Problem(f"{where}-slug", f"Kode “{case['slug']}” dipakai dua kali."))
        seen.add(case["slug"])
        if not case["name"]:
            found.append(Problem(f"{where}-name", "Isi nama keperluan."))
        if not case["requirements"]:
            found.append(Problem(f"{where}-requirements", "Isi sedikitnya satu syarat."))
    return found


def _problems_of_fee(where: str, fee: dict[str, Any], cases: set[str]) -> list[Problem]:
    found = []
    amount = fee.get("amount")
    if not fee.get("label"):
        found.append(Problem(f"{where}-label", "Isi apa yang dibayar."))
    if (amount is None) == (not fee.get("formula")):
        found.append(Problem(f"{where}-amount", "Isi jumlah rupiah atau rumus, salah satu saja."))
    if amount is not None and not 0 <= amount <= MOST_RUPIAH:
        found.append(Problem(f"{where}-amount", "Jumlah antara Rp0 dan Rp1.000.000.000."))
    if fee.get("case") and fee["case"] not in cases:
        found.append(Problem(f"{where}-case", f"Keperluan “{fee['case']}” tidak ada dalam daftar di atas."))
    return found


def _web_address(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and "." in parts.netloc


def _values(draft: Draft) -> dict[str, Any]:
    values = {f.name: getattr(draft, f.name) for f in fields(Draft) if f.name != "own"}
    values["components"] = components_of(values, draft.own)
    values["completeness"] = completeness_of(values["components"])
    return values


def _newest(session: Session, service: Service) -> ServiceStandard | None:
    return session.scalar(
        select(ServiceStandard)
        .where(ServiceStandard.service_id == service.id)
        .order_by(ServiceStandard.version.desc())
        .limit(1)
    )


def _agency_names(session: Session, service: Service) -> list[str]:
    """Names of the agencies that serve it, its own first: what the loader gives to the search as well."""
    slugs = [service.agency.slug, *service.other_agencies]
    agencies = {a.slug: a for a in session.scalars(select(Agency).where(Agency.slug.in_(slugs)))}
    return [
        text
        for slug in slugs
        if slug in agencies
        for text in (agencies[slug].name, agencies[slug].short_name)
    ]
