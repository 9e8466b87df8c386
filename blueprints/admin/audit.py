"""The audit log, readable and filtered."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.admin import blueprint
from blueprints.admin.forms import FilterForm
from mpp.web.form_data import whole
from tenants.operations.audit_log import GROUPS, Filters, actors, log_page


@blueprint.get("/catatan", endpoint="audit")
def audit_log() -> ResponseReturnValue:
    """Show who did what, newest first."""
    form = FilterForm(request.args)
    form.oleh.choices = [("", "Semua orang")] + [(name, name) for name in actors()]
    form.jenis.choices = [("", "Semua hal"), *GROUPS]
    form.validate()
    filters = Filters(
        actor=_one_of(form.oleh), group=_one_of(form.jenis), since=form.dari.data, until=form.sampai.data
    )
    shown = log_page(filters, request.args.get("halaman", type=whole, default=1))
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in form and value}
    # The macro fills the number in; a mark that url_for leaves alone stands in its place.
    address = url_for("admin.audit", **kept) + ("&" if kept else "?") + "halaman={page}"
    return render_template("admin/audit.html", form=form, log=shown, address=address, filtered=bool(kept))


def _one_of(field: Any) -> str:
    known = {value for value, _label in field.choices}
    return str(field.data) if field.data in known else ""
