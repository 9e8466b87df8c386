"""The region's staff: who may enter, as what; invitations, links, and signing people out."""

from __future__ import annotations

import datetime as dt

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.admin import blueprint
from blueprints.admin.saving import ID, INVALID, attempt, complaints, press
from blueprints.admin.staff_forms import ROLE_NOTES, InviteForm, StaffForm
from mpp.accounts import links
from mpp.accounts import staff as service
from mpp.accounts.models import Role, Staff
from mpp.accounts.passwords import compulsory
from mpp.accounts.proof_models import LinkColumns
from mpp.web.link_pages import address_of
from tenants.hall import queries
from tenants.operations import officers


@blueprint.get("/petugas", endpoint="staff")
def staff_list() -> ResponseReturnValue:
    """List the region's staff and the invitations nobody has used."""
    people = service.all_staff()
    return render_template(
        "admin/staff.html", people=people, links=links.open_links(), roles=service.ROLE_WORDS,
        names={person.id: person.name for person in people}, places=queries.place_names(),
        now=dt.datetime.now(tz=dt.UTC),
    )  # fmt: skip


@blueprint.route("/petugas/undang", methods=["GET", "POST"])
def new_staff() -> ResponseReturnValue:
    """Invite somebody; the link stands on the answer and nowhere else."""
    form = InviteForm(role=Role.OFFICER.value)
    form.offer()
    if form.validate_on_submit():
        post = form.post()
        made = attempt(form, lambda: links.invite(form.email.data, post)) if post else None
        if made:
            return _link_page(*made)
    errors = complaints(form)
    page = render_template("admin/staff_invite.html", form=form, errors=errors, notes=ROLE_NOTES)
    return page, INVALID if errors else 200


@blueprint.route(f"/petugas/<{ID}:staff_id>", methods=["GET", "POST"])
def person(staff_id: int) -> ResponseReturnValue:
    """Change a member of staff, sign the person out somewhere, make a link, or shut the person out."""
    found = _person(staff_id)
    shown = {
        "name": found.name, "role": found.role, "seen": service.mark(found),
        "hall": str(found.hall_id or ""), "agency": str(found.agency_id or ""),
    }  # fmt: skip
    form = StaffForm(data=None if request.method == "POST" else shown)
    form.offer()
    if form.validate_on_submit():
        post = form.post()
        saved = post and attempt(
            form,
            lambda: officers.edit(
                staff_id, name=form.name.data, post=post, seen=form.seen.data, by=current_user.id
            ),
            lambda: service.mark(_person(staff_id)),
        )
        if saved:
            flash(f"Data {saved.name} tersimpan.", "ok")
            return redirect(url_for("admin.staff"))
    errors = complaints(form)
    page = render_template(
        "admin/staff_form.html", form=form, errors=errors, person=found, notes=ROLE_NOTES,
        sessions=service.sessions_of(staff_id), factors=service.factors_of(staff_id),
        compulsory=compulsory(found),
    )  # fmt: skip
    return page, INVALID if errors else 200


@blueprint.post(f"/petugas/<{ID}:staff_id>/tautan")
def reset_link(staff_id: int) -> ResponseReturnValue:
    """Make a link for a new password; it stands on the answer and nowhere else."""
    _person(staff_id)
    if staff_id == current_user.id:
        return redirect(url_for("my_account.password"))
    made = press(lambda: links.reset(staff_id), lambda _made: "Tautan dibuat.")
    return _link_page(*made) if made else redirect(url_for("admin.person", staff_id=staff_id))


@blueprint.post(f"/petugas/tautan/<{ID}:link_id>/kirim-ulang")
def link_again(link_id: int) -> ResponseReturnValue:
    """Replace an open link by a new one."""
    made = press(
        lambda: links.resend(link_id), lambda _made: "Tautan baru dibuat. Yang lama tidak berlaku lagi."
    )
    return _link_page(*made) if made else redirect(url_for("admin.staff"))


@blueprint.post(f"/petugas/tautan/<{ID}:link_id>/batalkan")
def link_withdraw(link_id: int) -> ResponseReturnValue:
    """End an open link."""
    press(lambda: links.withdraw(link_id), lambda link: f"Tautan untuk {link.email} dibatalkan.")
    return redirect(url_for("admin.staff"))


@blueprint.post(f"/petugas/<{ID}:staff_id>/<any(nonaktifkan, aktifkan):word>")
def staff_activity(staff_id: int, word: str) -> ResponseReturnValue:
    """Shut a member of staff out at once, or let the person in again by a link."""
    if word == "aktifkan":
        made = press(lambda: service.reactivate(staff_id), lambda _made: "Akun diaktifkan kembali.")
        return _link_page(*made) if made else redirect(url_for("admin.person", staff_id=staff_id))
    press(
        lambda: officers.deactivate(staff_id, by=current_user.id),
        lambda who: f"{who.name} tidak bisa masuk lagi. Sesi, kunci sandi, dan loketnya sudah dilepas.",
    )
    return redirect(url_for("admin.person", staff_id=staff_id))


@blueprint.post(f"/petugas/<{ID}:staff_id>/perangkat/<{ID}:session_id>/keluar")
def staff_session_end(staff_id: int, session_id: int) -> ResponseReturnValue:
    """Sign one browser of a member of staff out."""
    press(lambda: service.end_session(staff_id, session_id), lambda _none: "Perangkat itu sudah keluar.")
    return redirect(url_for("admin.person", staff_id=staff_id))


@blueprint.post(f"/petugas/<{ID}:staff_id>/perangkat/keluar")
def staff_sign_out(staff_id: int) -> ResponseReturnValue:
    """Sign a member of staff out everywhere."""
    press(lambda: service.end_sessions(staff_id), lambda count: f"{count} perangkat sudah keluar.")
    return redirect(url_for("admin.person", staff_id=staff_id))


@blueprint.post(f"/petugas/<{ID}:staff_id>/faktor-kedua/hapus")
def staff_factors(staff_id: int) -> ResponseReturnValue:
    """Forget the second factors of somebody who has lost them all."""
    press(
        lambda: service.remove_factors(staff_id, by=current_user.id),
        lambda who: f"Faktor kedua {who.name} dihapus dan semua perangkatnya keluar.",
    )
    return redirect(url_for("admin.person", staff_id=staff_id))


def _link_page(link: LinkColumns, token: str) -> ResponseReturnValue:
    name = _person(link.staff_id).name if link.staff_id else None
    return render_template("admin/staff_link.html", link=link, address=address_of("auth", token), name=name)


def _person(staff_id: int) -> Staff:
    found = service.staff_by_id(staff_id)
    if found is None:
        abort(404)
    return found
