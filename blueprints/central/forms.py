"""Forms of the console about regions and the signed-in account."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.validators import EqualTo, InputRequired, Length

from mpp.accounts.passwords import LONGEST


class SuspendForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Why a region is suspended, and whom its visitors can ask."""

    reason = TextAreaField(
        "Alasan",
        [
            InputRequired("Tulis alasannya; alasan masuk catatan pusat."),
            Length(max=500, message="Paling panjang 500 huruf."),
        ],
    )
    contact = StringField(
        "Yang dapat dihubungi warga",
        [
            InputRequired("Tulis siapa yang dapat dihubungi warga."),
            Length(max=200, message="Paling panjang 200 huruf."),
        ],
    )


class HostForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """A domain of the region's own."""

    host = StringField(
        "Domain",
        [InputRequired("Tulis nama domain."), Length(max=253, message="Nama domain terlalu panjang.")],
    )


class PasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """A new password for one's own account; the old one proves whose hands are at the keyboard."""

    current = PasswordField("Kata sandi sekarang", [InputRequired("Isi kata sandi Anda sekarang.")])
    new = PasswordField(
        "Kata sandi baru",
        [
            InputRequired("Isi kata sandi baru."),
            Length(max=LONGEST, message=f"Paling banyak {LONGEST} karakter."),
        ],
    )
    again = PasswordField(
        "Ulangi kata sandi baru",
        [InputRequired("Ulangi kata sandi baru."), EqualTo("new", "Tidak sama dengan kata sandi baru.")],
    )
