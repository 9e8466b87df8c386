"""A citizen's own page at the region, and the way out."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.people import blueprint
from mpp.accounts import login
from mpp.citizens.realm import KIND as CITIZEN
from mpp.crypto.masks import mask_nik, mask_phone
from mpp.database.session import read
from mpp.i18n import gettext as _
from mpp.identity.region import nik_of
from mpp.tenancy.region import current_region
from tenants.people import service
from tenants.people.errors import NoProfileError
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


@blueprint.post("/nik")
def give_nik() -> ResponseReturnValue:
    """Take the NIK of the national account into the profile here, once the person has said yes to just that."""
    back = redirect(url_for("people.home") + "#data", 303)
    if request.form.get("setuju") != "ya":
        flash(_("Centang dahulu bahwa Anda setuju NIK diberikan ke sini."), "warning")
        return back
    nik = nik_of(current_user.session_id)
    if nik is None:
        flash(_("Akun nasional Anda belum berisi NIK. Isi dahulu di sana, lalu kembali ke sini."), "warning")
        return back
    try:
        service.give_nik(current_user.id, nik)
    except NoProfileError:
        login.sign_out()
        return redirect(url_for("people.left"), 303)
    flash(_("NIK Anda sekarang ada di sini, untuk layanan yang memerlukannya."), "ok")
    return back


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
