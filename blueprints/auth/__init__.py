"""Signing in and out for a region's staff; the page is open to anybody."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, audience

blueprint = audience("auth", __name__, scope=Scope.REGION, access=ANYBODY)

from blueprints.auth import views  # noqa: E402,F401  # views register themselves on the blueprint
