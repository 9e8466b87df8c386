"""The audit log as sentences: who did what to what, and what it was before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from mpp.accounts.models import Staff
from mpp.accounts.proof_models import StaffLink
from mpp.audit import AuditEntry
from mpp.database.session import read
from mpp.tenancy.region import current_region
from tenants.catalogue.models import Agency, Service, ServiceStandard
from tenants.catalogue.queries import newest_standards
from tenants.hall.models import Counter, Hall
from tenants.operations.audit_words import change_lines, sentence

ENTRIES_A_PAGE = 50
# What the filter offers: the first word of an action, and what the screen calls it.
GROUPS = (
    ("service", "Layanan"), ("hall", "Gedung, jam, hari libur"), ("agency", "Instansi"), ("counter", "Loket"),
    ("device", "Perangkat"), ("staff", "Petugas"), ("account", "Masuk dan kata sandi"), ("portal", "Tampilan portal"),
    ("announcement", "Pengumuman"), ("ticket", "Antrean"),
    ("support", "Akses dukungan"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; days are local, both ends included."""

    actor: str = ""
    group: str = ""
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One entry as a sentence, with what changed line by line."""

    at: dt.datetime
    actor: str
    text: str
    changes: Sequence[str]


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log, newest first; `page` of `pages`, `total` entries in all."""

    entries: Sequence[Told]
    page: int
    pages: int
    total: int


def actors() -> list[str]:
    """Return the names of everybody in the log, for the filter."""
    with read() as session:
        return list(session.scalars(select(AuditEntry.actor_name).distinct().order_by(AuditEntry.actor_name)))


def log_page(filters: Filters, page: int) -> LogPage:
    """Return a page of the region's log; a page beyond the last is the last."""
    with read() as session:
        total = session.scalar(_filtered(select(func.count()).select_from(AuditEntry), filters)) or 0
        pages = max(1, -(-total // ENTRIES_A_PAGE))
        page = min(max(1, page), pages)
        query = _filtered(select(AuditEntry), filters).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        rows = session.scalars(query.limit(ENTRIES_A_PAGE).offset((page - 1) * ENTRIES_A_PAGE)).all()
        names = _names(session, rows)
        told = [
            Told(
                row.at, row.actor_name, sentence(row.action, row.subject, row.data, names),
                change_lines(row.data, names),
            )
            for row in rows
        ]  # fmt: skip
    return LogPage(told, page, pages, total)


def _filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    zone = current_region().zone
    if filters.actor:
        query = query.where(AuditEntry.actor_name == filters.actor)
    if filters.group:
        query = query.where(AuditEntry.action.startswith(f"{filters.group}.", autoescape=True))
    if filters.since:
        query = query.where(AuditEntry.at >= dt.datetime.combine(filters.since, dt.time(), tzinfo=zone))
    if filters.until:
        query = query.where(AuditEntry.at <= dt.datetime.combine(filters.until, dt.time.max, tzinfo=zone))
    return query


def _names(session: Session, rows: Sequence[AuditEntry]) -> Mapping[str, str]:
    """What the subjects and ids of a page are called now; what is gone keeps its number."""
    names: dict[str, str] = {}
    for staff_id, name in session.execute(select(Staff.id, Staff.name)):
        names[f"staff:{staff_id}"] = names[f"account:{staff_id}"] = name
    names["account:0"] = "akun yang tidak dikenal"
    links = [int(row.subject[5:]) for row in rows if row.subject.startswith("link:")]
    if links:
        emails = select(StaffLink.id, StaffLink.email).where(StaffLink.id.in_(links))
        names |= {f"link:{link_id}": f"tautan untuk {email}" for link_id, email in session.execute(emails)}
    for hall_id, name in session.execute(select(Hall.id, Hall.name)):
        names[f"hall:{hall_id}"] = name
    for counter_id, number, name in session.execute(select(Counter.id, Counter.number, Counter.name)):
        names[f"counter:{counter_id}"] = f"loket {number} {name}"
    for agency_id, slug, name in session.execute(select(Agency.id, Agency.slug, Agency.short_name)):
        names[f"agency:{agency_id}"] = names[f"agency:{slug}"] = name
    if any(row.action.startswith(("service.", "counter.")) for row in rows):
        newest = (
            newest_standards()
            .join(Service, Service.id == ServiceStandard.service_id)
            .with_only_columns(Service.id, Service.slug, ServiceStandard.name)
        )
        for service_id, slug, name in session.execute(newest):
            names[f"service:{service_id}"] = names[f"service:{slug}"] = name
    return names
