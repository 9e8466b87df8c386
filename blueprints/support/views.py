"""The region's end of the hand-over: a secret for this browser first, then the centre's token that is bound to it."""

from __future__ import annotations

import secrets
import time

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from blueprints.support import blueprint
from mpp.accounts import login
from mpp.support import access
from mpp.support.errors import NoAccessError
from mpp.web.flask import platform_app
from mpp.web.limits import limited
from tenants.registry.demo import origin

KEPT_SECONDS = 120
GONE = 410


@blueprint.get("/mulai/<int(max=9007199254740991):access_id>")
@limited("link")
def begin(access_id: int) -> ResponseReturnValue:
    """Give this browser a secret and ask the centre for a token that opens nowhere else."""
    secret = secrets.token_urlsafe(32)
    session["support"] = [secret, int(time.time())]
    centre = origin(platform_app().settings)
    return redirect(f"{centre}/pusat/akses/{access_id}/serahkan?keadaan={access.state_of(secret)}")


@blueprint.get("/masuk/<token>")
@limited("link")
def enter(token: str) -> ResponseReturnValue:
    """Take the centre's token, once, in the browser it was made for; the address is left at once."""
    secret, at = session.pop("support", None) or ("", 0)
    if time.time() - at > KEPT_SECONDS:
        return _gone()
    try:
        found, kept = access.enter(token[:64], secret)
    except NoAccessError:
        return _gone()
    login.sign_in_support(found, kept)
    return redirect(url_for("admin.today"))


@blueprint.post("/keluar")
def leave() -> ResponseReturnValue:
    """Leave the region; the access is over with it."""
    login.sign_out()
    return redirect(url_for("support.over"))


@blueprint.get("/selesai")
def over() -> ResponseReturnValue:
    """Say that it is over, and lead back to the centre."""
    return render_template("support/over.html", entered=True)


def _gone() -> ResponseReturnValue:
    return render_template("support/over.html", entered=False), GONE
