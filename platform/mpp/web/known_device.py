"""A browser that has signed in before carries a signed note of it: its tries at the password are counted apart.

The note opens nothing. It only keeps strangers' wrong tries from locking out who has been here before.
"""

from __future__ import annotations

import secrets

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from mpp.accounts.secrets import fingerprint
from mpp.tenancy.region import region_or_none
from mpp.web.flask import platform_app

DAYS_KEPT = 400
# A counter's computer is shared by a few people; the one who came first is forgotten.
MOST = 8


def device_of(email: str) -> str | None:
    """Return this browser's own name when `email` has signed in here before, else None."""
    name, accounts = _note()
    return name if name and _mark(email) in accounts else None


def browser() -> str:
    """Return the name of a browser that somebody has signed in with here; empty for any other."""
    return _note()[0]


def remember(response: Response, email: str) -> Response:
    """Note in the browser that `email` has signed in here."""
    name, accounts = _note()
    mark = _mark(email)
    kept = [*(account for account in accounts if account != mark), mark][-MOST:]
    response.set_cookie(
        _cookie(), _signer().dumps([name or secrets.token_urlsafe(12), kept]), max_age=DAYS_KEPT * 24 * 3600,
        path="/", httponly=True, samesite="Lax", secure=platform_app().settings.production,
    )  # fmt: skip
    return response


def _note() -> tuple[str, list[str]]:
    try:
        name, accounts = _signer().loads(request.cookies.get(_cookie(), ""))
    except (BadSignature, ValueError, TypeError):
        return "", []
    return str(name), [str(account) for account in accounts]


def _mark(email: str) -> str:
    return fingerprint("known", email.strip().lower()).hex()[:16]


def _signer() -> URLSafeSerializer:
    region = region_or_none()
    return URLSafeSerializer(str(current_app.secret_key), salt=f"known:{region.id if region else 'central'}")


def _cookie() -> str:
    # The prefix makes browsers themselves hold the cookie to this very host.
    return "__Host-kenal" if platform_app().settings.production else "kenal"
