"""Forms of machines in the hall: a new one, its name, how a kiosk behaves."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.admin.fields import ManyField, OptionalText, WholeNumberField, at_most, tidy
from blueprints.admin.forms import SeenForm, required
from mpp.web.form_data import whole
from tenants.devices.models import DeviceKind
from tenants.devices.service import LONGEST_NAME
from tenants.devices.settings import LONGEST_QUIET, PRINTER_PORTS, SHORTEST_QUIET, Printing

KINDS = {DeviceKind.KIOSK: "Kios", DeviceKind.DISPLAY: "Layar"}
KIND_NOTES = {
    DeviceKind.KIOSK.value: "Mesin untuk mengambil nomor dan melapor datang.",
    DeviceKind.DISPLAY.value: "Layar panggilan di ruang tunggu.",
}
PRINTINGS = {
    Printing.BROWSER: "Lewat peramban kios",
    Printing.NETWORK: "Printer di jaringan",
    Printing.NONE: "Tidak mencetak",
}
PRINTING_NOTES = {
    Printing.BROWSER.value: "Printer 80 mm yang tersambung ke mesin kios. Jalankan peramban dalam mode cetak langsung.",
    Printing.NETWORK.value: "Printer 80 mm (ESC/POS) dengan alamat IP di jaringan gedung.",
    Printing.NONE.value: "Warga memotret layar atau memindai kode QR.",
}


class NameForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """What a device is called and where it stands."""

    name = StringField(
        "Nama perangkat", [required("Isi nama perangkat."), at_most(LONGEST_NAME)], filters=[tidy]
    )
    zone = OptionalText("Bagian gedung", LONGEST_NAME)


class NewDeviceForm(NameForm):
    """A new device."""

    kind = RadioField(
        "Jenis",
        [InputRequired("Pilih kios atau layar.")],
        choices=[(kind.value, words) for kind, words in KINDS.items()],
        default=DeviceKind.KIOSK.value,
    )
    hall = SelectField("Gedung", coerce=whole)


class LanguagesField(SelectMultipleField):  # type: ignore[misc]  # WTForms publishes no types
    """Languages as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, **options)
        # The macros tell fields apart by this name.
        self.type = "SelectMultipleField"


class KioskForm(SeenForm):
    """How a kiosk behaves."""

    languages = LanguagesField("Bahasa")
    agencies = ManyField("Instansi yang tampil")
    services = ManyField("Layanan lain yang tampil")
    printing = RadioField(
        "Kertas nomor",
        [InputRequired("Pilih cara mencetak.")],
        choices=[(way.value, words) for way, words in PRINTINGS.items()],
    )
    printer_host = OptionalText("Alamat IP printer", 45)
    printer_port = WholeNumberField("Port printer", PRINTER_PORTS.start, PRINTER_PORTS.stop - 1)
    quiet_seconds = WholeNumberField(
        "Kembali ke awal setelah", SHORTEST_QUIET, LONGEST_QUIET, [InputRequired("Isi jumlah detik.")]
    )


class PressForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """One press of a button, sent twice or not."""

    key = StringField(validators=[Regexp(r"[A-Za-z0-9_-]{16,64}")])
