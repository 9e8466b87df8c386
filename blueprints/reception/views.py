"""The desk's first page: services to give a number for, and the hall at a glance."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.reception import blueprint
from blueprints.reception.place import here
from mpp.database.session import read
from mpp.tenancy.region import current_region
from tenants.hall.limits import limits_of
from tenants.reception.queries import alerts, offered, room
from tenants.reception.story import find

# The hall at a glance is this old at most.
SECONDS_FRESH = 5


@blueprint.get("")
def desk() -> ResponseReturnValue:
    """Show the services of the hall, those that ?q= finds, and what goes on in the hall."""
    moment = current_region().now()
    with read() as session:
        place = here(session)
        return render_template(
            "reception/desk.html",
            place=place,
            found=offered(session, place.hall, request.args.get("q", "").strip()[:80], moment),
            room=room(session, place.hall),
            moment=moment,
            seconds=SECONDS_FRESH,
        )


@blueprint.get("/isi")
def body() -> ResponseReturnValue:
    """Return the hall at a glance; 304 while it has not changed."""
    with read() as session:
        page = render_template("reception/_room.html", room=room(session, here(session).hall))
    return _fresh(page)


@blueprint.get("/bantuan")
def calls_for_help() -> ResponseReturnValue:
    """Return the calls for help for every page of whoever should answer them; 304 while they are the same."""
    with read() as session:
        found = alerts(session, limits_of(current_user), current_user.id)
        page = render_template("reception/_alerts.html", alerts=found)
    return _fresh(page)


@blueprint.get("/cari")
def look_up() -> ResponseReturnValue:
    """Go to the ticket of a number, a code or a scanned QR code; when there is none, say so."""
    text = request.args.get("nomor", "").strip()[:200]
    with read() as session:
        place = here(session)
        found = find(session, place.hall.id, text) if text else None
    if found is not None:
        return redirect(url_for("reception.ticket", ticket_id=found))
    return render_template("reception/look_up.html", text=text, place=place), 404 if text else 200


def _fresh(page: str) -> ResponseReturnValue:
    response = make_response(page)
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)
