"""The region's staff: who may enter, as what."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.admin import blueprint
from blueprints.admin.forms import ROLE_NOTES, NewStaffForm, StaffForm
from blueprints.admin.saving import ID, INVALID, attempt, complaints, press
from mpp.accounts import staff as service
from mpp.accounts.models import Role, Staff
from tenants.operations import officers


@blueprint.get("/petugas", endpoint="staff")
def staff_list() -> ResponseReturnValue:
    """List the region's staff."""
    return render_template("admin/staff.html", people=service.all_staff(), roles=service.ROLE_WORDS)


@blueprint.route("/petugas/tambah", methods=["GET", "POST"])
def new_staff() -> ResponseReturnValue:
    """Add a member of staff; the initial password stands on the answer and nowhere else."""
    form = NewStaffForm(role=Role.OFFICER.value)
    if form.validate_on_submit():
        made = attempt(
            form, lambda: service.create_staff(form.name.data, form.email.data, Role(form.role.data))
        )
        if made:
            return render_template("admin/password.html", person=made[0], password=made[1], new=True)
    errors = complaints(form)
    page = render_template("admin/staff_form.html", form=form, errors=errors, person=None, notes=ROLE_NOTES)
    return page, INVALID if errors else 200


@blueprint.route(f"/petugas/<{ID}:staff_id>", methods=["GET", "POST"])
def person(staff_id: int) -> ResponseReturnValue:
    """Change a member of staff, give a new password, or shut the person out."""
    found = _person(staff_id)
    shown = {"name": found.name, "role": found.role, "seen": service.mark(found)}
    form = StaffForm(data=None if request.method == "POST" else shown)
    if form.validate_on_submit():
        saved = attempt(
            form,
            lambda: officers.edit(
                staff_id,
                name=form.name.data,
                role=Role(form.role.data),
                seen=form.seen.data,
                by=current_user.id,
            ),
            lambda: service.mark(_person(staff_id)),
        )
        if saved:
            flash(f"Data {saved.name} tersimpan.", "ok")
            return redirect(url_for("admin.staff"))
    errors = complaints(form)
    page = render_template("admin/staff_form.html", form=form, errors=errors, person=found, notes=ROLE_NOTES)
    return page, INVALID if errors else 200


@blueprint.post(f"/petugas/<{ID}:staff_id>/sandi")
def reset_password(staff_id: int) -> ResponseReturnValue:
    """Give a new password; it stands on the answer and nowhere else."""
    _person(staff_id)
    if staff_id == current_user.id:
        return redirect(url_for("my_account.password"))
    changed, password = service.reset_password(staff_id)
    return render_template("admin/password.html", person=changed, password=password, new=False)


@blueprint.post(f"/petugas/<{ID}:staff_id>/<any(nonaktifkan, aktifkan):word>")
def staff_activity(staff_id: int, word: str) -> ResponseReturnValue:
    """Shut a member of staff out at once, or let the person in again."""
    if word == "aktifkan":
        press(lambda: service.reactivate(staff_id), lambda who: f"{who.name} bisa masuk lagi.")
    else:
        press(
            lambda: officers.deactivate(staff_id, by=current_user.id),
            lambda who: f"{who.name} tidak bisa masuk lagi. Sesi yang terbuka sudah berakhir.",
        )
    return redirect(url_for("admin.person", staff_id=staff_id))


def _person(staff_id: int) -> Staff:
    found = service.staff_by_id(staff_id)
    if found is None:
        abort(404)
    return found
