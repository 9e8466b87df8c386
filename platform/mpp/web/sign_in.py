"""The sign-in form and its rules, shared by a region's staff and the centre's."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

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
