"""Static files under an address that carries the hash of the whole tree: cached for good, never stale."""

from __future__ import annotations

import hashlib
from functools import cache

from flask import Response, send_from_directory

from mpp.settings import ROOT
from mpp.web.access import ANYBODY, audience

STATIC = ROOT / "static"
YEAR = 365 * 24 * 3600


@cache
def fingerprint() -> str:
    """Return the hash of all static files, taken once a process."""
    digest = hashlib.sha256()
    for path in sorted(p for p in STATIC.rglob("*") if p.is_file()):
        digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def static_url(path: str) -> str:
    """Return the immutable address of a static file."""
    return f"/static/{fingerprint()}/{path}"


blueprint = audience("static", __name__, scope=None, access=ANYBODY, url_prefix="/static")


@blueprint.get("/<version>/<path:path>")
def file(version: str, path: str) -> Response:
    """Serve one file; only the current fingerprint may be kept for good."""
    current = version == fingerprint()
    response = send_from_directory(STATIC, path, max_age=YEAR if current else 60)
    if current:
        response.cache_control.immutable = True
    response.cache_control.public = True
    return response
