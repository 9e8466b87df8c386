"""The centre's people: who may enter, invitations and links, and signing people out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import EmailField
from wtforms.validators import InputRequired, Length, Regexp

from blueprints.central import blueprint
from mpp.accounts import links
from mpp.accounts import staff as service
from mpp.accounts.models import StaffAccount
from mpp.accounts.proof_models import LinkColumns
from mpp.accounts.service import AccountError
from mpp.web.link_pages import address_of
from mpp.web.sign_in import INVALID

ID = "int(max=9007199254740991)"
T = TypeVar("T")


class InviteForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Who is invited."""

    email = EmailField(
        "Surel",
        [
            InputRequired("Tulis surel orangnya."),
            Length(max=254, message="Surel terlalu panjang."),
            Regexp(
                r"\s*[^@\s]+@[^@\s]+\.[^@\s.]+\s*\Z",
                message="Tulis surel yang lengkap, misalnya nama@menpan.go.id.",
            ),
        ],
    )


@blueprint.get("/petugas")
def people() -> ResponseReturnValue:
    """List the centre's people and the links nobody has used."""
    found = service.colleagues()
    return render_template(
        "central/people.html", people=found, links=links.open_links(), names={who.id: who.name for who in found},
        now=dt.datetime.now(tz=dt.UTC),
    )  # fmt: skip


@blueprint.route("/petugas/undang", methods=["GET", "POST"])
def new_person() -> ResponseReturnValue:
    """Invite somebody; the link stands on the answer and nowhere else."""
    form = InviteForm()
    if form.validate_on_submit():
        try:
            return _link_page(*links.invite(form.email.data, None))
        except AccountError as error:
            form.email.errors = [str(error)]
    page = render_template("central/invite.html", form=form)
    return page, INVALID if request.method == "POST" else 200


@blueprint.get(f"/petugas/<{ID}:staff_id>")
def person(staff_id: int) -> ResponseReturnValue:
    """Show one of the centre's people: second factors, browsers, and what can be done."""
    found = _person(staff_id)
    return render_template(
        "central/person.html", person=found, sessions=service.sessions_of(staff_id),
        factors=service.factors_of(staff_id),
    )  # fmt: skip


@blueprint.post(f"/petugas/<{ID}:staff_id>/tautan")
def person_link(staff_id: int) -> ResponseReturnValue:
    """Make a link for a new password; it stands on the answer and nowhere else."""
    _person(staff_id)
    if staff_id == current_user.id:
        return redirect(url_for("central.account"))
    return _shown(lambda: links.reset(staff_id), staff_id)


@blueprint.post(f"/petugas/tautan/<{ID}:link_id>/kirim-ulang")
def link_again(link_id: int) -> ResponseReturnValue:
    """Replace an open link by a new one."""
    return _shown(lambda: links.resend(link_id), None)


@blueprint.post(f"/petugas/tautan/<{ID}:link_id>/batalkan")
def link_withdraw(link_id: int) -> ResponseReturnValue:
    """End an open link."""
    _press(lambda: links.withdraw(link_id), lambda link: f"Tautan untuk {link.email} dibatalkan.")
    return redirect(url_for("central.people"))


@blueprint.post(f"/petugas/<{ID}:staff_id>/<any(nonaktifkan, aktifkan):word>")
def person_activity(staff_id: int, word: str) -> ResponseReturnValue:
    """Shut somebody out at once, or let the person in again by a link."""
    if word == "aktifkan":
        return _shown(lambda: service.reactivate(staff_id), staff_id)
    _press(
        lambda: service.shut_out(staff_id, by=current_user.id),
        lambda who: f"{who.name} tidak bisa masuk lagi. Sesi, kunci sandi, dan akses dukungannya berakhir.",
    )
    return redirect(url_for("central.person", staff_id=staff_id))


@blueprint.post(f"/petugas/<{ID}:staff_id>/perangkat/<{ID}:session_id>/keluar")
def person_session_end(staff_id: int, session_id: int) -> ResponseReturnValue:
    """Sign one browser of somebody out."""
    _press(lambda: service.end_session(staff_id, session_id), lambda _none: "Perangkat itu sudah keluar.")
    return redirect(url_for("central.person", staff_id=staff_id))


@blueprint.post(f"/petugas/<{ID}:staff_id>/perangkat/keluar")
def person_sign_out(staff_id: int) -> ResponseReturnValue:
    """Sign somebody out everywhere."""
    _press(lambda: service.end_sessions(staff_id), lambda count: f"{count} perangkat sudah keluar.")
    return redirect(url_for("central.person", staff_id=staff_id))


@blueprint.post(f"/petugas/<{ID}:staff_id>/faktor-kedua/hapus")
def person_factors(staff_id: int) -> ResponseReturnValue:
    """Forget the second factors of somebody who has lost them all."""
    _press(
        lambda: service.remove_factors(staff_id, by=current_user.id),
        lambda who: f"Faktor kedua {who.name} dihapus dan semua perangkatnya keluar.",
    )
    return redirect(url_for("central.person", staff_id=staff_id))


def _press(act: Callable[[], T], done: Callable[[T], str] | None) -> T | None:
    """Do what a button says and tell how it went; something unknown is 404."""
    try:
        result = act()
    except AccountError as error:
        if isinstance(error, LookupError):
            abort(404)
        flash(str(error), "error")
        return None
    if done is not None:
        flash(done(result), "success")
    return result


def _shown(act: Callable[[], tuple[LinkColumns, str]], staff_id: int | None) -> ResponseReturnValue:
    """Make a link and show it, or go back and say why there is none."""
    made = _press(act, None)
    if made is not None:
        return _link_page(*made)
    onward = url_for("central.person", staff_id=staff_id) if staff_id else url_for("central.people")
    return redirect(onward)


def _link_page(link: LinkColumns, token: str) -> ResponseReturnValue:
    name = _person(link.staff_id).name if link.staff_id else None
    return render_template(
        "central/link.html", link=link, address=address_of("central_auth", token), name=name
    )


def _person(staff_id: int) -> StaffAccount:
    found = service.colleague(staff_id)
    if found is None:
        abort(404)
    return found
