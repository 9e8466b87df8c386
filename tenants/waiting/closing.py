"""Whether a newcomer can still be served before the counters close, and what to do instead."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from mpp.i18n import gettext as _
from mpp.tenancy.region import current_region
from tenants.hall.models import Hall
from tenants.services.models import RegionService
from tenants.waiting.elsewhere import instead
from tenants.waiting.service import UNLIKELY, outlook


def can_still_be_served(session: Session, hall: Hall, service: RegionService, moment: dt.datetime) -> bool:
    """Whether somebody who takes a number now is more likely than not called before the counters close.

    Where no officer sits: whether the line would fit into the day if the counters opened now. True also when nothing
    is known, the hall not being open today.
    """
    # The outlook is of now; of another day nothing is known.
    if moment.date() != current_region().today():
        return True
    known = outlook(session, hall)
    if known is not None and service.service_id in known.beyond.newcomers:
        return False
    wait = known.newcomers.get(service.service_id) if known else None
    return wait is None or wait.served >= UNLIKELY


def full_line(session: Session, hall: Hall, service: RegionService, moment: dt.datetime) -> str:
    """Return why no number is given any more today, and when or where one is."""
    text = _("Antrean layanan ini sudah penuh sampai tutup hari ini.")
    return f"{text} {instead(session, hall, service.service_id, moment)}".strip()
