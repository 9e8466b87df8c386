"""What of a hall's day is counted in public, because it moves somebody past others by an officer's hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from mpp.tenancy.region import current_region
from tenants.queueing.models import TicketEvent


@dataclass(frozen=True, slots=True)
class Counted:
    """Calls out of order, and numbers that an officer has made priority ones."""

    out_of_order: int
    raised: int


def counted_today(session: Session, hall_id: int) -> Counted:
    """Return what a hall has had of both on its local day."""
    row = session.execute(select(_with(hall_id, "out_of_order"), _with(hall_id, "raised"))).one()
    return Counted(row[0], row[1])


def _with(hall_id: int, mark: str) -> ScalarSelect[int]:
    region = current_region()
    midnight = dt.datetime.combine(region.today(), dt.time.min, tzinfo=region.zone)
    rows = select(func.count()).select_from(TicketEvent).where(TicketEvent.hall_id == hall_id)
    marked = rows.where(TicketEvent.at >= midnight, TicketEvent.data[mark].astext == "true")
    return marked.scalar_subquery()
