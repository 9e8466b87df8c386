"""Session cookies that hold on one host only: a cookie of region A is noise at region B."""

from __future__ import annotations

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from mpp.tenancy.region import region_or_none


class BoundSessions(SecureCookieSessionInterface):
    """Signs each cookie with a salt that names the region (or the centre)."""

    @property
    def salt(self) -> str:  # type: ignore[override]  # computed a request: threads share this object
        """The salt of the site at hand."""
        region = region_or_none()
        return f"session:{region.id if region else 'central'}"


def init_sessions(app: Flask, *, secure: bool) -> None:
    """Host-only, unreadable for scripts, not sent along from other sites."""
    app.session_interface = BoundSessions()
    app.config.update(
        SESSION_COOKIE_NAME="__Host-sesi" if secure else "sesi",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_DOMAIN=None,
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=12 * 3600,
    )
