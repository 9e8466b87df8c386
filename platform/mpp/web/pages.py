"""Whole pages kept per region and content version, for visitors who are not signed in.

A page is kept as bytes, plain and compressed once, with the headers it went out with. The key names the region,
so no page can come from another; the version in it comes from the gate of this very request, so a published
change shows on the next one. A kept page is answered before Flask is woken.
"""

from __future__ import annotations

import gzip
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import wraps
from hashlib import blake2b
from typing import TYPE_CHECKING, ParamSpec

import brotli
from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue
from werkzeug.http import parse_cookie

from mpp.tenancy.gate import Gate
from mpp.tenancy.region import Region, current_region
from mpp.web.preferences import COOKIES, HOST_ONLY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
Key = tuple[object, ...]
MOST_PAGES = 4000
# Live figures on a kept page (people waiting, open or closed) are this old at most, and say so.
SECONDS_LIVE = 10
SECONDS_GRACE = 2
# Made anew for each answer.
PASSING = {"x-request-id", "content-length", "content-encoding", "vary", "etag", "cache-control", "date"}


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page in the encodings that browsers ask for, good until a moment of time.monotonic()."""

    etag: str
    bodies: dict[str, bytes]
    headers: tuple[tuple[str, str], ...]
    until: float


class PageStore:
    """A bounded store of pages in this process; the least recently used goes first."""

    def __init__(self, most: int = MOST_PAGES) -> None:
        self._most = most
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Page | None:
        """Return the page kept under `key`, if it is still good.

        Of all who find it out of date only the first is sent to make it anew; the others get it for a moment
        more, or a crowd would render the same page many times over.
        """
        with self._lock:
            page = self._pages.get(key)
            if page is None:
                return None
            self._pages.move_to_end(key)
            now = time.monotonic()
            if page.until >= now:
                return page
            self._pages[key] = replace(page, until=now + SECONDS_GRACE)
            return None

    def put(self, key: Key, body: bytes, headers: Iterable[tuple[str, str]], seconds: float) -> Page:
        """Keep `body` under `key` for `seconds` and return it as a page."""
        bodies = {"br": brotli.compress(body, quality=5), "gzip": gzip.compress(body, 6, mtime=0), "": body}
        etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        lasting = tuple((name, value) for name, value in headers if name.lower() not in PASSING)
        page = Page(etag, bodies, lasting, time.monotonic() + seconds)
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)
        return page

    def clear(self) -> None:
        """Forget every page."""
        with self._lock:
            self._pages.clear()


store = PageStore()


def kept(*, live: bool = False) -> Callable[[View[P]], View[P]]:
    """Keep what the view renders for visitors without a session. `live` pages carry figures of the moment."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def keeping(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            g.keep = SECONDS_LIVE if live else float("inf")
            return view(*args, **kwargs)

        return keeping

    return decorate


def front(
    environ: WSGIEnvironment, start_response: StartResponse, region: Region, gate: Gate, session_cookie: str
) -> Iterable[bytes] | None:
    """Answer with a kept page, or return None: then Flask makes the page."""
    key = _key(environ, region, gate, session_cookie)
    page = store.get(key) if key and gate.open else None
    if page is None:
        return None
    status, headers, body = _answer(page, environ)
    start_response(status, headers)
    return [body]


def init_pages(app: Flask) -> None:
    """Keep pages as they leave `app`: registered first, so that it sees every other header."""

    @app.after_request
    def _keep(response: Response) -> Response:
        seconds = g.pop("keep", None)
        if seconds is None or request.method != "GET" or response.status_code != 200:
            return response
        key = _key(request.environ, current_region(), g.gate, app.config["SESSION_COOKIE_NAME"])
        if key is None or "Set-Cookie" in response.headers:
            return response
        page = store.put(key, response.get_data(), response.headers.items(), seconds)
        status, headers, body = _answer(page, request.environ)
        return Response(body, status, headers)


def _key(environ: WSGIEnvironment, region: Region, gate: Gate, session_cookie: str) -> Key | None:
    """What tells one page from another; None when this visitor's page is not to be kept."""
    query = environ.get("QUERY_STRING", "")
    if any(name in query for name in COOKIES):
        return None
    raw = environ.get("HTTP_COOKIE", "")
    chosen: tuple[str | None, ...] = ()
    if raw:
        cookies = parse_cookie(raw)
        if session_cookie in cookies:
            return None
        prefix = HOST_ONLY if session_cookie.startswith(HOST_ONLY) else ""
        chosen = tuple(cookies.get(prefix + name) for name in COOKIES)
    return region.id, gate.version, environ.get("HTTP_HOST"), environ.get("PATH_INFO"), query, chosen


def _answer(page: Page, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    encoding = "br" if "br" in accepted else "gzip" if "gzip" in accepted else ""
    headers = [
        *page.headers,
        ("ETag", page.etag),
        ("Cache-Control", "private, no-cache"),
        ("Vary", "Accept-Encoding, Cookie"),
        ("X-Request-Id", uuid.uuid4().hex[:16]),
    ]
    if page.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        return "304 NOT MODIFIED", headers, b""
    body = page.bodies[encoding]
    if encoding:
        headers.append(("Content-Encoding", encoding))
    headers.append(("Content-Length", str(len(body))))
    return "200 OK", headers, body
