"""The portal's face and its announcements; for the region's administrators."""

from __future__ import annotations

from mpp.accounts.permissions import Action
from mpp.tenancy.resolver import Scope
from mpp.web.access import Access, audience

PORTAL = Access(Action.PORTAL_SEE, Action.PORTAL_CHANGE)
blueprint = audience("branding", __name__, scope=Scope.REGION, access=PORTAL, url_prefix="/admin")

from blueprints.branding import announcements, views  # noqa: E402,F401  # views register themselves on the blueprint
