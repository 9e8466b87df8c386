"""The form of a number given at the desk."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField, TelField
from wtforms.validators import Length, Optional

from tenants.queueing.models import PriorityClass
from tenants.queueing.words import class_words

ORDINARY = "biasa"
FURTHER = ("lalu", "lalu2", "lalu3")


class GiveForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Who, which class, what else in the same visit; service and key travel along."""

    layanan = HiddenField()
    kunci = HiddenField()
    golongan = RadioField(
        "Golongan",
        choices=[(ORDINARY, "Bukan golongan prioritas"), *((c.value, class_words(c)) for c in PriorityClass)],
        default=ORDINARY,
    )
    nama = StringField(
        "Nama atau inisial", [Optional(), Length(max=60, message="Nama paling panjang 60 huruf.")]
    )
    hp = TelField("Nomor HP", [Optional(), Length(max=30, message="Nomor HP terlalu panjang.")])
    # Slugs of the further services; the page shows them as lists by agency.
    lalu = StringField("Setelah itu")
    lalu2 = StringField("Setelah itu")
    lalu3 = StringField("Setelah itu")

    @property
    def priority_class(self) -> str | None:
        """The class chosen, None for everybody else."""
        return None if self.golongan.data == ORDINARY else str(self.golongan.data)

    @property
    def further(self) -> list[str]:
        """Slugs of the further services, in their order."""
        return [self[name].data for name in FURTHER if self[name].data]
