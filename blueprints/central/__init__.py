"""The super-admin's console at the centre's host."""

from __future__ import annotations

from blueprints.central import moments
from mpp.tenancy.resolver import Scope
from mpp.web.access import CENTRAL_STAFF, audience

blueprint = audience("central", __name__, scope=Scope.CENTRAL, access=CENTRAL_STAFF, url_prefix="/pusat")

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
