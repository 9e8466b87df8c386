"""The form of one's own password."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

MOST = Length(max=200, message="Kata sandi paling panjang 200 karakter.")


class PasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """The present password, and the new one twice."""

    current = PasswordField("Kata sandi sekarang", [InputRequired("Isi kata sandi sekarang."), MOST])
    new = PasswordField("Kata sandi baru", [InputRequired("Isi kata sandi baru."), MOST])
    again = PasswordField(
        "Kata sandi baru, sekali lagi",
        [InputRequired("Ulangi kata sandi baru."), EqualTo("new", "Belum sama dengan kata sandi baru.")],
    )
