"""Event streams of halls, in processes of their own. Open to anybody: they carry numbers and counters only."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, audience

blueprint = audience("events", __name__, scope=Scope.REGION, access=ANYBODY, url_prefix="/events")

from blueprints.events import views  # noqa: E402,F401  # views register themselves on the blueprint
