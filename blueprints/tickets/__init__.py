"""Queue numbers for citizens: people waiting now, taking a number, one's own ticket. Open to anybody."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, audience

blueprint = audience("tickets", __name__, scope=Scope.REGION, access=ANYBODY, url_prefix="/antrean")

from blueprints.tickets import owner, taking, views, why  # noqa: E402,F401  # views register themselves on the blueprint
