"""The directory's one page: by name, by province, or near me."""

from __future__ import annotations

import math

from flask import g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.directory import blueprint
from mpp.web.flask import platform_app
from tenants.registry import directory

SECONDS_KEPT = 60
MOST_NEAR = 12
LONGEST_QUERY = 120


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show the regions that fit ?q=, stand in ?provinsi= or lie near ?lat=&lon=; else all that are served."""
    places = directory.places()
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    provinces = directory.provinces(places)
    province = next((p for p in provinces if p.name == request.args.get("provinsi")), None)
    position = _position()
    g.kept_by_browser = True
    response = make_response(
        render_template(
            "directory/home.html",
            query=query,
            found=directory.find(places, query) if query else [],
            provinces=provinces,
            province=province,
            in_province=[p for p in places if province and p.province == province.name],
            near=directory.nearest(places, *position)[:MOST_NEAR] if position else [],
            asked_near="lat" in request.args,
            served=[p for p in places if p.served],
            total=len(places),
            address=lambda slug: directory.address(platform_app().settings, slug),
        )
    )
    if "lat" in request.args or "lon" in request.args:
        # A position stays out of every store, the browser's and the next server's alike.
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
    response.headers["Cache-Control"] = f"private, max-age={SECONDS_KEPT}"
    response.headers["Vary"] = "Cookie"
    response.add_etag()
    return response.make_conditional(request)


def _position() -> tuple[float, float] | None:
    """Return the position asked for, in degrees; None when it is missing or no position on Earth."""
    latitude, longitude = request.args.get("lat", type=float), request.args.get("lon", type=float)
    if latitude is None or longitude is None or not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
