"""A region's portal for citizens: open to anybody, kept in the cache for visitors who are not signed in."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, audience
from tenants.services.view import agency_name, fee_headline

blueprint = audience("portal", __name__, scope=Scope.REGION, access=ANYBODY)


@blueprint.context_processor
def _words() -> dict[str, object]:
    """What the portal's templates say about fees and agencies, in the language at hand."""
    return {"fee_headline": fee_headline, "agency_name": agency_name}


from blueprints.portal import files, languages, pages, services  # noqa: E402,F401  # views register themselves on the blueprint
