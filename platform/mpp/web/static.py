"""Static files under an address that carries the hash of the whole tree: cached for good, never stale."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import PurePosixPath

import brotli
from flask import Response, request, send_from_directory

from mpp.settings import ROOT
from mpp.web.access import ANYBODY, audience

STATIC = ROOT / "static"
YEAR = 365 * 24 * 3600
PACKED = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


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
    response = (_packed(path) if current else None) or send_from_directory(STATIC, path)
    response.cache_control.max_age = YEAR if current else 60
    response.cache_control.no_cache = None
    response.cache_control.immutable = current
    response.cache_control.public = True
    return response


def _packed(path: str) -> Response | None:
    """A text file in an encoding that the browser reads, packed once a process; None when it has to go as it is."""
    encoding = next((name for name in ("br", "gzip") if request.accept_encodings[name]), None)
    kind = PACKED.get(PurePosixPath(path).suffix)
    if encoding is None or kind is None or path not in _names():
        return None
    response = Response(_pack(path, encoding), mimetype=kind)
    response.headers["Content-Encoding"] = encoding
    response.headers["Vary"] = "Accept-Encoding"
    return response


@cache
def _names() -> frozenset[str]:
    return frozenset(p.relative_to(STATIC).as_posix() for p in STATIC.rglob("*") if p.is_file())


@cache
def _pack(path: str, encoding: str) -> bytes:
    body = (STATIC / path).read_bytes()
    return brotli.compress(body) if encoding == "br" else gzip.compress(body, 9, mtime=0)
