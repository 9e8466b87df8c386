"""A region's daily numbers: computed inside the region, pushed to the centre, which never reads across schemas."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from sqlalchemy import ScalarSelect, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mpp.audit import AuditEntry
from mpp.database.session import central_write
from mpp.tenancy.models import RegionRecord, RegionRollup
from mpp.tenancy.region import Region
from tenants.catalogue.models import ServiceStandard
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.services.models import RegionService

# Yesterday is pushed again: its last tickets end after its last push.
DAYS_PUSHED = 2


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one local day; no person is in them."""

    tickets_issued: int
    tickets_completed: int
    tickets_no_show: int
    services_enabled: int
    # Mean over enabled services of the filled components, 0-14.
    completeness: float
    # From taking the number to the first call; None when nobody was called.
    median_wait_seconds: int | None


def push(session: Session, region: Region) -> None:
    """Compute the numbers of today and yesterday in `session` (the region's) and hand them to the centre.

    Safe to repeat: a day's row is replaced.
    """
    today = region.today()
    days = {
        day: numbers(session, day) for day in (today - dt.timedelta(days=back) for back in range(DAYS_PUSHED))
    }
    last = session.scalar(select(func.greatest(_newest(TicketEvent), _newest(AuditEntry))))
    with central_write() as centre:
        for day, found in days.items():
            values = asdict(found)
            row = insert(RegionRollup).values(region_id=region.id, day=day, **values)
            centre.execute(
                row.on_conflict_do_update(
                    index_elements=[RegionRollup.region_id, RegionRollup.day],
                    set_={**values, "pushed_at": func.now()},
                )
            )
        if last is not None:
            centre.execute(
                update(RegionRecord)
                .where(RegionRecord.id == region.id)
                .values(last_activity_at=func.greatest(RegionRecord.last_activity_at, last))
            )


def _newest(history: type[TicketEvent | AuditEntry]) -> ScalarSelect[dt.datetime]:
    """The moment of the last row of a history, found by its key."""
    return select(history.at).order_by(history.id.desc()).limit(1).scalar_subquery()


def numbers(session: Session, day: dt.date) -> Numbers:
    """Return the numbers of one local day of the region that `session` serves."""
    wait = func.extract("epoch", Ticket.called_at - Ticket.issued_at)
    issued, completed, absent, median = session.execute(
        select(
            func.count(),
            func.count().filter(Ticket.state == TicketState.COMPLETED),
            func.count().filter(Ticket.state == TicketState.NO_SHOW),
            func.percentile_cont(0.5).within_group(wait).filter(Ticket.called_at.is_not(None)),
        ).where(Ticket.local_day == day)
    ).one()
    enabled, completeness = session.execute(
        select(func.count(), func.coalesce(func.avg(ServiceStandard.completeness), 0))
        .select_from(RegionService)
        .join(ServiceStandard, ServiceStandard.id == RegionService.standard_id)
        .where(RegionService.enabled)
    ).one()
    return Numbers(
        tickets_issued=issued,
        tickets_completed=completed,
        tickets_no_show=absent,
        services_enabled=enabled,
        completeness=round(float(completeness), 2),
        median_wait_seconds=None if median is None else round(median),
    )
