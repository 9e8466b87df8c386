"""The kiosk's first page, and its sign of life."""

from __future__ import annotations

import datetime as dt

from flask import Response, g, jsonify, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from blueprints.kiosk import blueprint
from blueprints.kiosk.place import Place, here, new_visit
from mpp.database.optimistic import fingerprint
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web import static
from mpp.web.device import keep_device
from tenants.devices import service
from tenants.devices.menu import menu
from tenants.portal.queries import HallNow, halls_now


@blueprint.get("/<hall_slug>")
def start(hall_slug: str) -> ResponseReturnValue:
    """Show the start of every visit: a number, or a number one has already."""
    place = here(hall_slug)
    service.seen(place.device)
    new_visit()
    moment = current_region().now()
    with read() as session:
        now, offered = _now(session, place, moment)
        page = render_template(
            "kiosk/start.html", now=now, offered=offered, moment=moment, mark=_mark(place, now, offered)
        )
    return keep_device(make_response(page))


@blueprint.get("/<hall_slug>/denyut")
def alive(hall_slug: str) -> Response:
    """Take the sign of life, and return a mark that changes when the first page would."""
    place = here(hall_slug)
    service.seen(place.device)
    with read() as session:
        now, offered = _now(session, place, current_region().now())
    return keep_device(jsonify(mark=_mark(place, now, offered)))


def _now(session: Session, place: Place, moment: dt.datetime) -> tuple[HallNow | None, int]:
    """The hall at this moment, and how many services give numbers."""
    now = next((one for one in halls_now(session, moment) if one.hall.id == place.hall.id), None)
    return now, menu(session, place.hall, place.settings, moment).offered


def _mark(place: Place, now: HallNow | None, offered: int) -> str:
    is_open = now is not None and now.line.open
    return fingerprint(
        static.fingerprint(), g.gate.version, place.settings, place.hall.name, is_open, offered > 0
    )
