"""For those who find holes: whom to tell, and what browsers report of a page's policy. On every host."""

from __future__ import annotations

from mpp.web.access import PASSING, audience

blueprint = audience("security", __name__, scope=None, access=PASSING)

from blueprints.security import views  # noqa: E402,F401  # views register themselves on the blueprint
