"""The cookie of a machine: host-only, out of scripts' reach, kept for as long as browsers keep any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, request

from mpp.audit import Actor, actor
from mpp.tenancy.region import region_or_none
from mpp.web.flask import platform_app

# Browsers keep no cookie longer than 400 days; each visit of a device renews it.
DAYS_KEPT = 400
EXTENSION = "mpp.device_of"

Find = Callable[[str], Any]


def init_devices(app: Flask, device_of: Find) -> None:
    """Say whose a device's token is; the floor above knows, and names it here."""
    app.extensions[EXTENSION] = device_of


def current_device() -> Any:
    """Return the device that asks (with `kind`, `id`, `name`), None for any other visitor. Looked up once a request."""
    if "device" not in g:
        token = request.cookies.get(_name())
        found = platform_app().extensions[EXTENSION](token) if token and region_or_none() else None
        g.device = found
        if found is not None:
            actor.set(Actor("device", found.id, found.name, g.get("request_id")))
    return g.device


def has_device_token() -> bool:
    """Return whether the browser keeps a device's token, good or not: that of a machine shut out is kept too."""
    return _name() in request.cookies


def keep_device(response: Response, token: str | None = None) -> Response:
    """Put a device's token into its browser, or renew the one it has."""
    value = token or request.cookies.get(_name())
    if value:
        response.set_cookie(
            _name(), value, max_age=DAYS_KEPT * 24 * 3600, path="/", httponly=True, samesite="Lax",
            secure=platform_app().settings.production,
        )  # fmt: skip
    return response


def _name() -> str:
    # The prefix makes browsers themselves hold the cookie to this very host.
    return "__Host-perangkat" if platform_app().settings.production else "perangkat"
