"""The regional administrator's desk, for admins of the region alone."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ADMIN, audience

blueprint = audience("admin", __name__, scope=Scope.REGION, access=ADMIN, url_prefix="/admin")

from blueprints.admin import (  # noqa: E402,F401  # views register themselves on the blueprint
    agencies,
    audit,
    closures,
    counters,
    devices,
    halls,
    queue_rule,
    services,
    sound,
    staff,
    today,
)
