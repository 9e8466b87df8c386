"""A hall's board as server-sent events."""

from __future__ import annotations

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from blueprints.events import blueprint
from blueprints.events.hub import hub
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.flask import platform_app
from tenants.hall.zones import zone_by_slug
from tenants.lobby.board import hall_by_id


@blueprint.get("/hall/<int:hall_id>")
def hall(hall_id: int) -> ResponseReturnValue:
    """Send the whole board now and after every change, and a sign of life every 15 seconds.

    The region is the host's, fixed here: nothing the client sends later can change it. With ?zona= only what that
    zone of the hall shows.
    """
    slug = request.args.get("zona")
    with read() as session:
        found = hall_by_id(session, hall_id)
        zone = zone_by_slug(session, found.id, slug) if found and slug else None
        if found is None or (slug and zone is None):
            abort(404)
    streams = hub(platform_app())
    listener = streams.listen(current_region(), hall_id, zone)
    if listener is None:
        abort(503)
    response = Response(listener.stream(), mimetype="text/event-stream")
    response.call_on_close(lambda: streams.leave(listener))
    response.headers["Cache-Control"] = "no-store"
    # Proxies must pass each event on at once.
    response.headers["X-Accel-Buffering"] = "no"
    response.headers["Vary"] = "Origin"
    if request.headers.get("Origin") == _own_origin():
        response.headers["Access-Control-Allow-Origin"] = _own_origin()
    return response


def _own_origin() -> str:
    """The origin of this very region's pages: they live on another port."""
    settings = platform_app().settings
    return f"{settings.scheme}://{request.host.partition(':')[0]}{settings.public_port}"
