"""The hall in which this desk stands: chosen once, remembered in the session."""

from __future__ import annotations

from flask import abort, request, session
from flask_login import current_user
from sqlalchemy.orm import Session

from tenants.hall.models import Hall
from tenants.queueing.policies import Officer
from tenants.reception.queries import halls

KEPT = "gedung"


class Here:
    """The halls in use and the one at hand; `?gedung=<slug>` changes it."""

    def __init__(self, found: list[Hall]) -> None:
        self.halls = found
        asked = request.args.get(KEPT)
        if asked is not None:
            self.hall = next((hall for hall in found if hall.slug == asked), found[0])
            session[KEPT] = self.hall.id
        else:
            kept = session.get(KEPT)
            self.hall = next((hall for hall in found if hall.id == kept), found[0])


def here(data: Session) -> Here:
    """Return where this desk stands; without any hall in use there is no desk. Some staff have one hall only."""
    found = [hall for hall in halls(data) if current_user.hall_id in (None, hall.id)]
    if not found:
        abort(409, "Belum ada gedung yang dipakai. Minta admin menambahkannya.")
    return Here(found)


def officer() -> Officer:
    """Return who is signed in, as the queue knows them."""
    return Officer(current_user.id, current_user.is_admin)
