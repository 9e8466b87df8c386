"""Citizens at a region's host: coming in through the national account, agreeing, their own page, leaving."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, CITIZEN, audience

blueprint = audience(
    "people", __name__, scope=Scope.REGION, access=CITIZEN, url_prefix="/warga",
    views={
        "enter": ANYBODY, "back": ANYBODY, "consent": ANYBODY, "agree": ANYBODY, "decline": ANYBODY,
        "leave": ANYBODY, "left": ANYBODY,
    },
)  # fmt: skip

from blueprints.people import entering, views  # noqa: E402,F401  # views register themselves on the blueprint
