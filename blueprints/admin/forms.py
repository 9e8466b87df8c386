"""The administrator's forms. Each carries `seen`: what stood there when the page was opened."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Regexp

from blueprints.admin.fields import (
    ClockField,
    CoordinateField,
    DayField,
    LinesField,
    ManyField,
    OptionalLong,
    OptionalText,
    WeekdaysField,
    WholeNumberField,
    at_most,
    tidy,
)
from tenants.hall.calendar import WEEKDAYS
from tenants.services.service import NO_REGULATION, names_regulation

FEE_ROWS_FREE = 2
MOST_FEE_ROWS = 12


def required(message: str) -> DataRequired:
    """Refuse nothing and blanks."""
    return DataRequired(message)


class SeenForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """A form that edits something that others may edit too."""

    seen = HiddenField()


class FeeForm(Form):  # type: ignore[misc]  # WTForms publishes no types
    """One local fee; an empty row is no fee."""

    label = OptionalText("Untuk apa", 120)
    amount = WholeNumberField("Jumlah (rupiah)", 0, 1_000_000_000)
    text = OptionalText("Atau cara menghitungnya", 200)
    perda = OptionalText("Nomor perda", 200)
    effective_from = DayField("Berlaku sejak")

    @property
    def filled(self) -> bool:
        """Whether anything stands in the row."""
        return any(str(field.raw_data[0] if field.raw_data else field.data or "").strip() for field in self)

    def validate(self, extra_validators: Any = None) -> bool:
        """A fee says what for, how much, and by which regulation."""
        valid = bool(super().validate(extra_validators))
        if not self.filled:
            return valid
        if not self.label.data:
            self.label.errors = [*self.label.errors, "Tulis biaya ini untuk apa."]
        if self.amount.data is None and not self.text.data and not self.amount.errors:
            self.amount.errors = [*self.amount.errors, "Isi jumlahnya, atau cara menghitungnya."]
        if not names_regulation(self.perda.data):
            self.perda.errors = [*self.perda.errors, NO_REGULATION]
        return valid and not any(field.errors for field in self)


class TermsForm(SeenForm):
    """What is local about a service."""

    weekdays = WeekdaysField("Hari layanan")
    opens = ClockField("Nomor mulai diberikan pukul")
    closes = ClockField("Nomor terakhir pukul")
    daily_quota = WholeNumberField("Kuota nomor per hari", 1, 10_000)
    fees = FieldList(FormField(FeeForm), "Biaya", max_entries=MOST_FEE_ROWS)
    extra_requirements = LinesField("Syarat tambahan dari daerah")
    contact = OptionalText("Kontak layanan", 200)
    local_note = OptionalLong("Catatan untuk warga")


class HallForm(SeenForm):
    """A building."""

    name = StringField("Nama gedung", [required("Tulis nama gedung."), at_most(120)], filters=[tidy])
    address = StringField("Alamat", [required("Tulis alamat gedung."), at_most(300)], filters=[tidy])
    latitude = CoordinateField("Lintang", 90)
    longitude = CoordinateField("Bujur", 180)
    phone = OptionalText("Telepon", 120)
    facilities = LinesField("Fasilitas")
    running_text = OptionalLong("Teks berjalan di layar antrean", 300)
    active = BooleanField("Gedung ini dipakai", default=True)


class DayForm(Form):  # type: ignore[misc]  # WTForms publishes no types
    """Hours of one weekday; empty is closed."""

    opens = ClockField("Buka")
    closes = ClockField("Tutup")
    break_starts = ClockField("Istirahat mulai")
    break_ends = ClockField("Istirahat selesai")


class HoursForm(SeenForm):
    """A hall's week."""

    day1 = FormField(DayForm, WEEKDAYS[0])
    day2 = FormField(DayForm, WEEKDAYS[1])
    day3 = FormField(DayForm, WEEKDAYS[2])
    day4 = FormField(DayForm, WEEKDAYS[3])
    day5 = FormField(DayForm, WEEKDAYS[4])
    day6 = FormField(DayForm, WEEKDAYS[5])
    day7 = FormField(DayForm, WEEKDAYS[6])
    hours_note = OptionalText("Keterangan di bawah jam buka", 200)

    @property
    def days(self) -> list[Any]:
        """The seven days, Monday first."""
        return [self[f"day{weekday}"] for weekday in range(1, 8)]


class ClosureForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Days that differ from the week."""

    kind = RadioField(
        "Apa yang terjadi",
        [InputRequired("Pilih tutup atau tetap buka.")],
        choices=[("closed", "Tutup"), ("open", "Tetap buka")],
        default="closed",
    )
    starts_on = DayField("Mulai tanggal", [InputRequired("Isi tanggal mulai.")])
    ends_on = DayField("Sampai tanggal")
    reason = StringField(
        "Alasan", [required("Tulis alasannya: warga membacanya."), at_most(120)], filters=[tidy]
    )


class AgencyForm(SeenForm):
    """An agency in a hall."""

    agency = SelectField("Instansi", validate_choice=False)
    local_name = OptionalText("Nama di daerah ini", 120)
    weekdays = WeekdaysField("Hari hadir")
    opens = ClockField("Mulai pukul")
    closes = ClockField("Selesai pukul")
    valid_from = DayField("Hadir sejak tanggal")
    contact = OptionalText("Kontak", 200)
    note = OptionalText("Catatan untuk warga", 300)


class CounterForm(SeenForm):
    """A counter."""

    number = WholeNumberField("Nomor loket", 1, 999, [InputRequired("Isi nomor loket.")])
    name = StringField("Nama loket", [required("Tulis nama loket."), at_most(60)], filters=[tidy])
    prefix = StringField(
        "Huruf nomor antrean",
        [required("Isi satu huruf A sampai Z."), Regexp(r"[A-Z]\Z", message="Isi satu huruf A sampai Z.")],
        filters=[lambda text: (text or "").strip().upper()],
    )
    agency = SelectField("Instansi", validate_choice=False, coerce=str)
    services = ManyField("Layanan di loket ini")
    quick = BooleanField("Loket cepat: hanya layanan singkat")
    zone = OptionalText("Bagian gedung", 60)
    officers = ManyField("Petugas yang boleh duduk di sini")


class QueueRuleForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """A hall's rule of the line, and the day on which it is tried."""

    target_priority = WholeNumberField("Prioritas", 1, 240, [InputRequired("Isi menit.")])
    target_booked = WholeNumberField("Sudah memesan waktu", 1, 240, [InputRequired("Isi menit.")])
    target_walk_in = WholeNumberField("Datang langsung", 1, 240, [InputRequired("Isi menit.")])
    max_priority_streak = WholeNumberField(
        "Nomor prioritas berturut-turut, paling banyak", 1, 10, [InputRequired("Isi angka.")]
    )
    max_overtake = WholeNumberField("Paling lama didahului", 5, 240, [InputRequired("Isi menit.")])
    recall_gap_seconds = WholeNumberField("Jeda antara dua panggilan", 5, 300, [InputRequired("Isi detik.")])
    recall_max = WholeNumberField("Panggil ulang, paling banyak", 0, 10, [InputRequired("Isi angka.")])
    quick_minutes = WholeNumberField(
        "Loket cepat: layanan paling lama", 1, 120, [InputRequired("Isi menit.")]
    )
    idle_minutes = WholeNumberField(
        "Loket tanpa kegiatan ditutup setelah", 5, 240, [InputRequired("Isi menit.")]
    )
    near_calls = WholeNumberField(
        "Kabari orang saat tinggal (panggilan)", 1, 20, [InputRequired("Isi angka.")]
    )
    reason = OptionalText("Alasan perubahan", 200)
    day = SelectField("Hari yang dicoba", validate_choice=False, coerce=str)


class FilterForm(Form):  # type: ignore[misc]  # WTForms publishes no types
    """The audit log's filter, sent with GET."""

    oleh = SelectField("Oleh", validate_choice=False)
    jenis = SelectField("Tentang", validate_choice=False)
    dari = DayField("Dari tanggal")
    sampai = DayField("Sampai tanggal")
