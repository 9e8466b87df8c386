"""What of the national catalogue is served in this region."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.catalogue.models import Service
from tenants.services.models import RegionService


def enabled_services(session: Session, *, agency_id: int | None = None) -> list[RegionService]:
    """Return the services that are on here, in the catalogue's order, of one agency if asked."""
    query = (
        select(RegionService)
        .join(Service, Service.id == RegionService.service_id)
        .where(RegionService.enabled, Service.active)
        .order_by(Service.number)
    )
    if agency_id is not None:
        query = query.where(Service.agency_id == agency_id)
    return list(session.scalars(query))


def enabled_service(session: Session, slug: str) -> RegionService | None:
    """Return the service of `slug` when it is on here, else None."""
    return session.scalar(
        select(RegionService)
        .join(Service, Service.id == RegionService.service_id)
        .where(RegionService.enabled, Service.active, Service.slug == slug)
    )


def enabled_among(session: Session, service_ids: Iterable[int]) -> dict[int, RegionService]:
    """Return the services of `service_ids` that are on here, by the national service's id."""
    wanted = list(service_ids)
    rows = session.scalars(
        select(RegionService)
        .join(Service, Service.id == RegionService.service_id)
        .where(RegionService.enabled, Service.active, RegionService.service_id.in_(wanted))
    )
    return {row.service_id: row for row in rows}
