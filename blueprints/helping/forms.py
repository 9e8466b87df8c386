"""The form that begins helper mode."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField, TelField
from wtforms.validators import InputRequired, Length, Optional

from tenants.people.helping import reasons


class HelpForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Who is helped, why, and that they agree."""

    nama = StringField(
        "Nama orang yang dibantu", [InputRequired("Isi nama orang yang dibantu."), Length(max=60)]
    )
    hp = TelField("Nomor HP-nya", [Optional(), Length(max=30, message="Nomor HP terlalu panjang.")])
    alasan = RadioField(
        "Mengapa dibantu?",
        [InputRequired("Pilih mengapa orang ini dibantu.")],
        validate_choice=False,
        choices=[(reason.value, words[0].upper() + words[1:]) for reason, words in reasons().items()],
    )
    setuju = BooleanField(
        "Saya sudah bertanya, dan orangnya setuju dibantu",
        [InputRequired("Tanyakan dahulu, lalu centang bahwa orangnya setuju.")],
    )
