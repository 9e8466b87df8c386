"""One's own account, for every member of a region's staff."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web import own_security
from mpp.web.access import ANY_STAFF, audience

blueprint = audience("my_account", __name__, scope=Scope.REGION, access=ANY_STAFF, url_prefix="/akun-saya")
own_security.register(blueprint, "/keamanan", frame="base/staff.html", sign_in="auth.sign_in")

from blueprints.my_account import views  # noqa: E402,F401  # views register themselves on the blueprint
