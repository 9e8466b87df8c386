"""Where somebody of the centre enters a region by support access, and leaves it; each page seen is written down."""

from __future__ import annotations

from mpp.accounts.permissions import Action
from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, Access, audience

blueprint = audience(
    "support", __name__, scope=Scope.REGION, access=Access(Action.SUPPORT_OWN), url_prefix="/dukungan",
    views=dict.fromkeys(("begin", "enter", "over"), ANYBODY),
)  # fmt: skip

from blueprints.support import views, watching  # noqa: E402,F401  # they register themselves on the blueprint
