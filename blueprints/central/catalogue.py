"""The national catalogue: the list, one service with its versions, and what differs between two of them."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.central import blueprint
from mpp.web.form_data import whole
from tenants.catalogue import versions
from tenants.catalogue.errors import UnknownServiceError


@blueprint.get("/katalog")
def catalogue() -> ResponseReturnValue:
    """All services with their newest version and how complete it is."""
    query, agency = request.args.get("q", "").strip()[:120], request.args.get("instansi", "")
    return render_template(
        "central/catalogue.html",
        rows=versions.listing(query, agency),
        agencies=versions.agencies(),
        query=query,
        agency=agency,
    )


@blueprint.get("/katalog/<slug>")
def service(slug: str) -> ResponseReturnValue:
    """One service: the version asked for with ?versi=, all versions, and the difference ?dari= … ?ke=."""
    return service_page(slug)


def service_page(slug: str, *, refused: str | None = None) -> ResponseReturnValue:
    """Render a service's page, also with an act that was refused (status 422)."""
    try:
        found = versions.service_with_versions(slug)
    except UnknownServiceError:
        abort(404)
    newest = found.standards[0]
    shown = versions.version_of(found, request.args.get("versi", type=whole)) or newest
    new = versions.version_of(found, request.args.get("ke", type=whole)) or shown
    before = request.args.get("dari", new.version - 1, type=whole)
    old = versions.version_of(found, before)
    page = render_template(
        "central/service.html",
        service=found,
        standard=shown,
        newest=newest,
        names=versions.component_names(),
        case_lines=versions.case_lines,
        fee_line=versions.fee_line,
        old=old,
        new=new,
        differences=versions.differences(old, new) if old and old is not new else [],
        refused=refused,
    )
    return page, 422 if refused else 200
