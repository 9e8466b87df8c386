"""Buildings and their weeks."""

from __future__ import annotations

import dataclasses

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import FormField

from blueprints.admin import blueprint
from blueprints.admin.forms import HallForm, HoursForm
from blueprints.admin.saving import ID, INVALID, attempt, complaints
from mpp.tenancy.region import current_region
from tenants.hall import queries, service
from tenants.hall.calendar import WEEKDAYS, DaySchedule
from tenants.hall.limits import limits_of
from tenants.hall.models import Counter, Hall
from tenants.operations.queries import hall_statuses
from tenants.portal.words import days_text


@blueprint.get("/gedung")
def halls() -> ResponseReturnValue:
    """List the region's buildings, to staff of one building that one."""
    rows = queries.hall_rows(limits_of(current_user))
    return render_template("admin/halls.html", rows=rows, statuses=hall_statuses())


@blueprint.route("/gedung/tambah", methods=["GET", "POST"])
def new_hall() -> ResponseReturnValue:
    """Add a building."""
    form = HallForm()
    if form.validate_on_submit():
        hall = attempt(form, lambda: service.create_hall(_facts(form)))
        if hall:
            flash(f"{hall.name} ditambahkan. Isi sekarang jam buka, instansi, dan loketnya.", "ok")
            return redirect(url_for("admin.hall", hall_id=hall.id))
    errors = complaints(form)
    return render_template(
        "admin/hall_form.html", form=form, errors=errors, hall=None
    ), INVALID if errors else 200


@blueprint.get(f"/gedung/<{ID}:hall_id>")
def hall(hall_id: int) -> ResponseReturnValue:
    """Show a building: its counters first, then week, special days, agencies."""
    found = hall_or_404(hall_id)
    return render_template(
        "admin/hall.html", hall=found, status=hall_statuses().get(hall_id), counters=_own(queries.counters(hall_id)),
        retired=_own(queries.counters(hall_id, retired=True)), presences=queries.presences(hall_id),
        closures=queries.closures(hall_id, current_region().today()), weekdays=WEEKDAYS, days_text=_days_text,
        week={row.weekday: row for row in found.hours},
    )  # fmt: skip


@blueprint.route(f"/gedung/<{ID}:hall_id>/ubah", methods=["GET", "POST"])
def edit_hall(hall_id: int) -> ResponseReturnValue:
    """Change a building."""
    found = hall_or_404(hall_id)
    form = HallForm(data=None if request.method == "POST" else _hall_shown(found))
    if form.validate_on_submit():
        saved = attempt(
            form,
            lambda: service.save_hall(hall_id, _facts(form), seen=form.seen.data),
            lambda: service.seen_of(hall_or_404(hall_id)),
        )
        if saved:
            flash("Data gedung tersimpan dan sudah tampil di portal.", "ok")
            return redirect(url_for("admin.hall", hall_id=hall_id))
    errors = complaints(form)
    return render_template(
        "admin/hall_form.html", form=form, errors=errors, hall=found
    ), INVALID if errors else 200


@blueprint.route(f"/gedung/<{ID}:hall_id>/jam", methods=["GET", "POST"])
def hours(hall_id: int) -> ResponseReturnValue:
    """Change a building's week."""
    found = hall_or_404(hall_id)
    form = HoursForm(data=None if request.method == "POST" else _hours_shown(found))
    if form.validate_on_submit() and _whole(form):
        saved = attempt(
            form,
            lambda: service.save_hours(hall_id, _week(form), note=form.hours_note.data, seen=form.seen.data),
            lambda: service.seen_hours(hall_or_404(hall_id)),
        )
        if saved:
            flash("Jam buka tersimpan dan langsung berlaku.", "ok")
            return redirect(url_for("admin.hall", hall_id=hall_id))
    errors = complaints(form)
    return render_template(
        "admin/hours.html", form=form, errors=errors, hall=found
    ), INVALID if errors else 200


def hall_or_404(hall_id: int) -> Hall:
    """Return a building of this region, or end the request with 404."""
    found = queries.hall_by_id(hall_id)
    if found is None:
        abort(404)
    return found


def _own(counters: list[Counter]) -> list[Counter]:
    return [counter for counter in counters if limits_of(current_user).agency(counter.agency_id)]


def _days_text(weekdays: list[int] | None) -> str:
    return days_text(weekdays) if weekdays else "Setiap hari gedung buka"


def _facts(form: HallForm) -> service.HallFacts:
    names = [field.name for field in dataclasses.fields(service.HallFacts)]
    return service.HallFacts(**{name: form[name].data for name in names})


def _hall_shown(found: Hall) -> dict[str, object]:
    names = [field.name for field in dataclasses.fields(service.HallFacts)]
    return {"seen": service.seen_of(found), **{name: getattr(found, name) for name in names}}


def _hours_shown(found: Hall) -> dict[str, object]:
    days = {
        f"day{row.weekday}": {
            "opens": row.opens, "closes": row.closes, "break_starts": row.break_starts, "break_ends": row.break_ends,
        }
        for row in found.hours
    }  # fmt: skip
    return {"seen": service.seen_hours(found), "hours_note": found.hours_note, **days}


def _whole(form: HoursForm) -> bool:
    """A day has both ends or nothing; breaks alone are no day. Every wrong day is named at once."""
    for day in form.days:
        opens, closes = day.form.opens, day.form.closes
        if (opens.data is None) != (closes.data is None):
            field = closes if closes.data is None else opens
            field.errors = [*field.errors, "Isi jam buka dan jam tutup, atau kosongkan keduanya."]
        elif opens.data is None and (day.form.break_starts.data or day.form.break_ends.data):
            opens.errors = [*opens.errors, "Hari tutup tidak punya istirahat. Isi jam buka, atau kosongkan."]
        elif opens.data and (problem := service.day_problem(_schedule(day))):
            field = day.form[problem[0]]
            field.errors = [*field.errors, problem[1]]
    return not complaints(form)


def _week(form: HoursForm) -> dict[int, DaySchedule]:
    days = enumerate(form.days, start=1)
    return {weekday: _schedule(day) for weekday, day in days if day.form.opens.data is not None}


def _schedule(day: FormField) -> DaySchedule:
    form = day.form
    return DaySchedule(form.opens.data, form.closes.data, form.break_starts.data, form.break_ends.data)
