"""A citizen's own page at the region, and the way out."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.people import blueprint
from mpp.accounts import login
from mpp.citizens.realm import KIND as CITIZEN
from mpp.crypto.masks import mask_nik, mask_phone
from mpp.database.session import read
from mpp.tenancy.region import current_region
from tenants.people.queries import own
from tenants.queueing.owned import MOST, own_count, own_tickets


@blueprint.get("")
def home() -> ResponseReturnValue:
    """Show what the region knows of the person at hand, and their tickets."""
    with read() as session:
        profile = own(session, current_user.id)
        if profile is None:
            # The consent was taken back, or the profile erased, while this browser was signed in.
            login.sign_out()
            return redirect(url_for("people.left"))
        return render_template(
            "people/home.html",
            profile=profile,
            phone=mask_phone(profile.phone),
            nik=mask_nik(profile.nik),
            tickets=own_tickets(session, profile.id, current_region().today()),
            more=max(0, own_count(session, profile.id) - MOST),
        )


@blueprint.post("/keluar")
def leave() -> ResponseReturnValue:
    """End the session at this host, and no other."""
    if current_user.is_authenticated and current_user.kind == CITIZEN:
        login.sign_out()
    return redirect(url_for("people.left"), 303)


@blueprint.get("/sudah-keluar")
def left() -> ResponseReturnValue:
    """Say that the browser is still signed in at the centre, which matters on a borrowed one."""
    return render_template("people/left.html")
