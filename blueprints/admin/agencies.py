"""Agencies in a building: which, on which days, under which name."""

from __future__ import annotations

import dataclasses

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.admin import blueprint
from blueprints.admin.forms import AgencyForm
from blueprints.admin.halls import hall_or_404
from blueprints.admin.saving import ID, INVALID, attempt, complaints, press
from tenants.hall import queries, service
from tenants.hall.models import AgencyPresence


@blueprint.route(f"/gedung/<{ID}:hall_id>/instansi/tambah", methods=["GET", "POST"])
def new_agency(hall_id: int) -> ResponseReturnValue:
    """Give an agency a desk in a building."""
    found = hall_or_404(hall_id)
    form = AgencyForm()
    form.agency.choices = [("", "Pilih instansi")] + [
        (agency.slug, agency.name) for agency in queries.absent_agencies(hall_id)
    ]
    if form.validate_on_submit():
        if form.agency.data not in dict(form.agency.choices) or not form.agency.data:
            form.agency.errors = ["Pilih instansi dari daftar."]
        else:
            row = attempt(form, lambda: service.add_agency(hall_id, form.agency.data, _facts(form)))
            if row:
                flash("Instansi ditambahkan. Beri ia loket supaya bisa melayani.", "ok")
                return redirect(url_for("admin.hall", hall_id=hall_id))
    errors = complaints(form)
    return (
        render_template("admin/agency.html", hall=found, form=form, errors=errors, row=None),
        INVALID if errors else 200,
    )


@blueprint.route(f"/gedung/<{ID}:hall_id>/instansi/<slug>", methods=["GET", "POST"])
def agency(hall_id: int, slug: str) -> ResponseReturnValue:
    """Change an agency's days, hours and name in a building."""
    found, row = hall_or_404(hall_id), _presence(hall_id, slug)
    form = AgencyForm(data=None if request.method == "POST" else _shown(row))
    form.agency.choices = [(slug, row.agency.name)]
    if form.validate_on_submit():
        saved = attempt(
            form,
            lambda: service.save_agency(hall_id, slug, _facts(form), seen=form.seen.data),
            lambda: service.seen_of(_presence(hall_id, slug)),
        )
        if saved:
            flash("Data instansi tersimpan dan sudah tampil di portal.", "ok")
            return redirect(url_for("admin.hall", hall_id=hall_id))
    errors = complaints(form)
    return (
        render_template("admin/agency.html", hall=found, form=form, errors=errors, row=row),
        INVALID if errors else 200,
    )


@blueprint.post(f"/gedung/<{ID}:hall_id>/instansi/<slug>/keluarkan")
def remove_agency(hall_id: int, slug: str) -> ResponseReturnValue:
    """Take an agency out of a building."""
    done = press(
        lambda: service.remove_agency(hall_id, slug), lambda name: f"{name} dikeluarkan dari gedung ini."
    )
    if done is None:
        return redirect(url_for("admin.agency", hall_id=hall_id, slug=slug))
    return redirect(url_for("admin.hall", hall_id=hall_id))


def _presence(hall_id: int, slug: str) -> AgencyPresence:
    row = queries.presence(hall_id, slug)
    if row is None:
        abort(404)
    return row


def _facts(form: AgencyForm) -> service.PresenceFacts:
    names = [field.name for field in dataclasses.fields(service.PresenceFacts)]
    values = {name: form[name].data for name in names} | {"weekdays": form.weekdays.chosen}
    return service.PresenceFacts(**values)


def _shown(row: AgencyPresence) -> dict[str, object]:
    names = [field.name for field in dataclasses.fields(service.PresenceFacts)]
    return {"seen": service.seen_of(row), **{name: getattr(row, name) for name in names}}
