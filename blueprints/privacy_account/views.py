"""What the centre holds: see it, take it along, ask for the whole account to be erased, call that off."""

from __future__ import annotations

import datetime as dt

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.privacy_account import blueprint
from mpp.accounts.service import AccountError
from mpp.citizens import proofs
from mpp.citizens.proofs import NeedProofError
from mpp.i18n import gettext as _
from mpp.privacy import closing
from mpp.privacy.dossier import words
from mpp.privacy.handing import FORMS, hand_over
from mpp.privacy.kinds import all_kinds
from mpp.privacy.national_own import mine
from mpp.web.limits import limited


@blueprint.get("")
def show() -> ResponseReturnValue:
    """Show what is held, why, until when, and who acted."""
    page = render_template(
        "privacy_account/show.html", dossier=mine(current_user.id), words=words,
        wish=closing.under_way(current_user.id),
    )  # fmt: skip
    return _private(page)


@blueprint.post(f"/unduh/<any({','.join(FORMS)}):form>")
@limited("own data")
def download(form: str) -> ResponseReturnValue:
    """Hand everything over in a file, uncovered: the owner proves to be here, and it is written down."""
    try:
        with proofs.changing(current_user.id, current_user.session_id) as change:
            change.tell("rights.download", form=form)
    except NeedProofError:
        return redirect(url_for("account.prove", lanjut=url_for("privacy_account.show")), 303)
    dossier = mine(current_user.id)
    content, mimetype = hand_over(dossier, form)
    response = _private(Response(content, mimetype=mimetype))
    name = f"data-saya-{dt.datetime.now(tz=dt.UTC):%Y-%m-%d}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@blueprint.get("/hapus")
def leave() -> ResponseReturnValue:
    """Say what erasing the account does, before it is asked for."""
    kinds = [kind for kind in all_kinds() if kind.key.startswith("citizen.")]
    regions = next(s for s in mine(current_user.id).sections if s.kind.key == "citizen.region").records
    wish, days = closing.under_way(current_user.id), closing.LASTS.days
    return _private(
        render_template(
            "privacy_account/leave.html", kinds=kinds, regions=regions, wish=wish, days=days, words=words
        )
    )


@blueprint.post("/hapus")
def erase() -> ResponseReturnValue:
    """Begin the seven days, once the person has ticked that they have read what happens and has proved to be it."""
    if request.form.get("paham") != "ya":
        flash(_("Centang dahulu bahwa Anda sudah membaca akibatnya."), "warning")
        return redirect(url_for("privacy_account.leave"), 303)
    try:
        wish = closing.ask(current_user.id, current_user.session_id)
    except NeedProofError:
        return redirect(url_for("account.prove", lanjut=url_for("privacy_account.leave")), 303)
    except AccountError as error:
        flash(str(error), "error")
        return redirect(url_for("privacy_account.leave"), 303)
    flash(
        _("Akun Anda dihapus pada %(when)s. Sampai saat itu bisa dibatalkan.", when=words(wish.due_at)),
        "success",
    )
    return redirect(url_for("privacy_account.show"), 303)


@blueprint.post("/hapus/batal")
def call_off() -> ResponseReturnValue:
    """Keep the account after all."""
    if closing.call_off(current_user.id):
        flash(_("Penghapusan dibatalkan. Akun Anda tetap seperti semula."), "success")
    return redirect(url_for("privacy_account.show"), 303)


def _private(answer: str | Response) -> Response:
    response = make_response(answer)
    response.headers["Cache-Control"] = "private, no-store"
    return response
