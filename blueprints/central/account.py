"""One's own account: changing the password, and what its owner is told of leaks."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.central import blueprint
from blueprints.central.forms import PasswordForm
from mpp.accounts import login
from mpp.accounts.guard import TooManyTriesError
from mpp.accounts.passwords import SHORTEST_BESIDE
from mpp.accounts.service import AccountError, change_own_password
from mpp.privacy.dossier import words
from mpp.privacy.national_leaks import told
from mpp.web.limits import limited


@blueprint.route("/akun", methods=["GET", "POST"])
@limited("own password")
def account() -> ResponseReturnValue:
    """Show the account; on POST set a new password, which ends every other session of it."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            changed = change_own_password(current_user.id, form.current.data, form.new.data)
        except (AccountError, TooManyTriesError) as error:
            form[getattr(error, "field", None) or "current"].errors = [str(error)]
        else:
            login.sign_in(changed)
            flash("Kata sandi diganti. Semua sesi lain sudah berakhir.", "success")
            return redirect(url_for("central.account"))
    code = 422 if request.method == "POST" else 200
    page = render_template(
        "central/account.html", form=form, shortest=SHORTEST_BESIDE, leaks=told(staff_id=current_user.id), words=words
    )  # fmt: skip
    return page, code
