"""The hall's display: numbers and counters, no person. Open to anybody."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, audience

blueprint = audience("display", __name__, scope=Scope.REGION, access=ANYBODY, url_prefix="/layar")

from blueprints.display import views  # noqa: E402,F401  # views register themselves on the blueprint
