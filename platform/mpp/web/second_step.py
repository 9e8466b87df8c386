"""The second factor at sign-in: giving it, or setting one up before anything else where it is compulsory."""

from __future__ import annotations

import base64

import segno
from flask import make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from mpp.accounts import factors, login, passkeys, totp
from mpp.accounts.guard import TooManyTriesError
from mpp.accounts.realm import Person, realm
from mpp.accounts.secrets import UnreadableSecretError, hide, reveal
from mpp.accounts.service import AccountError
from mpp.web import known_device
from mpp.web.flask import platform_app
from mpp.web.sign_in import (
    INVALID,
    Door,
    finish,
    half,
    here,
    keep_challenge,
    role_of,
    safe_target,
    site_name,
    taken_challenge,
)

WRONG = "Kode tidak cocok atau sudah dipakai. Tunggu kode berikutnya di aplikasi, lalu coba lagi."


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """A code of the app, or a recovery code."""

    code = StringField(
        "Kode", [InputRequired("Isi kodenya."), Length(max=40, message="Kode terlalu panjang.")]
    )


def step_page(door: Door) -> ResponseReturnValue:
    """Ask for the second factor of who has just given the right password."""
    waiting = half()
    if waiting is None:
        return redirect(door.url("sign_in"))
    account, target = waiting
    with realm().read() as database:
        have = factors.of(database, account.id)
        own = [key for key in have.passkeys if key.rp_id == here().host]
    if not have.any:
        return redirect(door.url("setup"))
    form = CodeForm()
    if form.validate_on_submit():
        try:
            if factors.check_code(account.id, form.code.data, **known_device.trying(account.handle)):
                return finish(door, account, target)
            form.code.errors = [WRONG]
        except TooManyTriesError as error:
            form.code.errors = [str(error)]
    options = None
    if own:
        with realm().read() as database:
            options, challenge = passkeys.request_options(database, here(), account.id)
        keep_challenge(challenge)
    page = render_template(
        "auth/step.html", shell=door.shell, form=form, app=have.app, options=options, account=account,
        passkey_url=door.url("passkey"), back=door.url("sign_in"), demo_code=demo_code(account),
    )  # fmt: skip
    return page, INVALID if request.method == "POST" else 200


def setup_page(door: Door) -> ResponseReturnValue:
    """Lead who must have a second factor and has none to set one up; only then the session begins."""
    waiting = half()
    if waiting is None:
        return redirect(door.url("sign_in"))
    account, target = waiting
    with realm().read() as database:
        have = factors.of(database, account.id)
    if have.any:
        # Whoever knows only the password must not put a factor of their own beside the owner's.
        return redirect(door.url("step"))
    form, refused = CodeForm(), None
    if request.method == "POST" and request.form.get("answer"):
        try:
            codes = factors.add_passkey(
                account.id, here(), taken_challenge(), request.form["answer"], request.form.get("name", ""),
                first=True,
            )  # fmt: skip
            return _welcome(door, account, target, codes)
        except factors.NotFirstError:
            return redirect(door.url("step"))
        except passkeys.PasskeyError as error:
            refused = str(error)
    elif form.validate_on_submit():
        try:
            codes = factors.add_app(
                account.id, pending_secret(account.id), form.code.data, first=True,
                **known_device.trying(account.handle),
            )  # fmt: skip
            if codes is not None:
                return _welcome(door, account, target, codes)
            form.code.errors = [WRONG]
        except factors.NotFirstError:
            return redirect(door.url("step"))
        except (TooManyTriesError, AccountError) as error:
            form.code.errors = [str(error)]
    secret = pending_secret(account.id)
    with realm().read() as database:
        options, challenge = passkeys.creation_options(database, account, here(), site_name())
    keep_challenge(challenge)
    page = render_template(
        "auth/setup.html", shell=door.shell, form=form, options=options, refused=refused, back=door.url("sign_in"),
        **app_words(secret, account.handle),
    )  # fmt: skip
    return page, INVALID if request.method == "POST" else 200


def pending_secret(account_id: int) -> str:
    """Return the secret of the set-up under way in this browser, sealed in its cookie until it is confirmed.

    Never out of the database: who began a set-up elsewhere must not know the secret that is confirmed here.
    """
    owner, sealed = session.get("app") or (0, "")
    if owner == account_id:
        try:
            return reveal(base64.b64decode(sealed), f"app:{account_id}")
        except (UnreadableSecretError, ValueError):
            pass
    secret = totp.new_secret()
    session["app"] = [account_id, base64.b64encode(hide(secret, f"app:{account_id}")).decode()]
    return secret


def app_words(secret: str, email: str) -> dict[str, object]:
    """Return what a page shows of a new secret: its QR code, and in groups of four to type."""
    code = segno.make(totp.address(secret, email), error="m")
    svg = code.svg_inline(border=1, omitsize=True, svgclass=None, lineclass=None, dark="#111")
    groups = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    # Made of numbers by segno, holds no text of anybody.
    return {"qr": Markup(svg), "secret": groups}  # noqa: S704


def _welcome(door: Door, account: Person, target: str | None, codes: list[str] | None) -> ResponseReturnValue:
    """Begin the session and show the recovery codes, once."""
    session.pop("half", None)
    login.sign_in(account)
    onward = safe_target(target, door.home(role_of(account)))
    page = render_template("auth/codes.html", shell=door.shell, codes=codes or [], onward=onward)
    return known_device.remember(make_response(page), account.handle)


def demo_code(account: Person) -> str | None:
    """Return the code that a demo account may use next, None for others.

    The demo accounts' secret is published; production has no such account and never shows a code.
    """
    if platform_app().settings.production or not account.demo:
        return None
    with realm().read() as database:
        row = database.get(realm().totp, account.id)
        if row is None or row.secret != totp.DEMO_SECRET:
            return None
        return totp.demo_code(row, account)
