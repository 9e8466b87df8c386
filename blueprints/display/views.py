"""The board as a page and, where no stream comes through, as a value to poll."""

from __future__ import annotations

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.display import blueprint
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.flask import platform_app
from mpp.web.headers import stream_address
from tenants.lobby.board import board as board_of
from tenants.lobby.board import hall_by_slug


@blueprint.get("/<hall_slug>")
def board(hall_slug: str) -> ResponseReturnValue:
    """Show the display of a hall."""
    with read() as session:
        hall = hall_by_slug(session, hall_slug)
        if hall is None:
            abort(404)
        return render_template(
            "display/board.html",
            hall=hall,
            board=board_of(session, hall),
            moment=current_region().now(),
            stream=stream_address(platform_app().settings, request.host, f"/events/hall/{hall.id}"),
        )


@blueprint.get("/<hall_slug>/keadaan")
def state(hall_slug: str) -> ResponseReturnValue:
    """Return the board as JSON, the same value as the stream's; 304 while nothing has changed."""
    with read() as session:
        hall = hall_by_slug(session, hall_slug)
        if hall is None:
            abort(404)
        shown = board_of(session, hall)
    response = Response(shown.as_json(), mimetype="application/json")
    response.set_etag(shown.version)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)
