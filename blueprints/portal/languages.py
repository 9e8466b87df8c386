"""A region offers the languages it has chosen: a wish for another one is read in Indonesian."""

from __future__ import annotations

from dataclasses import replace

from flask import g

from blueprints.portal import blueprint
from mpp import i18n
from mpp.tenancy.region import region_or_none
from mpp.web.preferences import preferences
from tenants.portal.site import site_view


@blueprint.before_app_request
def _only_own_languages() -> None:
    """On every page of a region, also those of other blueprints."""
    region = region_or_none()
    if region is None or "gate" not in g or preferences().language == i18n.SOURCE:
        return
    if preferences().language not in site_view(region, g.gate.version).languages:
        g.preferences = replace(preferences(), language=i18n.SOURCE)
        i18n.language.set(i18n.SOURCE)
