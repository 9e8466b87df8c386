"""Sign-in at the centre's host."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from blueprints.central_auth import blueprint
from mpp.accounts import login
from mpp.accounts.models import CentralStaff
from mpp.database.session import central_write
from mpp.web.kernel import limiter
from mpp.web.sign_in import sign_in_page


@blueprint.route("/masuk", methods=["GET", "POST"])
@limiter.limit("20 per minute", methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """Sign a super-admin in."""
    return sign_in_page(
        CentralStaff, central_write, "central/sign_in.html", lambda _role: url_for("central.overview")
    )


@blueprint.post("/keluar")
def sign_out() -> ResponseReturnValue:
    """End the session at the centre's host."""
    login.sign_out()
    return redirect(url_for("central_auth.sign_in"))
