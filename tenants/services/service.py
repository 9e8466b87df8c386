"""What a regional administrator decides about services: on or off, local terms, the national text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.database.optimistic import check_unchanged, fingerprint
from mpp.database.session import write
from mpp.tenancy.content import touch
from tenants.catalogue.models import Service, ServiceStandard
from tenants.services.errors import NoPendingChangeError, ServiceError, UnknownServiceError
from tenants.services.models import RegionService

LOCAL_COLUMNS = (
    "weekdays", "opens", "closes", "daily_quota", "local_fees", "extra_requirements", "local_note", "contact",
)  # fmt: skip
NO_REGULATION = "Biaya daerah wajib menyebut nomor perda, misalnya “Perda 4/2024 pasal 12”."


@dataclass(frozen=True, slots=True)
class LocalTerms:
    """Everything local about a service; None and empty mean "as in the standard" or "as the hall".

    `local_fees` are {label, amount (rupiah) | text, perda, effective_from (ISO)}: a local fee names its regulation.
    """

    weekdays: list[int] | None = None
    opens: dt.time | None = None
    closes: dt.time | None = None
    daily_quota: int | None = None
    local_fees: list[dict[str, Any]] = field(default_factory=list)
    extra_requirements: list[str] = field(default_factory=list)
    local_note: str | None = None
    contact: str | None = None


def seen_of(row: RegionService) -> str:
    """Return the mark that a form carries: it changes with every change of the row."""
    return fingerprint(row.updated_at.isoformat())


def enable(slug: str) -> RegionService:
    """Turn a national service on here, with the newest standard when it is new here. Raises UnknownServiceError."""
    with write() as session:
        service = session.scalar(select(Service).where(Service.slug == slug, Service.active))
        if service is None:
            raise UnknownServiceError
        row = _locked(session, service.id)
        if row is None:
            standard = _newest(session, service.id)
            if standard is None:
                raise ServiceError("Layanan ini belum punya standar pelayanan dari pusat.")
            row = RegionService(service_id=service.id, standard_id=standard.id, enabled=True)
            session.add(row)
        row.enabled = True
        row.updated_at = _now(session)
        _public(session, "service.enable", slug)
    return row


def disable(slug: str) -> RegionService:
    """Turn a service off: no new numbers; numbers already taken are still served. Raises UnknownServiceError."""
    with write() as session:
        row = _row(session, slug)
        row.enabled = False
        row.updated_at = _now(session)
        _public(session, "service.disable", slug)
    return row


def save_terms(slug: str, terms: LocalTerms, *, seen: str) -> RegionService:
    """Replace the local terms. Raises ServiceError, ChangedMeanwhileError when somebody saved since `seen`."""
    _check(terms)
    with write() as session:
        row = _row(session, slug)
        check_unchanged(seen, row.updated_at.isoformat())
        before = {name: getattr(row, name) for name in LOCAL_COLUMNS}
        after = {name: getattr(terms, name) for name in LOCAL_COLUMNS}
        changed = [name for name in LOCAL_COLUMNS if before[name] != after[name]]
        if changed or row.example:
            row.example = False
            for name in changed:
                setattr(row, name, after[name])
            row.updated_at = _now(session)
            plain = {
                "before": {name: _plain(before[name]) for name in changed},
                "after": {name: _plain(after[name]) for name in changed},
            }
            _public(session, "service.edit", slug, plain)
    return row


def accept_standard(slug: str, standard_id: int) -> RegionService:
    """Show the newest national text from now on; local terms stay. Raises NoPendingChangeError."""
    with write() as session:
        row, newest = _pending(session, slug, standard_id)
        data = {"before": {"version": row.standard.version}, "after": {"version": newest.version}}
        row.standard, row.declined_standard_id = newest, None
        row.updated_at = _now(session)
        _public(session, "service.accept_standard", slug, data)
    return row


def decline_standard(slug: str, standard_id: int) -> RegionService:
    """Keep the text shown now; the next national version asks again. Raises NoPendingChangeError."""
    with write() as session:
        row, newest = _pending(session, slug, standard_id)
        row.declined_standard_id = newest.id
        row.updated_at = _now(session)
        data = {"kept": row.standard.version, "declined": newest.version}
        audit.record(session, action="service.decline_standard", subject=f"service:{slug}", data=data)
    return row


def names_regulation(text: object) -> bool:
    """Whether `text` names a regulation by number: "Perda 4/2024" does, "perda kota" does not."""
    return any(sign.isdigit() for sign in str(text or ""))


def _check(terms: LocalTerms) -> None:
    if terms.opens and terms.closes and terms.opens >= terms.closes:
        raise ServiceError("Jam tutup harus sesudah jam buka.", "closes")
    if terms.weekdays is not None and not terms.weekdays:
        raise ServiceError("Pilih paling sedikit satu hari.", "weekdays")
    for fee in terms.local_fees:
        if not names_regulation(fee.get("perda")):
            raise ServiceError(NO_REGULATION, "fees")


def _pending(session: Session, slug: str, standard_id: int) -> tuple[RegionService, ServiceStandard]:
    row = _row(session, slug)
    newest = _newest(session, row.service_id)
    if newest is None or newest.id != standard_id or newest.version <= row.standard.version:
        raise NoPendingChangeError
    return row, newest


def _row(session: Session, slug: str) -> RegionService:
    service_id = session.scalar(select(Service.id).where(Service.slug == slug))
    row = _locked(session, service_id) if service_id else None
    if row is None:
        raise UnknownServiceError
    return row


def _locked(session: Session, service_id: int) -> RegionService | None:
    return session.scalar(
        select(RegionService)
        .where(RegionService.service_id == service_id)
        .with_for_update(of=RegionService)
        .execution_options(populate_existing=True)
    )


def _newest(session: Session, service_id: int) -> ServiceStandard | None:
    newest = select(ServiceStandard).where(ServiceStandard.service_id == service_id)
    return session.scalar(newest.order_by(ServiceStandard.version.desc()).limit(1))


def _now(session: Session) -> dt.datetime:
    """The database's clock, never twice the same in one transaction."""
    moment: dt.datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def _public(session: Session, action: str, slug: str, data: dict[str, Any] | None = None) -> None:
    audit.record(session, action=action, subject=f"service:{slug}", data=data)
    touch(session)


def _plain(value: object) -> object:
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if isinstance(value, Sequence):
        return value if isinstance(value, str) else list(value)
    return value
