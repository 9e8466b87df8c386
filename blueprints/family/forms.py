"""Forms of the family card and of a power of attorney."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from mpp.citizens import powers
from mpp.citizens.family import RELATION_WORDS
from mpp.i18n import gettext as _

LONGEST = 120
NO_PHONE, HAS_PHONE = "tidak", "ya"
EVERYTHING, CHOSEN = "semua", "pilih"


class _Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Words of a form are those of the page's language, which a class does not know when it is made."""

    def say(
        self,
        name: str,
        label: str,
        missing: str | None = None,
        *,
        most: int | None = LONGEST,
        wrong: str | None = None,
    ) -> Field:
        """Give a field its words; `missing` is said when it stays empty, `wrong` when it can't be read."""
        field: Field = self[name]
        field.label.text = label
        length = [Length(max=most, message=_("Terlalu panjang."))] if most else []
        field.validators = [InputRequired(missing) if missing else Optional(), *length]
        field.flags.required = missing is not None
        if field.process_errors and wrong:
            field.process_errors = [wrong]
        return field

    def refuse(self, name: str | None, usual: str, text: str) -> None:
        """Put what was refused beside its field, or beside the usual one."""
        field = self[name if name in self else usual]
        field.errors = [*field.errors, text]


class CardForm(_Form):
    """The family card's number, and the statement to be on it."""

    card = StringField()
    stated = BooleanField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.say("card", _("Nomor KK"))
        self.say(
            "stated",
            _("Saya menyatakan tercantum dalam KK ini"),
            _("Centang pernyataan ini untuk melanjutkan."),
            most=None,
        )


class MemberForm(_Form):
    """Somebody on the card: who, and whether they agree by an account of their own."""

    name = StringField()
    relation = RadioField(validate_choice=False)
    birth_year = IntegerField()
    nik = StringField()
    own = RadioField(validate_choice=False)
    phone = TelField()
    mutual = BooleanField()
    stated = BooleanField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.say(
            "name", _("Nama lengkap (sesuai KTP atau KK)"), _("Isi nama lengkap seperti di KTP atau KK.")
        )
        words = [(relation.value, _(text)) for relation, text in RELATION_WORDS.items()]
        self.say(
            "relation", _("Hubungannya dengan Anda"), _("Pilih hubungan keluarga."), most=None
        ).choices = words
        year = _("Tulis tahun lahir dengan empat angka, misalnya 2015.")
        self.say("birth_year", _("Tahun lahir"), most=None, wrong=year)
        self.say("nik", "NIK")
        self.say("own", _("Apakah ia punya HP sendiri?"), _("Pilih salah satu."), most=None).choices = [
            (NO_PHONE, _("Tidak, masih anak (di bawah 17 tahun)")),
            (HAS_PHONE, _("Ya, undang dengan nomor HP-nya")),
        ]
        self.say("phone", _("Nomor HP-nya"))
        self.say("mutual", _("Saling: ia juga boleh bertindak untuk saya"), most=None)
        self.say(
            "stated",
            _("Saya menyatakan satu KK dengan orang ini"),
            _("Centang pernyataan ini untuk melanjutkan."),
            most=None,
        )


class PowerForm(_Form):
    """A power: to whom, for what, where, from when until when, why."""

    name = StringField()
    phone = TelField()
    what = RadioField(validate_choice=False)
    services = SelectMultipleField(
        validate_choice=False, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    region = SelectField(validate_choice=False)
    starts_on = DateField()
    ends_on = DateField()
    reason = TextAreaField()
    agreed = BooleanField()

    def __init__(self, regions: list[tuple[int, str]], **values: Any) -> None:
        self.regions = regions
        today = powers.today()
        begun = {"starts_on": today, "ends_on": today + dt.timedelta(days=30)}
        super().__init__(**{**begun, **values})
        self.say("name", _("Nama penerima kuasa"), _("Isi nama penerima kuasa."))
        self.say("phone", _("Nomor HP penerima kuasa"), _("Isi nomor HP penerima kuasa."))
        self.say("what", _("Untuk layanan apa?"), _("Pilih untuk layanan apa."), most=None).choices = [
            (CHOSEN, _("Hanya yang saya pilih")),
            (EVERYTHING, _("Semua layanan")),
        ]
        self.say("services", _("Layanan"), most=None).choices = []
        places = [("", _("Semua daerah")), *((str(key), name) for key, name in regions)]
        self.say("region", _("Di daerah mana?"), most=None).choices = places
        self.say("starts_on", _("Mulai"), _("Isi hari pertama."), most=None, wrong=_("Isi hari pertama."))
        self.say("ends_on", _("Sampai"), _("Isi hari terakhir."), most=None, wrong=_("Isi hari terakhir."))
        self.say("reason", _("Alasan"), _("Tulis untuk apa kuasa ini, 5 sampai 300 huruf."), most=None)
        self.say(
            "agreed",
            _("Saya memberi kuasa ini atas kemauan sendiri"),
            _("Centang pernyataan ini untuk melanjutkan."),
            most=None,
        )

    @property
    def region_id(self) -> int | None:
        """The region chosen, None for every one; 0 for one that is not in the list."""
        chosen = self.region.data
        return {str(key): key for key, _name in self.regions}.get(chosen, 0) if chosen else None

    @property
    def scope(self) -> tuple[str, ...]:
        """The words of the scope; () is everything."""
        return () if self.what.data == EVERYTHING else tuple(self.services.data or ())
