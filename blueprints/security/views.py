"""The file of RFC 9116, and the place for browsers' reports."""

from __future__ import annotations

import datetime as dt
import json
import re
from urllib.parse import urlsplit

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from blueprints.security import blueprint
from mpp.observability import log
from mpp.web.flask import platform_app
from mpp.web.headers import REPORTS
from mpp.web.kernel import csrf
from mpp.web.limits import limited

# RFC 9116: less than a year. Whoever runs the platform keeps the contact true for as long as it is served.
VALID = dt.timedelta(days=180)
# A report is a handful of short words.
LONGEST = 20_000
DIRECTIVE = re.compile(r"[a-z-]{3,40}")


@blueprint.get("/.well-known/security.txt")
def contact() -> ResponseReturnValue:
    """Return whom to tell of a hole; 404 while the operator has named nobody."""
    settings = platform_app().settings
    if settings.security_contact is None:
        abort(404)
    expires = (dt.datetime.now(tz=dt.UTC) + VALID).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {settings.security_contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: id, en",
        f"Canonical: {settings.scheme}://{settings.domain}{settings.public_port}/.well-known/security.txt",
    )
    response = Response("\n".join((*lines, "")), mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@blueprint.post(REPORTS)
# Browsers send it by themselves, and it changes nothing.
@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF publishes no types
@limited("report")
def report() -> ResponseReturnValue:
    """Write down which rule stopped something on which page; the rest of a report may hold anything and is let go."""
    if (request.content_length or 0) <= LONGEST:
        for directive, route in _told(request.get_data(as_text=True)):
            log.warning("page policy", directive=directive, page=route)
    return "", 204


def _told(text: str) -> list[tuple[str, str]]:
    """Return directive and route of the report that `text` is; nothing when it is none."""
    try:
        found = json.loads(text)["csp-report"]
        directive = str(found.get("effective-directive") or found.get("violated-directive")).partition(" ")[0]
        address = urlsplit(str(found["document-uri"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
    return [(directive, _route(address.path))] if DIRECTIVE.fullmatch(directive) else []


def _route(path: str) -> str:
    """Return the route of a page: its path may hold a ticket's code."""
    adapter = platform_app().create_url_adapter(request)
    try:
        return str(adapter.match(path, method="GET", return_rule=True)[0]) if adapter else "?"
    except HTTPException:
        return "?"
