"""Signing in by another house's account (INApas, IKD), and linking it to one's own: at the centre's host."""

from __future__ import annotations

import base64
import time

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints.oidc import blueprint
from mpp.accounts.login import sign_in_citizen
from mpp.accounts.secrets import UnreadableSecretError, hide, reveal
from mpp.accounts.service import AccountError
from mpp.citizens.proofs import NeedProofError
from mpp.citizens.realm import KIND, nation
from mpp.i18n import gettext as _
from mpp.identity import foreign
from mpp.identity.errors import AwayError, IdentityError, RefusedError
from mpp.identity.foreign import Found
from mpp.identity.relying import Begun
from mpp.observability import log
from mpp.settings import ForeignProvider
from mpp.web.flask import platform_app
from mpp.web.sign_in import safe_target

JOURNEY = "partner"
SECONDS_JOURNEY = 15 * 60
# Signing in or registering here comes between, and gives the browser a fresh session: so it is a cookie of its own.
SECONDS_FOUND = 30 * 60
USE = "identity of a partner"


@blueprint.app_template_global("partner")
def _label() -> str | None:
    """Return what the other house's account is called, so that pages of the account offer the way; None for none."""
    trusted = foreign.provider()
    return trusted.label if trusted else None


@blueprint.get("/oidc/mitra/masuk")
def partner_in() -> ResponseReturnValue:
    """Send the person to the other provider."""
    trusted, target = _trusted(), safe_target(request.args.get("lanjut"), url_for("account.home"))
    try:
        url, begun = foreign.party(trusted).begin()
    except IdentityError as error:
        return _failed(trusted, error)
    session[JOURNEY] = [begun.state, begun.nonce, begun.verifier, target, int(time.time())]
    return redirect(url)


@blueprint.get("/oidc/mitra/kembali")
def partner_back() -> ResponseReturnValue:
    """Take the person back: in, when the identity is known; else first to an account of ours."""
    trusted = _trusted()
    state, nonce, verifier, target, at = session.pop(JOURNEY, None) or ("", "", "", "", 0)
    try:
        if not state or time.time() - at > SECONDS_JOURNEY:
            raise RefusedError("no such journey")
        if "error" in request.args:
            raise RefusedError("the provider says no")
        arrival = foreign.party(trusted).finish(request.args, Begun(state, nonce, verifier))
        found = foreign.who(trusted, arrival)
    except IdentityError as error:
        return _failed(trusted, error)
    citizen_id = foreign.account_of(found)
    if citizen_id is not None and not _is_in():
        # Not strong: whoever has taken a telephone could have linked an identity of theirs by it.
        sign_in_citizen(citizen_id)
        return redirect(target)
    if citizen_id is not None:
        if citizen_id != current_user.id:
            flash(_("Akun %(label)s itu terhubung dengan akun lain di sini.", label=trusted.label), "warning")
        return redirect(url_for("oidc.partner"))
    onward = redirect(url_for("oidc.partner_link" if _is_in() else "oidc.partner_new", lanjut=target))
    return _remember(onward, found)


@blueprint.get("/oidc/mitra/baru")
def partner_new() -> ResponseReturnValue:
    """Say what is to be done once: prove an account of ours, old or new."""
    trusted, found = _trusted(), _remembered()
    if found is None:
        return redirect(url_for("account.sign_in"))
    target = safe_target(request.args.get("lanjut"), url_for("account.home"))
    onward = url_for("oidc.partner_link", lanjut=target)
    return render_template("oidc/partner_new.html", label=trusted.label, onward=onward)


@blueprint.route("/oidc/mitra/hubungkan", methods=["GET", "POST"])
def partner_link() -> ResponseReturnValue:
    """Ask, and link what was found to the account that is signed in."""
    trusted, found = _trusted(), _remembered()
    target = safe_target(request.args.get("lanjut"), url_for("account.home"))
    if found is None:
        flash(_("Waktunya habis. Mulai lagi dari masuk dengan %(label)s.", label=trusted.label))
        return redirect(url_for("oidc.partner"))
    if request.method == "GET":
        return render_template("oidc/partner_link.html", label=trusted.label, found=found)
    try:
        foreign.link(current_user.id, current_user.session_id, found, take=bool(request.form.get("pakai")))
    except NeedProofError:
        return redirect(url_for("account.prove", lanjut=request.full_path.removesuffix("?")), 303)
    except AccountError as error:
        flash(str(error), "error")
        return redirect(url_for("oidc.partner"), 303)
    flash(_("Akun %(label)s terhubung. Lain kali Anda bisa masuk dengannya.", label=trusted.label), "ok")
    response = redirect(target, 303)
    response.delete_cookie(_cookie(), path="/")
    return response


@blueprint.get("/oidc/mitra")
def partner() -> ResponseReturnValue:
    """Show whether another house's account is linked."""
    trusted = _trusted()
    return render_template("oidc/partner.html", label=trusted.label, linked=foreign.linked(current_user.id))


@blueprint.post("/oidc/mitra/lepas")
def partner_unlink() -> ResponseReturnValue:
    """Take the link away."""
    try:
        foreign.unlink(current_user.id, current_user.session_id)
    except NeedProofError:
        return redirect(url_for("account.prove", lanjut=url_for("oidc.partner")), 303)
    except AccountError as error:
        flash(str(error), "error")
    else:
        flash(_("Hubungan dilepas."), "ok")
    return redirect(url_for("oidc.partner"), 303)


def _trusted() -> ForeignProvider:
    return foreign.provider() or abort(404)


def _is_in() -> bool:
    return bool(current_user.is_authenticated and current_user.kind == KIND)


def _remember(response: Response, found: Found) -> Response:
    with nation():
        kept = base64.urlsafe_b64encode(hide(f"{int(time.time())} {found.as_text()}", USE)).decode()
    response.set_cookie(
        _cookie(), kept, max_age=SECONDS_FOUND, path="/", httponly=True, samesite="Lax",
        secure=platform_app().settings.production,
    )  # fmt: skip
    return response


def _remembered() -> Found | None:
    try:
        with nation():
            text = reveal(base64.urlsafe_b64decode(request.cookies.get(_cookie(), "")), USE)
    except (UnreadableSecretError, ValueError):
        return None
    at, _space, found = text.partition(" ")
    return Found.of_text(found) if time.time() - int(at) <= SECONDS_FOUND else None


def _cookie() -> str:
    # The prefix keeps hosts under this one from setting it: a link must be to an identity met in this browser.
    return "__Host-mitra" if platform_app().settings.production else "mitra"


def _failed(trusted: ForeignProvider, error: IdentityError) -> ResponseReturnValue:
    log.warning("sign-in by a partner failed", why=getattr(error, "reason", ""))
    away = isinstance(error, AwayError)
    return render_template("oidc/partner_failed.html", label=trusted.label, away=away), 503 if away else 400
