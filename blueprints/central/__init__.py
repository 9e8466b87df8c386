"""The super-admin's console at the centre's host."""

from __future__ import annotations

from blueprints.central import moments
from mpp.accounts.permissions import Action
from mpp.tenancy.resolver import Scope
from mpp.web import own_security
from mpp.web.access import CENTRAL_STAFF, Access, audience

CATALOGUE, OWN = Access(Action.CENTRE_SEE, Action.CENTRE_CATALOGUE), Access(Action.CENTRE_ACCOUNT)
PEOPLE, SUPPORT = Access(Action.CENTRE_STAFF_SEE, Action.CENTRE_STAFF_CHANGE), Access(Action.CENTRE_SUPPORT)
VIEWS = {
    "catalogue": CATALOGUE, "service": CATALOGUE, "edit_service": CATALOGUE, "service_activity": CATALOGUE,
    **dict.fromkeys(
        ("people", "new_person", "person", "person_link", "person_activity", "person_session_end", "person_sign_out",
         "person_factors", "link_again", "link_withdraw"), PEOPLE,
    ),
    **dict.fromkeys(
        ("support_ask", "support_access", "support_passkey", "support_hand_over", "support_end"), SUPPORT
    ),
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
    ("central.people", "Petugas pusat", "users"),
    ("central.audit_log", "Catatan", "history"),
    ("central.account", "Akun saya", "user"),
)


@blueprint.context_processor
def _context() -> dict[str, object]:
    return {"nav": NAV, "waktu": moments.moment, "hari": moments.day, "sejak": moments.since}


from blueprints.central import (  # noqa: E402,F401  # they register their views
    account,
    catalogue,
    editing,
    regions,
    staff,
    support,
    views,
)
