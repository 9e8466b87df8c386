"""Rights over the national account's data, at the centre's host."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import CITIZEN, audience

blueprint = audience(
    "privacy_account", __name__, scope=Scope.CENTRAL, access=CITIZEN, url_prefix="/akun/data"
)

from blueprints.privacy_account import views  # noqa: E402,F401  # views register themselves on the blueprint
