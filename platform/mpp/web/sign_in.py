"""The sign-in form and its rules, shared by a region's staff and the centre's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from mpp import audit
from mpp.accounts import login
from mpp.accounts.models import Role
from mpp.accounts.service import A, authenticate

REFUSED = (
    "Surel atau kata sandi tidak cocok. Setelah lima kali salah, akun terkunci 15 menit. "
    "Lupa kata sandi? Hubungi admin Anda."
)


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


def sign_in_page(
    kind: type[A],
    transaction: Callable[[], AbstractContextManager[Session]],
    template: str,
    home: Callable[[Role | None], str],
) -> ResponseReturnValue:
    """Show the form; on POST start a session bound to this host, or say why not and keep the e-mail.

    `home` names where a role goes that asked for no page; the centre's people have none.
    """
    form = SignInForm(lanjut=request.args.get("lanjut"))
    if current_user.is_authenticated and request.method == "GET":
        return redirect(home(current_user.role))
    refused = None
    if form.validate_on_submit():
        with transaction() as session:
            account = authenticate(session, kind, form.email.data, form.password.data)
            if account is not None:
                login.sign_in(account)
                audit.record(session, action="account.sign_in", subject=f"{kind.__tablename__}:{account.id}")
        if account is not None:
            return redirect(safe_target(form.lanjut.data, home(login.as_signed_in(account).role)))
        refused = REFUSED
    code = 422 if request.method == "POST" else 200
    return render_template(template, form=form, refused=refused), code
