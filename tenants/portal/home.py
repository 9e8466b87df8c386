"""What the home page shows, for the portal itself and for the preview of a face that is not published yet."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from tenants.portal import queries
from tenants.services.queries import enabled_services


def home_view(session: Session, moment: dt.datetime) -> dict[str, Any]:
    """Return the variables of templates/portal/home.html at `moment` (in the region's zone)."""
    services = enabled_services(session)
    return {
        "moment": moment,
        "services": services,
        "wishes": queries.wishes(services),
        "events": queries.life_events(session),
        "halls": queries.halls_now(session, moment),
        "waiting": queries.waiting(session, services, moment.date()),
        "notices": queries.announcements(session, moment.date()),
        "agencies": queries.agencies(session, moment),
    }
