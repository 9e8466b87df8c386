"""Signing in with a password or a passkey, shared by a region's staff and the centre's."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from mpp.accounts import factors, login, passkeys
from mpp.accounts.guard import TooManyTriesError
from mpp.accounts.models import Role, Staff
from mpp.accounts.passwords import compulsory
from mpp.accounts.realm import Person, person, realm
from mpp.accounts.secrets import fingerprint
from mpp.accounts.service import authenticate
from mpp.tenancy.region import region_or_none
from mpp.web import bots, known_device
from mpp.web.flask import platform_app

REFUSED = (
    "Surel atau kata sandi tidak cocok. Setelah lima kali salah, tunggu 15 menit. "
    "Lupa kata sandi? Hubungi admin Anda."
)
USED_UP = (
    "Terlalu banyak percobaan di sini, mungkin bukan oleh Anda. Tunggu 15 menit, atau tulis kata sandi sekali lagi: "
    "peramban Anda lalu menghitung beberapa detik, dan percobaan itu tetap diperiksa."
)
# Between the password and the second factor.
HALF_SECONDS = 600
CHALLENGE_SECONDS = 300
INVALID = 422


@dataclass(frozen=True, slots=True)
class Door:
    """One realm's way in: the blueprint of its steps, the sign-in page, the steps' shell, and where it leads."""

    blueprint: str
    page: str
    shell: str
    home: Callable[[Role | None], str]

    def url(self, view: str) -> str:
        """Return the address of one of the steps: "sign_in", "step", "setup", "passkey"."""
        return url_for(f"{self.blueprint}.{view}")


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """E-mail, password, and where to go afterwards."""

    email = EmailField(
        "Surel", [InputRequired("Isi surel Anda."), Length(max=254, message="Surel terlalu panjang.")]
    )
    password = PasswordField(
        "Kata sandi",
        [InputRequired("Isi kata sandi Anda."), Length(max=200, message="Kata sandi terlalu panjang.")],
    )
    lanjut = HiddenField()


def safe_target(target: str | None, default: str) -> str:
    """Return `target` when it is a path on this very host, else `default`: no open redirect."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc or any(ord(c) < 32 for c in target) else target


def sign_in_page(door: Door) -> ResponseReturnValue:
    """Show the form; on POST go on to the second factor or into a session, or say why not and keep the e-mail."""
    form = SignInForm(lanjut=request.args.get("lanjut"))
    if current_user.is_authenticated and current_user.kind == realm().kind and request.method == "GET":
        return redirect(door.home(current_user.role))
    refused, harder = None, None
    if form.validate_on_submit():
        email = form.email.data
        work = bots.harder_work()
        try:
            with realm().write() as database:
                account = authenticate(
                    database, email, form.password.data, work=work, **known_device.trying(email)
                )
                if account is not None:
                    # What follows writes in this very transaction.
                    return enter(door, account, form.lanjut.data)
            refused = REFUSED
        except TooManyTriesError as error:
            # Others may have used the tries up: whoever sends it again with the work is looked at all the same.
            refused, harder = (str(error), None) if work else (USED_UP, bots.born())
    with realm().read() as database:
        options, challenge = passkeys.request_options(database, here())
    keep_challenge(challenge)
    page = render_template(
        door.page, form=form, refused=refused, options=options, passkey_url=door.url("passkey"), harder=harder,
        bits=bots.BITS_HARDER,
    )  # fmt: skip
    return page, INVALID if request.method == "POST" else 200


def enter(door: Door, account: Person, target: str | None) -> ResponseReturnValue:
    """Go on after a right password: to the second factor, to its set-up where one is due, or into the session."""
    with realm().read() as database:
        have = factors.of(database, account.id)
    if not have.any and not compulsory(account):
        return finish(door, account, target)
    # Who was signed in here is not any more: a cookie dropped alone would leave the session open on the server.
    login.sign_out()
    session["half"] = {"id": account.id, "at": int(time.time()), "to": target, "proof": _proof(account)}
    return redirect(door.url("step" if have.any else "setup"))


def finish(door: Door, account: Person, target: str | None) -> Response:
    """Start the session and go where the person wanted, or where the role's work begins."""
    session.pop("half", None)
    user = login.sign_in(account)
    response = redirect(safe_target(target, door.home(user.role)))
    return known_device.remember(response, account.handle)


def half() -> tuple[Person, str | None] | None:
    """Return who has given the right password in this browser and not yet the second factor, and where to go then."""
    kept: dict[str, Any] = session.get("half") or {}
    if not kept or time.time() - kept["at"] > HALF_SECONDS:
        return None
    with realm().read() as database:
        account = person(database, int(kept["id"]))
    # A password changed meanwhile was the wrong one.
    if account is None or not account.active or kept["proof"] != _proof(account):
        return None
    return account, kept["to"]


def passkey_page(door: Door) -> ResponseReturnValue:
    """Take a passkey's answer: alone it is both factors, for the device has checked who holds it."""
    waiting = half()
    try:
        with realm().write() as database:
            account = passkeys.check(
                database, here(), taken_challenge(), request.form.get("answer", ""),
                waiting[0].id if waiting else None,
            )  # fmt: skip
    except passkeys.PasskeyError as error:
        flash(str(error), "error")
        return redirect(door.url("step" if waiting else "sign_in"))
    return finish(door, account, waiting[1] if waiting else request.form.get("lanjut"))


def sign_out_page(door: Door) -> ResponseReturnValue:
    """End the session at this host."""
    login.sign_out()
    return redirect(door.url("sign_in"))


def here() -> passkeys.Place:
    """Return the host that passkeys belong to here, and the origin that their answers must name."""
    host = request.host.lower()
    return passkeys.Place(host.partition(":")[0], f"{platform_app().settings.scheme}://{host}")


def site_name() -> str:
    """Return what a device calls this site."""
    region = region_or_none()
    return f"MPP {region.name}" if region else "MPP Digital pusat"


def keep_challenge(challenge: str) -> None:
    """Keep a challenge in the browser's signed cookie until its answer comes."""
    session["challenge"] = [challenge, int(time.time())]


def taken_challenge() -> str:
    """Return the kept challenge and forget it; empty when there is none or it is too old."""
    challenge, at = session.pop("challenge", None) or ("", 0)
    return str(challenge) if time.time() - at <= CHALLENGE_SECONDS else ""


def role_of(account: Person) -> Role | None:
    """Return the role of a region's account, None for the centre's."""
    return Role(account.role) if isinstance(account, Staff) else None


def _proof(account: Person) -> str:
    return fingerprint("half", str(account.id), account.password_hash).hex()[:32]
