"""Changing one's own password."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.my_account import blueprint
from blueprints.my_account.forms import PasswordForm
from mpp.accounts import login
from mpp.accounts.guard import TooManyTriesError
from mpp.accounts.passwords import SHORTEST_ALONE, SHORTEST_BESIDE
from mpp.accounts.service import AccountError, change_own_password
from mpp.web.limits import limited

INVALID = 422


@blueprint.route("", methods=["GET", "POST"])
@limited("own password")
def password() -> ResponseReturnValue:
    """Show the account and set a new password; every other session of the account ends."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            account = change_own_password(current_user.id, form.current.data, form.new.data)
        except (AccountError, TooManyTriesError) as error:
            field = form[getattr(error, "field", None) or "current"]
            field.errors = [*field.errors, str(error)]
        else:
            login.sign_in(account)
            flash("Kata sandi Anda sudah diganti. Perangkat lain harus masuk lagi.", "ok")
            return redirect(url_for("my_account.password"))
    least = SHORTEST_BESIDE if current_user.is_admin else SHORTEST_ALONE
    code = INVALID if request.method == "POST" else 200
    return render_template("my_account/password.html", form=form, shortest=least), code
