"""Where a region sends its people: whoever is signed in here is sent back at once, others sign in first."""

from __future__ import annotations

from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.oidc import blueprint
from mpp.citizens import proofs
from mpp.citizens.realm import KIND as CITIZEN
from mpp.identity import provider
from mpp.identity.asking import MARK, NOT_NOW, mark, wants_owner
from mpp.identity.clients import find_client, issuer
from mpp.identity.provider import Person
from mpp.identity.region import proved_at
from mpp.observability import log

REFUSED = 400


@blueprint.get("/oidc/authorize")
def authorize() -> ResponseReturnValue:
    """Check what a region asks for; give it a code for the person who is signed in, or let the person sign in."""
    person = _person()
    try:
        grant = provider.server.get_consent_grant(end_user=person)
    except NOT_NOW as error:
        return redirect(_refusal(error))
    except OAuth2Error as error:
        # Not sent back: an address that was not checked must not be followed, and the person sees what happened.
        log.warning("authorization refused", error=error.error, why=error.description)
        return render_template(
            "oidc/refused.html", client=find_client(request.args.get("client_id"))
        ), REFUSED
    if grant.prompt == "login":
        # `ulang`: the page is shown to who is signed in, too.
        onward = _again("oidc.onward", mark(request.args))
        return redirect(url_for("account.sign_in", lanjut=onward, ulang=1 if person else None))
    if person is not None and wants_owner(request.args) and not proofs.given_at(person.session_id):
        return redirect(url_for("account.prove", lanjut=_again("oidc.onward")))
    answer: ResponseReturnValue = provider.server.create_authorization_response(
        grant=grant, grant_user=person
    )
    return answer


@blueprint.get("/oidc/lanjut")
def onward() -> ResponseReturnValue:
    """Go on to the region after signing in here.

    A page and no redirect: browsers hold a form to the hosts that `form-action` names through all redirects that
    follow it, and a region's own domain is not among them.
    """
    client = find_client(request.args.get("client_id"))
    if client is None:
        return render_template("oidc/refused.html", client=None), REFUSED
    return render_template("oidc/onward.html", client=client, onward=_again("oidc.authorize"))


def _again(endpoint: str, marked: str | None = None) -> str:
    """Return the address of a view with the region's request as it came, and when that was."""
    words = [
        (name, value) for name, value in request.args.items(multi=True) if marked is None or name != MARK
    ]
    return f"{url_for(endpoint)}?{urlencode(words + ([(MARK, marked)] if marked else []))}"


def _refusal(error: OAuth2Error) -> str:
    """Return the client's own address, which has been checked, with what the standard wants said there."""
    words = {"error": error.error, "state": request.args.get("state"), "iss": issuer()}
    return f"{error.redirect_uri}?{urlencode({name: word for name, word in words.items() if word})}"


def _person() -> Person | None:
    if not current_user.is_authenticated or current_user.kind != CITIZEN:
        return None
    return Person(current_user.id, current_user.session_id, proved_at(current_user.session_id))
