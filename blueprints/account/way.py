"""What the browser keeps on its way: which code is awaited and where to go then, in its signed cookie.

Neither number nor code lies there, and a code of one browser is nothing in another.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import Field

from mpp.accounts import login
from mpp.accounts.guard import TooManyTriesError
from mpp.accounts.passkeys import PasskeyError
from mpp.accounts.service import AccountError
from mpp.citizens.codes import Purpose, Ticket
from mpp.citizens.models import Citizen
from mpp.citizens.proofs import NeedProofError
from mpp.citizens.realm import KIND, nation
from mpp.i18n import gettext as _
from mpp.web import known_device, typed
from mpp.web.sign_in import safe_target

REFUSALS = (AccountError, TooManyTriesError, PasskeyError)
INVALID = 422
# A cookie holds 4 kB, and more than the target lies in it.
LONGEST_TARGET = 1200


def keep(purpose: Purpose, ticket: Ticket, target: str | None = None) -> None:
    """Keep a code that is awaited."""
    session["way"] = {"for": purpose.value, "code": [ticket.id, ticket.browser], "to": _short(target)}


def ticket_of(purpose: Purpose) -> Ticket | None:
    """Return the code that this browser awaits for a purpose, None for none."""
    kept = session.get("way") or {}
    if kept.get("for") != purpose:
        return None
    number, browser = kept["code"]
    return Ticket(int(number), str(browser))


def target() -> str:
    """Return where the person wanted to go; the account's page when nowhere."""
    return safe_target((session.get("way") or {}).get("to"), url_for("account.home"))


def forget() -> None:
    """Forget the code."""
    session.pop("way", None)


def is_in() -> bool:
    """Whether a citizen is signed in here."""
    return bool(current_user.is_authenticated and current_user.kind == KIND)


def device(phone: str) -> str | None:
    """Return this browser's own name when `phone` has signed in here before."""
    with nation():
        return known_device.device_of(phone)


def knows(citizen_id: int) -> bool:
    """Whether this browser has been in the account itself, not only in one that had the same number."""
    with nation():
        return known_device.device_of(_account(citizen_id)) is not None


def enter(citizen: Citizen, to: str, *, strong: bool) -> Response:
    """Start the session and go on; the browser is known from now on."""
    login.sign_in_citizen(citizen.id, strong=strong)
    with nation():
        return known_device.remember(redirect(to, 303), citizen.handle, _account(citizen.id))


def prove_first(to: str, form: FlaskForm | None = None) -> Response:
    """Lead to the page that asks for a proof, and back to `to` afterwards, with what was typed into `form`."""
    response = redirect(url_for("account.prove", lanjut=to), 303)
    return response if form is None else typed.keep(response, to, form)


def after_proof(act: Callable[[], object], words: str, back: str) -> ResponseReturnValue:
    """Do one thing whose proof the service looks at; say so, and go back to the page `back`."""
    try:
        act()
    except NeedProofError:
        return prove_first(back)
    except REFUSALS as error:
        flash(_(str(error)), "error")
    else:
        flash(words, "ok")
    return redirect(back, 303)


def doubt(doubts: list[str]) -> None:
    """Tell in one notice what looks odd about a number that was kept all the same."""
    if doubts:
        flash(" ".join([*doubts, _("Tetap kami simpan. Periksa dengan KTP Anda.")]), "warning")


def refuse(field: Field, error: Exception) -> None:
    """Put a refusal beside its field, in the page's language."""
    field.errors = [*field.errors, _(str(error))]


def code_of() -> int:
    """Return the status of the page at hand: a form that is shown again was refused."""
    return INVALID if request.method == "POST" else 200


def _account(citizen_id: int) -> str:
    return f"{KIND}:{citizen_id}"


def _short(text: str | None) -> str | None:
    if text is None or len(text) > LONGEST_TARGET or urlsplit(text).netloc:
        return None
    return text
