"""Forms about one's own data."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from mpp.i18n import gettext as _
from mpp.web.bots import GuardedForm
from mpp.web.form_data import whole
from tenants.privacy.words import FIELD_WORDS


class AskForm(GuardedForm):
    """How a guest proves whose data it is: a ticket's link or code, or a telephone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.hp.label.text, self.kode.label.text = _("Nomor HP"), _("Kode atau tautan nomor antrean")

    hp = StringField(validators=[Optional(), Length(max=40)])
    kode = StringField(validators=[Optional(), Length(max=200)])


class CodeForm(FlaskForm):  # type: ignore[misc]  # published without types
    """The code that was sent to the telephone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.code.label.text = _("Kode 6 angka")
        self.code.validators = [InputRequired(_("Isi kode yang dikirim ke HP Anda.")), Length(max=20)]

    code = StringField()


class CorrectForm(FlaskForm):  # type: ignore[misc]  # as above
    """A correction: which thing, of which number, and what it should be."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.hal.label.text, self.nomor.label.text = _("Yang perlu dibetulkan"), _("Nomor antrean")
        self.menjadi.label.text = _("Seharusnya")
        self.hal.choices = [(key, _(words)) for key, words in FIELD_WORDS.items()]

    hal = RadioField(validate_choice=True, default="holder")
    nomor = SelectField(coerce=whole, validate_choice=False, default=0)
    menjadi = TextAreaField(validators=[Length(max=2000)])


class DecideForm(FlaskForm):  # type: ignore[misc]  # as above
    """What the admin decides, and the words for the person."""

    keputusan = RadioField(
        "Keputusan",
        choices=[("kabul", "Kabulkan"), ("tolak", "Tolak")],
        validators=[InputRequired("Pilih kabulkan atau tolak.")],
    )
    jawaban = TextAreaField("Jawaban untuk warga", validators=[Length(max=500)])
