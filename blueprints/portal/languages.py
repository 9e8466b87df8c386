"""A region offers the languages it has chosen: a wish for another one is read in Indonesian."""

from __future__ import annotations

from dataclasses import replace

from flask import current_app, g, request

from blueprints.portal import blueprint
from mpp import i18n
from mpp.tenancy.region import region_or_none
from mpp.web.access import AudienceBlueprint
from mpp.web.preferences import preferences
from tenants.portal.site import site_view


@blueprint.before_app_request
def _only_own_languages() -> None:
    """On every page of a region, also those of other blueprints; a machine's pages have languages of their own."""
    region = region_or_none()
    asked = current_app.blueprints.get(request.blueprint or "")
    if isinstance(asked, AudienceBlueprint) and asked.access.device is not None:
        return
    if region is None or "gate" not in g or preferences().language == i18n.SOURCE:
        return
    if preferences().language not in site_view(region, g.gate.version).languages:
        g.preferences = replace(preferences(), language=i18n.SOURCE)
        i18n.language.set(i18n.SOURCE)
