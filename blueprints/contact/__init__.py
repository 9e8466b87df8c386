"""A person's telephone number: covered, and shown as an act of its own to whoever serves them at a counter or desk."""

from __future__ import annotations

from mpp.accounts.permissions import Action
from mpp.tenancy.resolver import Scope
from mpp.web.access import Access, audience

blueprint = audience(
    "contact", __name__, scope=Scope.REGION, access=Access(Action.PHONE_SHOW), url_prefix="/nomor"
)

from blueprints.contact import views  # noqa: E402,F401  # views register themselves on the blueprint
