"""The units of the voice: the region's own recording where there is one, else the national one."""

from __future__ import annotations

from functools import cache

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from blueprints.display import blueprint
from mpp.database.session import read
from mpp.web.static import STATIC
from tenants.queueing.speech import LANGUAGES, spoken_words
from tenants.sound.queries import own_unit

YEAR = 365 * 24 * 3600
NATIONAL = "nasional"


@blueprint.get("/suara/<language>/<unit>.ogg")
def unit(language: str, unit: str) -> ResponseReturnValue:
    """Return one unit. Its `v` changes with the voice and the release, so an address with it is kept for good.

    With `asal=nasional` the national one, whatever the region has: the administrator compares them.
    """
    if language not in LANGUAGES or unit not in spoken_words(language):
        abort(404)
    response = _own(language, unit) or Response(_national(language, unit), mimetype="audio/ogg")
    kept = bool(request.args.get("v"))
    response.cache_control.public = True
    response.cache_control.max_age = YEAR if kept else 60
    response.cache_control.immutable = kept
    return response


def _own(language: str, unit: str) -> Response | None:
    if request.args.get("asal") == NATIONAL:
        return None
    with read() as session:
        found = own_unit(session, language, unit)
        return Response(found.content, mimetype=found.content_type) if found else None


@cache
def _national(language: str, unit: str) -> bytes:
    """All of them together are smaller than one photograph: each process keeps them."""
    return (STATIC / "audio" / language / f"{unit}.ogg").read_bytes()
