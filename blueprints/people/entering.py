"""Coming in: to the centre, back with a code, and once the consent. What goes wrong ends on a page that says so."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.people import blueprint, pending
from mpp.citizens.proofs import FRESH
from mpp.citizens.realm import KIND as CITIZEN
from mpp.crypto.masks import mask_nik, mask_phone
from mpp.database.session import read
from mpp.i18n import gettext as _
from mpp.identity import region as here
from mpp.identity.asking import OWNER
from mpp.identity.errors import AwayError, IdentityError, RefusedError
from mpp.identity.relying import RelyingParty
from mpp.observability import log
from mpp.tenancy.resolver import normalise
from mpp.web.sign_in import safe_target
from tenants.people import consent as wording
from tenants.people import queries, service


@blueprint.get("/masuk")
def enter() -> ResponseReturnValue:
    """Send the person to the centre; who is signed in here already goes where they wanted."""
    target = safe_target(request.args.get("lanjut"), url_for("people.home"))
    if current_user.is_authenticated and current_user.kind == CITIZEN:
        return redirect(target)
    here.let_go()
    try:
        url, begun = _centre().begin()
    except IdentityError as error:
        return _failed(error, target)
    pending.set_out(begun, target)
    return redirect(url)


@blueprint.get("/bukti")
def prove() -> ResponseReturnValue:
    """Say that the owner has to prove to be here.

    A page and no redirect: forms lead here, and browsers hold a form to this very host through all redirects.
    """
    return render_template(
        "people/prove.html", to=safe_target(request.args.get("lanjut"), url_for("people.home"))
    )


@blueprint.get("/bukti/mulai")
def prove_begin() -> ResponseReturnValue:
    """Send who is signed in to the centre once more, to prove to be the owner, and back to where it was asked for."""
    target = safe_target(request.args.get("lanjut"), url_for("people.home"))
    here.let_go()
    try:
        url, begun = _centre().begin(acr_values=OWNER, max_age=str(int(FRESH.total_seconds())))
    except IdentityError as error:
        return _failed(error, target)
    pending.set_out(begun, target)
    return redirect(url)


@blueprint.get("/kembali")
def back() -> ResponseReturnValue:
    """Take the person back from the centre: into a session, or first to what they agree to."""
    journey = pending.taken(request.args.get("state", ""))
    if journey is None:
        return _failed(RefusedError("no such journey"), url_for("people.home"))
    begun, target = journey
    if "error" in request.args:
        return _failed(RefusedError("the centre says no"), target)
    party = _centre()
    here.let_go()
    try:
        arrival = party.finish(request.args, begun)
        with read() as session:
            profile = queries.by_subject(session, arrival.subject)
        if profile is None or not queries.agreed(profile):
            pending.wait(arrival, target)
            return redirect(url_for("people.consent"))
        told = here.told(party, arrival.access_token, arrival.subject)
        service.refresh(profile.id, told.name, told.phone, told.nik)
        here.enter(arrival.access_token, profile.id)
    except IdentityError as error:
        return _failed(error, target)
    return redirect(target)


@blueprint.get("/persetujuan")
def consent() -> ResponseReturnValue:
    """Show what this region gets and for what, before it gets anything."""
    waiting = pending.waiting()
    if waiting is None:
        return redirect(url_for("people.enter"))
    here.let_go()
    try:
        told = here.told(_centre(), waiting.access_token, waiting.subject)
    except IdentityError as error:
        return _failed(error, waiting.target)
    return render_template(
        "people/consent.html", items=wording.items(), never=wording.never(), source=wording.SOURCE,
        name=told.name, phone=mask_phone(told.phone), nik=mask_nik(told.nik),
    )  # fmt: skip


@blueprint.post("/persetujuan")
def agree() -> ResponseReturnValue:
    """Make the profile and begin the session."""
    waiting = pending.waiting()
    if waiting is None:
        return redirect(url_for("people.enter"), 303)
    here.let_go()
    try:
        told = here.told(_centre(), waiting.access_token, waiting.subject)
        nik = told.nik if request.form.get("nik") else None
        profile_id = service.agree(waiting.subject, told.name, told.phone, nik)
        here.enter(waiting.access_token, profile_id)
    except IdentityError as error:
        return _failed(error, waiting.target)
    return redirect(waiting.target, 303)


@blueprint.post("/persetujuan/tolak")
def decline() -> ResponseReturnValue:
    """Leave without a profile: nothing was kept."""
    pending.forget()
    flash(
        _(
            "Anda tidak masuk, dan tidak ada data yang disimpan di sini. Nomor antrean bisa diambil tanpa akun."
        )
    )
    return redirect(url_for("portal.home"), 303)


def _centre() -> RelyingParty:
    return here.centre(normalise(request.host), request.remote_addr)


def _failed(error: IdentityError, target: str) -> ResponseReturnValue:
    log.warning("sign-in at a region failed", why=getattr(error, "reason", ""))
    away = isinstance(error, AwayError)
    page = render_template("people/failed.html", reason=str(error), away=away, target=target)
    return page, 503 if away else 400
