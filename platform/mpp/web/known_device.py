"""A browser that has signed in before carries a signed note of it: its tries at the password are counted apart.

The note alone opens nothing. It keeps strangers' wrong tries from locking out who has been here before; and beside a
code to the telephone it tells an owner who comes back after long from whoever has got the number since.
"""

from __future__ import annotations

import secrets
from typing import TypedDict

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from mpp.accounts.secrets import fingerprint, fingerprints
from mpp.tenancy.region import region_or_none
from mpp.web.flask import platform_app

DAYS_KEPT = 400
# A counter's computer is shared by a few people; the one who came first is forgotten.
MOST = 16


class Trying(TypedDict):
    """Where a try comes from: its network, and this browser's own name where the account has been in here before."""

    address: str | None
    device: str | None


def device_of(handle: str) -> str | None:
    """Return this browser's own name when `handle` has signed in here before, else None."""
    name, accounts = _note()
    return name if name and any(mark in accounts for mark in _marks(handle)) else None


def trying(handle: str) -> Trying:
    """Return what a try at the account of `handle` is counted by."""
    return {"address": request.remote_addr, "device": device_of(handle)}


def browser() -> str:
    """Return the name of a browser that somebody has signed in with here; empty for any other."""
    return _note()[0]


def remember(response: Response, *handles: str) -> Response:
    """Note in the browser that an account has signed in here, by what names it."""
    name, accounts = _note()
    marks = [_marks(handle) for handle in handles]
    older = (account for account in accounts if not any(account in found for found in marks))
    kept = [*older, *(newest for newest, *_old in marks)][-MOST:]
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


def _marks(handle: str) -> list[str]:
    """Return the mark of an account, and those that a note from before a turn of the keys may bear."""
    wanted = handle.strip().lower()
    found = [fingerprint("known", wanted), *fingerprints("known", wanted)]
    return [mark.hex()[:16] for mark in found]


def _signer() -> URLSafeSerializer:
    region = region_or_none()
    return URLSafeSerializer(str(current_app.secret_key), salt=f"known:{region.id if region else 'central'}")


def _cookie() -> str:
    # The prefix makes browsers themselves hold the cookie to this very host.
    return "__Host-kenal" if platform_app().settings.production else "kenal"
