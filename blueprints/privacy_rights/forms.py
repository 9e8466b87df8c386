"""Forms about one's own data."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from mpp.i18n import gettext as _
from mpp.storage.kinds import MOST_BYTES
from mpp.web.bots import GuardedForm
from mpp.web.form_data import whole
from tenants.privacy.words import FIELD_WORDS, WHY_WORDS

# Beside a file that is a little too large the words come back; only beyond this nothing is read.
MOST_BODY = MOST_BYTES + 6 * 2**20


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
        self.menjadi.label.text, self.berkas.label.text = _("Seharusnya"), _("Foto atau PDF sebagai bukti")
        self.hal.choices = [(key, _(words)) for key, words in FIELD_WORDS.items()]

    hal = RadioField(validate_choice=True, default="holder")
    nomor = SelectField(coerce=whole, validate_choice=False, default=0)
    menjadi = TextAreaField(validators=[Length(max=2000)])
    berkas = FileField(validators=[Optional()])

    def document(self) -> bytes | None:
        """Return what was attached, never more than just too much of it; None for nothing."""
        sent = self.berkas.data
        content: bytes = sent.read(MOST_BYTES + 1) if sent else b""
        return content if sent and sent.filename else None


class FindForm(FlaskForm):  # type: ignore[misc]  # as above
    """Whom the desk looks for, and what for."""

    nik = StringField(
        "NIK warga", validators=[InputRequired("Isi NIK yang ditunjukkan warga."), Length(max=40)]
    )
    untuk = RadioField(
        "Untuk apa dicari?",
        choices=[(why.value, words) for why, words in WHY_WORDS.items()],
        validators=[InputRequired("Pilih dahulu untuk apa data ini diperlukan.")],
    )


class DecideForm(FlaskForm):  # type: ignore[misc]  # as above
    """What the admin decides, and the words for the person."""

    keputusan = RadioField(
        "Keputusan",
        choices=[("kabul", "Kabulkan"), ("tolak", "Tolak")],
        validators=[InputRequired("Pilih kabulkan atau tolak.")],
    )
    jawaban = TextAreaField("Jawaban untuk warga", validators=[Length(max=500)])
