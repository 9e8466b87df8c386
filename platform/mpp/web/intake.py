"""What is refused before anything else looks at it: forms from other pages, and text that no keyboard makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request

from mpp.observability import log
from mpp.web.access import LOOKING

NUL = "\0"
FORM = "application/x-www-form-urlencoded"
# Longer than any form without files; such a form is read in one piece.
LONGEST_FORM = 500_000
_MOST = "mpp_most_bytes"
View = TypeVar("View", bound=Callable[..., Any])


def takes(most: int) -> Callable[[View], View]:
    """Return the decorator that lets one view take a body of so many bytes, beyond what the others take."""

    def decorate(view: View) -> View:
        setattr(view, _MOST, most)
        return view

    return decorate


def init_intake(app: Flask) -> None:
    """Answer 400 to what no browser of ours sends."""

    @app.before_request
    def _sober() -> None:
        most = getattr(current_app.view_functions.get(request.endpoint or ""), _MOST, None)
        if request.mimetype == FORM:
            request.max_content_length = LONGEST_FORM
        elif most is not None:
            request.max_content_length = most
        if request.method not in LOOKING and _foreign():
            log.warning("form from elsewhere")
            abort(400)
        if _has_nul():
            abort(400)


def _foreign() -> bool:
    """Whether a browser says that this was sent by a page of another host: also a neighbour's under our own domain.

    Programs without an Origin (another server, a command) pass: they carry nobody's cookies.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
    return urlsplit(origin).netloc.lower() != request.host.lower()


def _has_nul() -> bool:
    """Whether a NUL is in the address or the form; PostgreSQL keeps none, so no one may come that far."""
    if NUL in request.path or any(NUL in text for pair in request.args.items(multi=True) for text in pair):
        return True
    return any(NUL in text for pair in request.form.items(multi=True) for text in pair)
