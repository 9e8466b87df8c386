"""Helper mode of a region's staff: filling in for a person who is there and agrees. Seen on every page."""

from __future__ import annotations

from mpp.accounts.permissions import Action
from mpp.tenancy.resolver import Scope
from mpp.web.access import Access, audience

blueprint = audience("helping", __name__, scope=Scope.REGION, access=Access(Action.HELP), url_prefix="/bantu")

from blueprints.helping import views  # noqa: E402,F401  # views register themselves on the blueprint
