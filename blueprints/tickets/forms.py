"""The form of a queue number: who, and the key that makes two taps one ticket."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TelField
from wtforms.validators import InputRequired, Length

from mpp.i18n import gettext as _


class TakeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Name or initials, telephone if wanted; service and key travel along."""

    layanan = HiddenField()
    kunci = HiddenField()
    nama = StringField()
    hp = TelField()

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        # Words of the page's language, which a class does not know when it is made.
        self.nama.label.text = _("Nama atau inisial")
        self.nama.validators = [
            InputRequired(_("Isi nama atau inisial Anda.")),
            Length(max=60, message=_("Nama paling panjang 60 huruf.")),
        ]
        self.nama.flags.required = True
        self.hp.label.text = _("Nomor HP")
        self.hp.validators = [Length(max=30, message=_("Nomor HP terlalu panjang."))]
