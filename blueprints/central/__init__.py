"""The super-admin's console at the centre's host."""

from __future__ import annotations

from blueprints.central import moments
from mpp.accounts.permissions import Action
from mpp.tenancy.resolver import Scope
from mpp.web import own_security
from mpp.web.access import CENTRAL_STAFF, Access, audience

CATALOGUE, OWN = Access(Action.CENTRE_SEE, Action.CENTRE_CATALOGUE), Access(Action.CENTRE_ACCOUNT)
VIEWS = {
    "catalogue": CATALOGUE, "service": CATALOGUE, "edit_service": CATALOGUE, "service_activity": CATALOGUE,
    "account": OWN, **dict.fromkeys(own_security.VIEWS, OWN),
}  # fmt: skip
blueprint = audience(
    "central", __name__, scope=Scope.CENTRAL, access=CENTRAL_STAFF, url_prefix="/pusat", views=VIEWS
)
own_security.register(
    blueprint, "/akun/keamanan", frame="central/_shell.html", sign_in="central_auth.sign_in"
)

NAV = (
    ("central.overview", "Daerah", "map"),
    ("central.catalogue", "Katalog nasional", "list"),
    ("central.audit_log", "Catatan", "history"),
    ("central.account", "Akun saya", "user"),
)


@blueprint.context_processor
def _context() -> dict[str, object]:
    return {"nav": NAV, "waktu": moments.moment, "hari": moments.day, "sejak": moments.since}


from blueprints.central import account, catalogue, editing, regions, views  # noqa: E402,F401  # they register their views
