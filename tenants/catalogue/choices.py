"""The national catalogue as a list to choose from: services under their agencies."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from mpp.database.session import central_read
from mpp.i18n import SOURCE, language
from tenants.catalogue.models import Agency, Service
from tenants.catalogue.queries import newest_standards


@dataclass(frozen=True, slots=True)
class Group:
    """An agency and its services in use, each (slug, name)."""

    slug: str
    name: str
    services: list[tuple[str, str]]


def groups() -> list[Group]:
    """Return the services in use by agency, in the catalogue's order and the page's language."""
    newest = newest_standards().subquery()
    query = (
        select(Agency, Service.slug, newest.c.name, newest.c.name_en)
        .join(Service, Service.agency_id == Agency.id)
        .join(newest, newest.c.service_id == Service.id)
        .where(Service.active)
        .order_by(Agency.position, Agency.id, Service.number)
    )
    own = language.get() == SOURCE
    found: dict[int, Group] = {}
    with central_read() as session:
        for agency, slug, name, name_en in session.execute(query):
            title = agency.name if own else agency.name_en or agency.name
            group = found.setdefault(agency.id, Group(agency.slug, title, []))
            group.services.append((slug, name if own else name_en or name))
    return list(found.values())
