"""Parts of a building that have a display of their own, by the name that counters carry."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.hall.errors import CounterRuleError
from tenants.hall.models import Counter


def zone_slug(zone: str) -> str:
    """Return a zone's name as it stands in an address: "Lantai 2" is "lantai-2"."""
    return re.sub(r"[^a-z0-9]+", "-", zone.lower()).strip("-")


def zones_of(session: Session, hall_id: int) -> list[str]:
    """Return the zones of a hall in which counters in use stand, by name."""
    found = session.scalars(
        select(Counter.zone)
        .where(Counter.hall_id == hall_id, Counter.retired_at.is_(None), Counter.zone.is_not(None))
        .distinct()
        .order_by(Counter.zone)
    )
    return [zone for zone in found if zone]


def zone_by_slug(session: Session, hall_id: int, slug: str) -> str | None:
    """Return the zone of a hall with this slug, None when no counter in use stands in such a zone."""
    return next((zone for zone in zones_of(session, hall_id) if zone_slug(zone) == slug), None)


def spelled(session: Session, hall_id: int, zone: str | None) -> str | None:
    """Return a zone as the hall spells it already: "lantai 2" joins "Lantai 2". Raises CounterRuleError."""
    if zone is None:
        return None
    slug = zone_slug(zone)
    if not slug:
        raise CounterRuleError("Tulis nama bagian gedung dengan huruf atau angka, misalnya Lantai 2.", "zone")
    return next((known for known in zones_of(session, hall_id) if zone_slug(known) == slug), zone)
