"""The form of a queue number: who, how they stand in line, and the key that makes two taps one ticket."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField, TelField
from wtforms.validators import InputRequired, Length

from mpp.i18n import gettext as _
from tenants.queueing.models import PriorityClass


class TakeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Name or initials, telephone and priority class if wanted; service and key travel along."""

    layanan = HiddenField()
    kunci = HiddenField()
    nama = StringField()
    hp = TelField()
    prioritas = RadioField(default="", validate_choice=False)

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        # Words of the page's language, which a class does not know when it is made.
        self.nama.label.text = _("Nama atau inisial")
        self.nama.validators = [
            InputRequired(_("Isi nama atau inisial Anda.")),
            Length(max=60, message=_("Nama paling panjang 60 huruf.")),
        ]
        self.nama.flags.required = True
        self.prioritas.label.text = _("Apakah Anda termasuk salah satu ini?")
        self.prioritas.choices = [
            ("", _("Tidak")),
            (PriorityClass.ELDERLY.value, _("Lansia")),
            (PriorityClass.DISABILITY.value, _("Penyandang disabilitas")),
            (PriorityClass.PREGNANT.value, _("Ibu hamil atau menyusui")),
            (PriorityClass.INFANT.value, _("Membawa balita")),
        ]
        self.hp.label.text = _("Nomor HP")
        self.hp.validators = [Length(max=30, message=_("Nomor HP terlalu panjang."))]

    @property
    def priority_class(self) -> str | None:
        """The class said by the citizen; None for nobody's, and for one that does not exist."""
        said = self.prioritas.data or ""
        return said if said in set(PriorityClass) else None
