"""The account's page: what is kept, covered; each value shown is an act of its own; name, NIK and e-mail changed."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm

from blueprints.account import blueprint, way
from blueprints.account.forms import EmailForm, NameForm, NikForm
from blueprints.account.way import REFUSALS, code_of, refuse
from mpp.citizens import account, proofs
from mpp.citizens.account import Field
from mpp.citizens.proofs import NeedProofError
from mpp.crypto.masks import mask_nik, mask_phone, whole_phone
from mpp.i18n import gettext as _
from mpp.web import typed


@blueprint.get("")
def home() -> ResponseReturnValue:
    """Show what the account keeps of its owner, covered."""
    return _home(None, "")


@blueprint.post("/tampilkan")
def show() -> ResponseReturnValue:
    """Show one covered value, once; that it was shown is written down."""
    try:
        field = Field(request.form.get("data", ""))
    except ValueError:
        return redirect(url_for("account.home"), 303)
    try:
        return _home(field, account.show(current_user.id, current_user.session_id, field))
    except NeedProofError:
        return way.prove_first(url_for("account.home"))


@blueprint.route("/nama", methods=["GET", "POST"])
def name() -> ResponseReturnValue:
    """Change the name."""
    if (onward := need_proof()) is not None:
        return onward
    citizen = account.get(current_user.id)
    form = NameForm(**typed.again(), name=citizen.name)
    return _edit(
        form, "name", lambda: account.rename(citizen.id, current_user.session_id, form.name.data), ""
    )


@blueprint.route("/nik", methods=["GET", "POST"])
def nik() -> ResponseReturnValue:
    """Change the NIK; an odd one is kept and doubted."""
    if (onward := need_proof()) is not None:
        return onward
    citizen, form = account.get(current_user.id), NikForm(**typed.again())

    def change() -> None:
        way.doubt(account.set_nik(citizen.id, current_user.session_id, form.nik.data or ""))

    return _edit(form, "nik", change, mask_nik(citizen.nik))


@blueprint.route("/surel", methods=["GET", "POST"])
def email() -> ResponseReturnValue:
    """Change the e-mail address."""
    if (onward := need_proof()) is not None:
        return onward
    citizen, form = account.get(current_user.id), EmailForm(**typed.again())
    change = lambda: account.set_email(citizen.id, current_user.session_id, form.email.data or "")  # noqa: E731  # one line
    return _edit(form, "email", change, mask_email(citizen.email))


def mask_email(text: str | None) -> str:
    """Return an e-mail address of which the first letter and the end are seen. Empty for none."""
    name_, _at, host = (text or "").partition("@")
    return f"{name_[:1]}•••@{host}" if host else ""


def need_proof() -> ResponseReturnValue | None:
    """Lead to the page of proofs before a form is filled in, when this browser has given none lately.

    What is sent is looked at by the service itself; what was typed is then kept (mpp.web.typed).
    """
    if request.method != "GET":
        return None
    enough = proofs.of(current_user.id, current_user.session_id).enough
    return None if enough else way.prove_first(request.path)


def _edit(form: FlaskForm, field: str, change: Callable[[], None], kept: str) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            change()
        except NeedProofError:
            return way.prove_first(request.path, form)
        except REFUSALS as error:
            refuse(form[field], error)
        else:
            flash(_("Tersimpan."), "ok")
            return redirect(url_for("account.home"), 303)
    return render_template("account/edit.html", form=form, field=field, kept=kept), code_of()


def _home(shown: Field | None, value: str) -> ResponseReturnValue:
    citizen = account.get(current_user.id)
    rows = (
        (Field.PHONE, _("Nomor HP"), mask_phone(citizen.phone), url_for("account.number")),
        (Field.NIK, "NIK", mask_nik(citizen.nik), url_for("account.nik")),
        (Field.EMAIL, _("Surel"), mask_email(citizen.email), url_for("account.email")),
    )
    value = whole_phone(value) if shown is Field.PHONE else value
    return render_template(
        "account/home.html", citizen=citizen, rows=rows, shown=shown, value=value,
        have=proofs.of(citizen.id, current_user.session_id),
    )  # fmt: skip
