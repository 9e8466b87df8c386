"""Acting for somebody else, at the centre's host: the people on one's family card, and powers of attorney."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import CITIZEN, audience

blueprint = audience("family", __name__, scope=Scope.CENTRAL, access=CITIZEN, url_prefix="/akun")

from blueprints.family import members, powers  # noqa: E402,F401  # views register themselves on the blueprint
