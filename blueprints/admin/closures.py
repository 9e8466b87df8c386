"""Days that differ from the week: closed, or open although the nation rests."""

from __future__ import annotations

import datetime as dt

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.admin import blueprint
from blueprints.admin.forms import ClosureForm
from blueprints.admin.halls import hall_or_404
from blueprints.admin.saving import ID, INVALID, attempt, complaints, press
from mpp.tenancy.region import current_region
from tenants.hall import queries, service
from tenants.operations.queries import holidays_ahead


@blueprint.route(f"/gedung/<{ID}:hall_id>/hari-khusus", methods=["GET", "POST"])
def closures(hall_id: int) -> ResponseReturnValue:
    """Show a building's special days and add one."""
    found = hall_or_404(hall_id)
    form = ClosureForm()
    if form.validate_on_submit():
        last: dt.date = form.ends_on.data or form.starts_on.data
        row = attempt(
            form,
            lambda: service.add_closure(
                hall_id, form.starts_on.data, last, form.reason.data, opens=form.kind.data == "open"
            ),
        )
        if row:
            flash("Hari khusus tersimpan dan sudah tampil di portal.", "ok")
            return redirect(url_for("admin.closures", hall_id=hall_id))
    errors = complaints(form)
    today = current_region().today()
    return (
        render_template(
            "admin/closures.html", hall=found, form=form, errors=errors, today=today,
            closures=queries.closures(hall_id, today), holidays=holidays_ahead(today),
        ),
        INVALID if errors else 200,
    )  # fmt: skip


@blueprint.post(f"/gedung/<{ID}:hall_id>/hari-khusus/<{ID}:closure_id>/hapus")
def remove_closure(hall_id: int, closure_id: int) -> ResponseReturnValue:
    """Take a special day back."""
    press(lambda: service.remove_closure(hall_id, closure_id), lambda _none: "Hari khusus dihapus.")
    return redirect(url_for("admin.closures", hall_id=hall_id))
