"""What the administrator sees of the national catalogue and of the region's own rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from mpp.database.session import read
from tenants.catalogue.models import Service, ServiceStandard
from tenants.catalogue.queries import newest_standards
from tenants.services.diff import FieldChange, differences
from tenants.services.models import RegionService

# Of 14 components; below this a citizen misses more than half of what the regulation promises.
LOW_COMPLETENESS = 7


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A national service and what this region made of it. `pending` is a national text newer than the one shown."""

    service: Service
    standard: ServiceStandard
    row: RegionService | None
    pending: ServiceStandard | None
    declined: bool

    @property
    def state(self) -> str:
        """One of "on", "off" (was on before) and "new" (never taken over)."""
        if self.row is None:
            return "new"
        return "on" if self.row.enabled else "off"

    @property
    def local(self) -> list[str]:
        """What is local here, in a few words each."""
        row = self.row
        if row is None:
            return []
        words = {
            "hari": row.weekdays is not None, "jam": bool(row.opens or row.closes),
            "kuota": row.daily_quota is not None, "biaya": bool(row.local_fees),
            "syarat": bool(row.extra_requirements), "catatan": bool(row.local_note), "kontak": bool(row.contact),
        }  # fmt: skip
        return [word for word, holds in words.items() if holds]


def catalogue_rows() -> list[CatalogueRow]:
    """Return every active national service in the catalogue's order, with this region's row."""
    with read() as session:
        return [_row(*found) for found in _found(session)]


def catalogue_row(slug: str) -> CatalogueRow | None:
    """Return one service of the catalogue, None when there is no such slug."""
    with read() as session:
        found = _found(session, slug)
    return _row(*found[0]) if found else None


def pending_changes(row: CatalogueRow) -> list[FieldChange]:
    """Return how the newest national text differs from the one shown, empty when it does not."""
    if row.row is None or row.pending is None:
        return []
    return differences(row.row.standard, row.pending)


def enabled_choices() -> list[RegionService]:
    """Return the enabled services, those of one agency together, for a counter's form."""
    with read() as session:
        query = (
            select(RegionService)
            .join(Service, Service.id == RegionService.service_id)
            .where(RegionService.enabled, Service.active)
            .order_by(Service.agency_id, Service.number)
        )
        return list(session.scalars(query))


def service_names(service_ids: Collection[int]) -> list[tuple[int, str]]:
    """Return the id and newest name of each of these services, in the catalogue's order."""
    with read() as session:
        found = [(service, text.name) for service, text, _row in _found(session)]
    return [(service.id, name) for service, name in found if service.id in service_ids]


def low_completeness(rows: Sequence[CatalogueRow]) -> list[CatalogueRow]:
    """Return the enabled services whose standard has fewer components than half."""
    return [row for row in rows if row.state == "on" and row.standard.completeness < LOW_COMPLETENESS]


def _found(
    session: Session, slug: str | None = None
) -> list[tuple[Service, ServiceStandard, RegionService | None]]:
    standard = aliased(ServiceStandard, newest_standards().subquery())
    query = (
        select(Service, standard, RegionService)
        .join(standard, standard.service_id == Service.id)
        .outerjoin(RegionService, RegionService.service_id == Service.id)
        .where(Service.active)
        .order_by(Service.number)
    )
    if slug is not None:
        query = query.where(Service.slug == slug)
    return [(service, text, row) for service, text, row in session.execute(query)]


def _row(service: Service, newest: ServiceStandard, row: RegionService | None) -> CatalogueRow:
    if row is None:
        return CatalogueRow(service, newest, None, None, False)
    pending = newest if newest.version > row.standard.version else None
    declined = pending is not None and row.declined_standard_id == pending.id
    return CatalogueRow(service, row.standard, row, pending, declined)
