"""Whole pages kept per region and content version, for visitors who are not signed in.

A page is kept as bytes, plain and compressed once. The key names the region, so no page can come from another;
the version in it comes from the gate of this very request, so a published change shows on the next one.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import blake2b
from typing import ParamSpec

import brotli
from flask import Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue

from mpp.tenancy.region import current_region
from mpp.web.preferences import preferences

P = ParamSpec("P")
Key = tuple[object, ...]
MOST_PAGES = 4000
# Live figures on a kept page (people waiting, open or closed) are this old at most, and say so.
SECONDS_LIVE = 10


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page in the encodings that browsers ask for."""

    etag: str
    bodies: dict[str, bytes]


class PageStore:
    """A bounded store of pages in this process; the least recently used goes first."""

    def __init__(self, most: int = MOST_PAGES) -> None:
        self._most = most
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Page | None:
        """Return the page kept under `key`."""
        with self._lock:
            page = self._pages.get(key)
            if page:
                self._pages.move_to_end(key)
            return page

    def put(self, key: Key, body: bytes) -> Page:
        """Keep `body` under `key` and return it as a page."""
        bodies = {"br": brotli.compress(body, quality=5), "gzip": gzip.compress(body, 6, mtime=0), "": body}
        page = Page(blake2b(body, digest_size=12).hexdigest(), bodies)
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)
        return page


store = PageStore()


def kept(
    *, live: bool = False
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Keep what the view renders for visitors without a session. `live` pages carry figures of the moment."""

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def cached(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if current_app.config["SESSION_COOKIE_NAME"] in request.cookies:
                return view(*args, **kwargs)
            key = _key(live)
            page = store.get(key)
            if page is None:
                response = make_response(view(*args, **kwargs))
                if response.status_code != 200 or "Set-Cookie" in response.headers:
                    return response
                page = store.put(key, response.get_data())
            return _respond(page)

        return cached

    return decorate


def _key(live: bool) -> Key:
    chosen = preferences()
    moment = int(time.time() // SECONDS_LIVE) if live else 0
    query = tuple(sorted(request.args.items(multi=True)))
    return (
        current_region().id, g.gate.version, request.path, query, chosen.language, chosen.contrast,
        chosen.large, moment, request.host,
    )  # fmt: skip


def _respond(page: Page) -> Response:
    if page.etag in request.if_none_match:
        response = Response(status=304)
    else:
        accepted = request.accept_encodings
        encoding = "br" if accepted["br"] else "gzip" if accepted["gzip"] else ""
        response = Response(page.bodies[encoding], mimetype="text/html")
        if encoding:
            response.headers["Content-Encoding"] = encoding
    response.set_etag(page.etag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept-Encoding, Cookie"
    return response
