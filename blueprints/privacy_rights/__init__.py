"""Rights over one's own data at a region: for who is signed in, for a guest with a proof, and the admin who decides."""

from __future__ import annotations

from mpp.accounts.permissions import Action
from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, CITIZEN, Access, audience

GUEST = ("ask", "code", "send_code")
# The pages of one's own data, once for each way of proving whose they are.
OWN = ("show", "download", "file", "correct", "take_back", "leave", "erase")
DECIDE = Access(Action.RIGHTS_DECIDE)

blueprint = audience(
    "privacy_rights", __name__, scope=Scope.REGION, access=CITIZEN,
    views={
        **dict.fromkeys((*GUEST, *(f"guest_{view}" for view in OWN), "guest_end"), ANYBODY),
        **dict.fromkeys(("desk", "find", "decide", "document"), DECIDE),
    },
)  # fmt: skip

from blueprints.privacy_rights import desk, guest, own  # noqa: E402,F401  # views register themselves on the blueprint
