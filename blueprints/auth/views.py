"""Sign-in at a region's host."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from blueprints.auth import blueprint
from mpp.accounts import login
from mpp.accounts.models import Role, Staff
from mpp.database.session import write
from mpp.web.kernel import limiter
from mpp.web.sign_in import sign_in_page

# Where each role's work begins; a receptionist gives numbers to those who have no phone.
HOMES = {Role.ADMIN: "admin.today", Role.OFFICER: "counter.console", Role.RECEPTIONIST: "reception.desk"}


@blueprint.route("/masuk", methods=["GET", "POST"])
@limiter.limit("20 per minute", methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """Sign a member of the region's staff in."""
    return sign_in_page(Staff, write, "auth/sign_in.html", _home)


@blueprint.post("/keluar")
def sign_out() -> ResponseReturnValue:
    """End the session at this host."""
    login.sign_out()
    return redirect(url_for("auth.sign_in"))


def _home(role: Role | None) -> str:
    return url_for(HOMES[role] if role else "portal.home")
