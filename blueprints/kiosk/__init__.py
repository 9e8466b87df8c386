"""The kiosk: numbers and checking in, for machines of the hall that an administrator has let in."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import KIOSK, audience

blueprint = audience("kiosk", __name__, scope=Scope.REGION, access=KIOSK, url_prefix="/kios")

from blueprints.kiosk import (  # noqa: E402,F401  # views register themselves on the blueprint
    checking_in,
    choosing,
    place,
    start,
    taking,
)
