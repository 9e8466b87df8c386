"""Sign-in at a region's host."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.auth import blueprint
from mpp import audit
from mpp.accounts import login
from mpp.accounts.models import Role, Staff
from mpp.accounts.service import authenticate
from mpp.database.session import write
from mpp.web.kernel import limiter
from mpp.web.sign_in import REFUSED, SignInForm, safe_target


@blueprint.route("/masuk", methods=["GET", "POST"])
@limiter.limit("20 per minute", methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """Show the form; on POST start a session bound to this host."""
    form = SignInForm(lanjut=request.args.get("lanjut"))
    if current_user.is_authenticated and request.method == "GET":
        return redirect(_home(current_user.role))
    refused = None
    if form.validate_on_submit():
        with write() as session:
            account = authenticate(session, Staff, form.email.data, form.password.data)
            if account is not None:
                login.sign_in(account)
                audit.record(session, action="account.sign_in", subject=f"staff:{account.id}")
        if isinstance(account, Staff):
            return redirect(safe_target(form.lanjut.data, _home(Role(account.role))))
        refused = REFUSED
    code = 422 if request.method == "POST" else 200
    return render_template("auth/sign_in.html", form=form, refused=refused), code


@blueprint.post("/keluar")
def sign_out() -> ResponseReturnValue:
    """End the session at this host."""
    login.sign_out()
    return redirect(url_for("auth.sign_in"))


def _home(role: Role | None) -> str:
    return url_for("admin.today") if role is Role.ADMIN else url_for("counter.console")
