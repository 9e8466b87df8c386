"""Tickets of people who are signed in: the form knows their telephone, and a guest's number can be kept."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.tickets import blueprint
from mpp.citizens.realm import KIND as CITIZEN
from mpp.crypto.masks import whole_phone
from mpp.database.session import read
from mpp.i18n import gettext as _
from tenants.people.queries import own
from tenants.queueing import owned
from tenants.queueing.errors import NotFoundError, OwnedError
from tenants.queueing.policies import clean_code


def profile_id() -> int | None:
    """Return the profile of the citizen who is signed in, None for anybody else: guests, and staff at work."""
    return current_user.id if current_user.is_authenticated and current_user.kind == CITIZEN else None


def known_phone() -> str:
    """Return the telephone of the citizen who is signed in, for a form to begin with; empty for others."""
    mine = profile_id()
    if mine is None:
        return ""
    with read() as session:
        profile = own(session, mine)
    return whole_phone(profile.phone) if profile and profile.phone else ""


@blueprint.post("/<code>/simpan")
def keep(code: str) -> ResponseReturnValue:
    """Take the ticket of whoever holds its address into the account that is signed in."""
    mine = profile_id()
    if mine is None:
        return redirect(url_for("people.enter", lanjut=url_for("tickets.show", code=clean_code(code))), 303)
    try:
        ticket = owned.keep(clean_code(code), mine)
    except NotFoundError:
        abort(404)
    except OwnedError as error:
        flash(str(error), "warning")
    else:
        flash(_("Nomor %(number)s tersimpan di akun Anda.", number=ticket.label), "success")
    return redirect(url_for("tickets.show", code=clean_code(code)), 303)
