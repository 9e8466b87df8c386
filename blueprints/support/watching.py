"""Everything that somebody of the centre opens in a region is written down first; what can't be is not shown."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, request
from flask_login import current_user

from blueprints.support import blueprint
from mpp.support import access, pages
from mpp.support.models import SupportAccess
from mpp.support.telling import KIND
from mpp.tenancy.region import current_region, region_or_none
from mpp.web.access import access_of

# What belongs to the look of any page, and shows nothing of a region's by itself.
UNWATCHED = frozenset({"static", "health"})
LOOKS = frozenset({"portal.theme", "portal.asset"})
# Of what stands in an address only names of things are written down: a ticket's code or a token opens something.
NAMES = ("slug", "word", "decision", "language", "unit", "move", "_scope")


@blueprint.before_app_request
def watch() -> None:
    """Write the page into both logs."""
    if region_or_none() is None or request.blueprint in UNWATCHED or request.endpoint in LOOKS:
        return
    if not current_user.is_authenticated or current_user.kind != KIND:
        return
    refused = request.endpoint is None or not access_of(current_app, request.endpoint).admits(
        current_user, request.method
    )
    pages.note(current_user.access, _path(), request.method, refused=refused)


@blueprint.app_context_processor
def _banner() -> dict[str, object]:
    """What the region's admins see on each of their pages; asked only where the shell of the desk asks for it."""
    return {"support_here": _here}


def _here() -> Sequence[SupportAccess]:
    if not current_user.is_authenticated or not current_user.is_admin or current_user.limited:
        return ()
    return access.alive(current_region().id)


def _path() -> str:
    """The address without its query, and without anything in it that is more than the name or number of a thing."""
    if request.url_rule is None:
        return "(alamat yang tidak ada)"
    path = request.path
    for name, value in (request.view_args or {}).items():
        if not isinstance(value, int) and not name.endswith(NAMES):
            path = path.replace(str(value), "…")
    return path
