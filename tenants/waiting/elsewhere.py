"""When and where else a service can be had, for those whom today's counters will not reach."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.i18n import clock, full_date
from mpp.i18n import gettext as _
from tenants.hall.hours import service_status
from tenants.hall.models import Counter, Hall
from tenants.hall.serving import pairs_now
from tenants.queueing.policies import EARLY
from tenants.services.models import RegionService


def instead(session: Session, hall: Hall, service_id: int, moment: dt.datetime) -> str:
    """Return the next day's first number and the other halls that serve it, as sentences; "" when nothing is known."""
    row = session.scalar(select(RegionService).where(RegionService.service_id == service_id))
    if row is None:
        return ""
    sentences = []
    # Asked as of tomorrow's first moment: also where a hall never closes, what comes is not of today.
    tomorrow = dt.datetime.combine(moment.date() + dt.timedelta(days=1), dt.time.min, tzinfo=moment.tzinfo)
    coming = service_status(session, hall, row, tomorrow)
    if coming.opens_at is not None:
        # A number is good for the day on which it is taken.
        midnight = dt.datetime.combine(coming.opens_at.date(), dt.time.min, tzinfo=moment.tzinfo)
        first = max(midnight, coming.opens_at - EARLY)
        text = _("Nomor dibuka lagi %(day)s pukul %(time)s.", day=full_date(first), time=clock(first))
        sentences.append(text)
    pairs = pairs_now().subquery()
    others = session.scalars(
        select(Hall.name)
        .join(Counter, Counter.hall_id == Hall.id)
        .join(pairs, pairs.c.counter_id == Counter.id)
        .where(pairs.c.service_id == service_id)
        .where(Hall.active, Hall.id != hall.id)
        .distinct()
        .order_by(Hall.name)
    ).all()
    if others:
        sentences.append(_("Layanan ini juga ada di %(halls)s.", halls=", ".join(others)))
    return " ".join(sentences)
