"""The board as a page and, where no stream comes through, as a value to poll."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from blueprints.display import blueprint
from blueprints.display.machine import display_here
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.device import keep_device
from mpp.web.flask import platform_app
from mpp.web.headers import stream_address
from mpp.web.static import fingerprint
from tenants.devices import service as devices
from tenants.hall.models import Hall
from tenants.hall.zones import zone_by_slug
from tenants.lobby.board import board as board_of
from tenants.lobby.board import hall_by_slug
from tenants.queueing.speech import LANGUAGES, sample, spoken_words


@blueprint.get("/layar/<hall_slug>", defaults={"zone_slug": None})
@blueprint.get("/layar/<hall_slug>/<zone_slug>")
def board(hall_slug: str, zone_slug: str | None) -> ResponseReturnValue:
    """Show the display of a hall, or of one zone of it."""
    device = display_here()
    with read() as session:
        hall, zone = _place(session, hall_slug, zone_slug)
        # Without a zone no query at all: one stream for all displays of the hall.
        stream = f"/events/hall/{hall.id}" + (f"?zona={quote(zone_slug)}" if zone_slug else "")
        page = render_template(
            "display/board.html",
            hall=hall,
            zone=zone,
            board=board_of(session, hall, zone),
            moment=current_region().now(),
            stream=stream_address(platform_app().settings, request.host, stream),
            poll=url_for("display.state", hall_slug=hall.slug, zona=zone_slug),
            # A display of another hall shows this one, but speaks and tells that it lives only at home.
            here=device if device is not None and device.hall_id == hall.id else None,
            release=fingerprint(),
            units={language: sorted(spoken_words(language)) for language in LANGUAGES},
            samples={language: sample(language) for language in LANGUAGES},
        )
    response = make_response(page)
    if device is not None:
        devices.seen(device)
        keep_device(response)
    return response


@blueprint.get("/keadaan/<hall_slug>")
def state(hall_slug: str) -> ResponseReturnValue:
    """Return the board as JSON, the same value as the stream's; 304 while nothing has changed.

    Its address is apart from the pages': no zone's name can take its place.
    """
    with read() as session:
        hall, zone = _place(session, hall_slug, request.args.get("zona"))
        shown = board_of(session, hall, zone)
    response = Response(shown.as_json(), mimetype="application/json")
    response.set_etag(shown.version)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


def _place(session: Session, hall_slug: str, zone_slug: str | None) -> tuple[Hall, str | None]:
    hall = hall_by_slug(session, hall_slug)
    if hall is None:
        abort(404)
    zone = zone_by_slug(session, hall.id, zone_slug) if zone_slug else None
    if zone_slug and zone is None:
        abort(404)
    return hall, zone
