"""Files of a region with addresses that change with their content: its theme and its images."""

from __future__ import annotations

from flask import Response, abort, g, request

from blueprints.portal import blueprint
from mpp.database.session import read
from mpp.tenancy.region import current_region
from tenants.portal.queries import asset as find_asset
from tenants.portal.site import site_view, theme_version
from tenants.portal.theme import theme_css

YEAR = 365 * 24 * 3600
MINUTE = 60


@blueprint.get("/tema.css")
def theme() -> Response:
    """Serve the region's colours; the address with the right ?v= may be kept for good."""
    site = site_view(current_region(), g.gate.version)
    response = Response(theme_css(site.color_1, site.color_2), mimetype="text/css")
    current = request.args.get("v") == theme_version(site.color_1, site.color_2)
    return _keep(response, current)


@blueprint.get("/berkas/<sha256>")
def asset(sha256: str) -> Response:
    """Serve an image of this region: its address is the hash of its bytes, so it never changes."""
    with read() as session:
        found = find_asset(session, sha256)
    if found is None:
        abort(404)
    return _keep(Response(found.content, mimetype=found.content_type), True)


def _keep(response: Response, for_good: bool) -> Response:
    response.cache_control.public = True
    response.cache_control.max_age = YEAR if for_good else MINUTE
    response.cache_control.immutable = for_good
    return response
