"""Forms of the hall's sound and of the region's own voice."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired

from blueprints.admin.fields import ClockField, WholeNumberField

SPEAK = (
    ("id", "Bahasa Indonesia"),
    ("both", "Indonesia, lalu Inggris"),
    ("en", "Bahasa Inggris"),
    ("none", "Bel saja, tanpa kata-kata"),
)
LANGUAGE_NAMES = (("id", "Indonesia"), ("en", "Inggris"))


class SoundForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """How the displays of a hall sound."""

    volume = WholeNumberField("Volume, 0 sampai 100", 0, 100, [InputRequired("Isi 0 sampai 100.")])
    quiet_from = ClockField("Jam tenang mulai")
    quiet_to = ClockField("Jam tenang selesai")
    speak = RadioField("Yang diucapkan", [InputRequired("Pilih salah satu.")], choices=SPEAK)
    names_spoken = BooleanField("Sebut nama orang yang dipanggil")


class VoiceForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Recordings of the region's own voice: one file, or a zip of many."""

    file = FileField("Berkas rekaman atau zip")
    language = SelectField("Bahasa", choices=LANGUAGE_NAMES, default="id")
    unit = SelectField("Kata yang direkam", validate_choice=False)
