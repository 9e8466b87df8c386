"""Made-up people for the drill: they exist inside one transaction that is never kept."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.tenancy.region import current_region
from tenants.hall.models import Hall
from tenants.privacy.leaks import LeakError, Scope
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.policies import new_code, new_key
from tenants.services.models import RegionService

HOW = "Latihan: salinan cadangan terbaca dari luar selama dua jam"
HANDLING = "Latihan: akses ditutup, kunci diganti, semua salinan diperiksa"
# No counter has this letter.
PREFIX = "LATIHAN"


def make_people(session: Session, people: int) -> Scope:
    """Add so many tickets of made-up people; return the leak that concerns just them. Raises LeakError."""
    hall = session.scalar(select(Hall.id).order_by(Hall.id).limit(1))
    service = session.scalar(select(RegionService.service_id).order_by(RegionService.id).limit(1))
    if hall is None or service is None:
        raise LeakError("daerah ini belum punya gedung atau layanan untuk latihan")
    now, start = dt.datetime.now(tz=dt.UTC), secrets.randbelow(1000)
    codes = [new_code() for _person in range(people)]
    session.add_all(
        Ticket(
            code=code, idempotency_key=new_key(), hall_id=hall, service_id=service, local_day=current_region().today(),
            prefix=PREFIX, number=start + number, state=TicketState.COMPLETED.value, holder=f"Orang Latihan {number}",
            phone=f"0812-9999-{number:04d}", channel="web",
        )
        for number, code in enumerate(codes)
    )  # fmt: skip
    session.flush()
    return Scope(now - dt.timedelta(hours=2), now, codes=codes)
