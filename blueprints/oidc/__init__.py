"""The OpenID provider at the centre's host: where regions send their people, and ask who came back."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, CITIZEN, audience

blueprint = audience(
    "oidc", __name__, scope=Scope.CENTRAL, access=ANYBODY,
    views=dict.fromkeys(("partner", "partner_link", "partner_unlink"), CITIZEN),
)  # fmt: skip

from blueprints.oidc import machine, partner, views  # noqa: E402,F401  # views register themselves on the blueprint
