"""Signing in and out for the centre; the page is open to anybody."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, audience

blueprint = audience("central_auth", __name__, scope=Scope.CENTRAL, access=ANYBODY)

from blueprints.central_auth import views  # noqa: E402,F401  # views register themselves on the blueprint
