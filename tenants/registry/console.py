"""What the centre's console shows, read from schema `platform` alone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from mpp.audit import CentralAuditEntry
from mpp.database.session import central_read
from mpp.tenancy.migrate import head
from mpp.tenancy.models import MigrationEntry, RegionRecord, RegionRollup, RegionState
from tenants.registry.errors import UnknownRegionError

DAYS_SHOWN = 14
DAYS_SILENT = 7
ENTRIES_A_PAGE = 50
SORTS = ("macet", "nama", "nomor", "lengkap", "kegiatan")


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region in the country's table; `week` are tickets a day, oldest first, ending today in its own zone."""

    record: RegionRecord
    today: int
    week: Sequence[int]
    services: int
    completeness: float
    stalls: Sequence[str]
    pushed_at: dt.datetime | None

    @property
    def behind(self) -> bool:
        """Whether its schema stands on an older revision than this release."""
        return self.record.schema_revision not in {None, head("tenant")}


@dataclass(frozen=True, slots=True)
class Country:
    """The country at a glance; the sums are over all registered regions, not over the rows filtered."""

    rows: Sequence[RegionRow]
    registered: int
    active: int
    suspended: int
    stalling: int
    tickets_today: int
    provinces: Sequence[str]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader of the table asked for; `state` may also be "macet"."""

    query: str = ""
    province: str = ""
    state: str = ""
    sort: str = SORTS[0]


@dataclass(frozen=True, slots=True)
class RegionFile:
    """Everything the centre knows of one region."""

    row: RegionRow
    rollups: Sequence[RegionRollup] = field(default_factory=tuple)
    migrations: Sequence[MigrationEntry] = field(default_factory=tuple)
    entries: Sequence[CentralAuditEntry] = field(default_factory=tuple)


def country(filters: Filters = Filters()) -> Country:
    """Return the country's table, filtered and sorted, with its sums."""
    with central_read() as session:
        records = session.scalars(select(RegionRecord).order_by(RegionRecord.name)).all()
        rows = _rows(session, records)
    kept = [row for row in rows if _matches(row, filters)]
    kept.sort(key=lambda row: _order(row, filters.sort))
    states = [row.record.state for row in rows]
    return Country(
        rows=kept,
        registered=len(rows),
        active=states.count(RegionState.ACTIVE),
        suspended=states.count(RegionState.SUSPENDED),
        stalling=sum(bool(row.stalls) for row in rows),
        tickets_today=sum(row.today for row in rows),
        provinces=sorted({row.record.province for row in rows}),
    )


def region_file(slug: str) -> RegionFile:
    """Return one region's file. Raises UnknownRegionError."""
    with central_read() as session:
        record = _record(session, slug)
        rollups = session.scalars(
            select(RegionRollup)
            .where(RegionRollup.region_id == record.id)
            .order_by(RegionRollup.day.desc())
            .limit(DAYS_SHOWN)
        ).all()
        migrations = session.scalars(
            select(MigrationEntry)
            .where(MigrationEntry.region_id == record.id)
            .order_by(MigrationEntry.id.desc())
        ).all()
        entries = session.scalars(
            select(CentralAuditEntry)
            .where(CentralAuditEntry.subject == f"region:{slug}")
            .order_by(CentralAuditEntry.at.desc())
            .limit(20)
        ).all()
        return RegionFile(_rows(session, [record])[0], rollups, migrations, entries)


def _record(session: Session, slug: str) -> RegionRecord:
    record = session.scalar(
        select(RegionRecord).where(RegionRecord.slug == slug).options(selectinload(RegionRecord.hosts))
    )
    if record is None:
        raise UnknownRegionError(slug)
    return record


def _rows(session: Session, records: Iterable[RegionRecord]) -> list[RegionRow]:
    records = list(records)
    ids = [record.id for record in records]
    # One day more than a week: the easternmost region's today is another date than the westernmost's.
    since = dt.datetime.now(tz=dt.UTC).date() - dt.timedelta(days=DAYS_SILENT + 1)
    days: dict[int, dict[dt.date, RegionRollup]] = defaultdict(dict)
    for rollup in session.scalars(
        select(RegionRollup).where(RegionRollup.region_id.in_(ids), RegionRollup.day >= since)
    ):
        days[rollup.region_id][rollup.day] = rollup
    failed = set(
        session.scalars(select(MigrationEntry.region_id).where(MigrationEntry.state == "failed").distinct())
    )
    return [_row(record, days[record.id], failed=record.id in failed) for record in records]


def _row(record: RegionRecord, days: dict[dt.date, RegionRollup], *, failed: bool) -> RegionRow:
    today = record.as_region().today()
    week = [
        days[day].tickets_issued if (day := today - dt.timedelta(days=back)) in days else 0
        for back in reversed(range(7))
    ]
    last = days[max(days)] if days else None
    return RegionRow(
        record=record,
        today=week[-1],
        week=week,
        services=last.services_enabled if last else 0,
        completeness=last.completeness if last else 0.0,
        stalls=_stalls(record, failed=failed),
        pushed_at=last.pushed_at if last else None,
    )


def _stalls(record: RegionRecord, *, failed: bool) -> list[str]:
    """Return what keeps a region from going on, in words for the table."""
    found = []
    now = dt.datetime.now(tz=dt.UTC)
    if record.state == RegionState.ACTIVE:
        last = record.last_activity_at or record.state_changed_at
        if now - last > dt.timedelta(days=DAYS_SILENT):
            found.append(f"tanpa kegiatan {(now - last).days} hari")
    if record.state == RegionState.REGISTERED and now - record.created_at > dt.timedelta(hours=1):
        found.append("penyediaan belum selesai")
    if failed:
        found.append("pembaruan skema gagal")
    elif record.schema_revision not in {None, head("tenant")}:
        found.append("skema tertinggal")
    return found


def _matches(row: RegionRow, filters: Filters) -> bool:
    record = row.record
    text = f"{record.name} {record.slug} {record.code} {record.province}".lower()
    return (
        all(word in text for word in filters.query.lower().split())
        and filters.province in {"", record.province}
        and (filters.state in {"", record.state} or (filters.state == "macet" and bool(row.stalls)))
    )


def _order(row: RegionRow, sort: str) -> tuple[object, ...]:
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    keys: dict[str, tuple[object, ...]] = {
        "nomor": (-row.today,),
        "lengkap": (row.completeness,),
        "kegiatan": (row.record.last_activity_at or never,),
        "nama": (),
    }
    first = keys.get(sort, (not row.stalls, row.record.state == RegionState.ACTIVE))
    return (*first, row.record.name)


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of the centre's audit log, newest first; pages count from 1."""

    entries: Sequence[CentralAuditEntry]
    page: int
    pages: int
    actions: Sequence[str]


def audit_log(page: int, action: str = "") -> LogPage:
    """Return one page of what the centre's people did; `action` narrows to a feature or one act of it."""
    wanted = select(CentralAuditEntry)
    if action:
        wanted = wanted.where(CentralAuditEntry.action == action)
    with central_read() as session:
        total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
        pages = max(1, -(-total // ENTRIES_A_PAGE))
        page = min(max(page, 1), pages)
        entries = session.scalars(
            wanted.order_by(CentralAuditEntry.id.desc())
            .limit(ENTRIES_A_PAGE)
            .offset((page - 1) * ENTRIES_A_PAGE)
        ).all()
        actions = session.scalars(
            select(CentralAuditEntry.action).distinct().order_by(CentralAuditEntry.action)
        ).all()
    return LogPage(entries, page, pages, actions)
