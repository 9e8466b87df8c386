"""Sign-in at the centre's host."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.central_auth import blueprint
from mpp import audit
from mpp.accounts import login
from mpp.accounts.models import CentralStaff
from mpp.accounts.service import authenticate
from mpp.database.session import central_write
from mpp.web.kernel import limiter
from mpp.web.sign_in import REFUSED, SignInForm, safe_target


@blueprint.route("/masuk", methods=["GET", "POST"])
@limiter.limit("20 per minute", methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """Show the form; on POST start a session bound to the centre's host."""
    home = url_for("central.overview")
    form = SignInForm(lanjut=request.args.get("lanjut"))
    if current_user.is_authenticated and request.method == "GET":
        return redirect(home)
    refused = None
    if form.validate_on_submit():
        with central_write() as session:
            account = authenticate(session, CentralStaff, form.email.data, form.password.data)
            if account is not None:
                login.sign_in(account)
                audit.record(session, action="account.sign_in", subject=f"central_staff:{account.id}")
        if account is not None:
            return redirect(safe_target(form.lanjut.data, home))
        refused = REFUSED
    code = 422 if request.method == "POST" else 200
    return render_template("central/sign_in.html", form=form, refused=refused), code


@blueprint.post("/keluar")
def sign_out() -> ResponseReturnValue:
    """End the session at the centre's host."""
    login.sign_out()
    return redirect(url_for("central_auth.sign_in"))
