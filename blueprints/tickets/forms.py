"""The form of a queue number: who, how they stand in line, and the key that makes two taps one ticket."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, RadioField, StringField, TelField
from wtforms.validators import InputRequired, Length

from mpp.i18n import gettext as _
from mpp.web.bots import GuardedForm
from tenants.people.helping import reasons
from tenants.queueing.models import PriorityClass

MYSELF, BESIDE = "diri", "bantu"


class TakeForm(GuardedForm):
    """Name or initials, telephone and priority class if wanted; service and key travel along."""

    layanan = HiddenField()
    kunci = HiddenField()
    nama = StringField()
    hp = TelField()
    prioritas = RadioField(default="", validate_choice=False)
    # Only for who is signed in: for whom, and of a person beside them why they are helped and that they agree.
    untuk = RadioField(default=MYSELF, validate_choice=False, choices=[])
    alasan = RadioField(validate_choice=False, choices=[])
    setuju = BooleanField()

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

    def offer_people(self, people: list[tuple[str, str]]) -> None:
        """Let a signed-in person choose for whom: `people` are (key, name). A name need not be typed then."""
        self.untuk.label.text = _("Untuk siapa?")
        self.untuk.choices = [
            (MYSELF, _("Saya sendiri")),
            *people,
            (BESIDE, _("Orang di samping saya, saya bantu mengisi")),
        ]
        self.alasan.label.text = _("Mengapa dibantu?")
        self.alasan.choices = [
            (reason.value, words[0].upper() + words[1:]) for reason, words in reasons().items()
        ]
        self.setuju.label.text = _("Orangnya ada di sini dan setuju saya bantu")
        self.nama.validators = [Length(max=60, message=_("Nama paling panjang 60 huruf."))]
        self.nama.flags.required = False

    @property
    def priority_class(self) -> str | None:
        """The class said by the citizen; None for nobody's, and for one that does not exist."""
        said = self.prioritas.data or ""
        return said if said in set(PriorityClass) else None
