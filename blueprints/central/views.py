"""The country, one region, and the centre's log: pages that only read."""

from __future__ import annotations

from flask import abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.central import blueprint, dots
from blueprints.central.forms import HostForm, SuspendForm
from mpp.web.flask import platform_app
from mpp.web.form_data import whole
from tenants.registry import console
from tenants.registry.directory import address
from tenants.registry.errors import UnknownRegionError

STATES = (
    ("", "Semua keadaan"),
    ("active", "Aktif"),
    ("suspended", "Ditangguhkan"),
    ("registered", "Sedang disiapkan"),
    ("macet", "Perlu perhatian"),
)
SORTS = (
    ("macet", "Perlu perhatian dulu"),
    ("nama", "Nama"),
    ("nomor", "Nomor hari ini"),
    ("lengkap", "Kelengkapan terendah"),
    ("kegiatan", "Paling lama diam"),
)


@blueprint.get("")
def overview() -> ResponseReturnValue:
    """The country as a table first, then as a map of dots."""
    filters = console.Filters(
        query=request.args.get("q", "").strip()[:120],
        province=request.args.get("provinsi", ""),
        state=request.args.get("keadaan", ""),
        sort=request.args.get("urut", console.SORTS[0]),
    )
    country = console.country(filters)
    return render_template(
        "central/overview.html",
        country=country,
        filters=filters,
        states=STATES,
        sorts=SORTS,
        map=dots.country_map(country.rows),
    )


@blueprint.get("/daerah/<slug>")
def region(slug: str) -> ResponseReturnValue:
    """One region's file, with what the centre can do to it."""
    return region_page(slug)


def region_page(
    slug: str, *, suspend_form: SuspendForm | None = None, host_form: HostForm | None = None
) -> ResponseReturnValue:
    """Render a region's page, also with a form that was refused (status 422)."""
    try:
        file = console.region_file(slug)
    except UnknownRegionError:
        abort(404)
    refused = suspend_form or host_form
    page = render_template(
        "central/region.html",
        file=file,
        portal=address(platform_app().settings, slug),
        suspend_form=suspend_form or SuspendForm(formdata=None),
        host_form=host_form or HostForm(formdata=None),
        suspend_open=suspend_form is not None,
    )
    return page, 422 if refused else 200


@blueprint.get("/daerah/<slug>/keadaan")
def region_state(slug: str) -> ResponseReturnValue:
    """The fragment that tells how far a new region is; the page asks for it again while it waits."""
    try:
        file = console.region_file(slug)
    except UnknownRegionError:
        abort(404)
    response = make_response(
        render_template(
            "central/_progress.html",
            file=file,
            portal=address(platform_app().settings, slug),
            page=url_for("central.region", slug=slug),
        )
    )
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/catatan")
def audit_log() -> ResponseReturnValue:
    """What the centre's people did, newest first."""
    action = request.args.get("tindakan", "")
    log = console.audit_log(request.args.get("halaman", 1, type=whole), action)
    return render_template("central/audit.html", log=log, action=action)
