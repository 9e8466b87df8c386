"""A citizen's national account at the centre's host: ways in, what is kept, what proves its owner, where it is open."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, CITIZEN, audience

blueprint = audience(
    "account", __name__, scope=Scope.CENTRAL, access=CITIZEN, url_prefix="/akun",
    views=dict.fromkeys(
        (
            "sign_in", "register", "code", "code_again", "name_new", "rested", "password_in", "passkey_in", "paper_in",
            "call_off",
        ),
        ANYBODY,
    ),
)  # fmt: skip

from blueprints.account import entering, numbers, own, security  # noqa: E402,F401  # views register themselves
