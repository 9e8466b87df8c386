"""The forms of the account. Words are said when a form is made: a class does not know the page's language."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, HiddenField, PasswordField, StringField, TelField
from wtforms.validators import EqualTo, InputRequired, Length

from mpp.accounts.passkeys import LONGEST_NAME as LONGEST_KEY
from mpp.accounts.passwords import LONGEST as LONGEST_PASSWORD
from mpp.citizens.person import LONGEST_EMAIL, LONGEST_NAME
from mpp.i18n import gettext as _
from mpp.web.bots import GuardedForm


def say(field: Field, label: str, missing: str | None, most: int) -> None:
    """Give a field its words; `missing` is what is said of an empty one, None: it may be empty."""
    field.label.text = label
    field.validators = [Length(max=most, message=_("Paling panjang %(most)s huruf.", most=most))]
    if missing is not None:
        field.validators = [InputRequired(missing), *field.validators]
        field.flags.required = True


def _say_phone(field: Field) -> None:
    say(field, _("Nomor HP"), _("Isi nomor HP Anda."), 30)


class PhoneForm(GuardedForm):
    """The number that a code goes to, from anybody."""

    hp = TelField()
    lanjut = HiddenField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        _say_phone(self.hp)


class NumberForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """The new number of an account."""

    hp = TelField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        say(self.hp, _("Nomor HP baru"), _("Isi nomor HP yang baru."), 30)


class CodeForm(FlaskForm):  # type: ignore[misc]  # as above
    """A one-time code."""

    code = StringField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        say(self.code, _("Kode 6 angka"), _("Isi kode dari pesan."), 20)


class NameForm(FlaskForm):  # type: ignore[misc]  # as above
    """Who somebody is."""

    name = StringField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        say(self.name, _("Nama lengkap (sesuai KTP)"), _("Isi nama lengkap sesuai KTP."), LONGEST_NAME)


class NikForm(FlaskForm):  # type: ignore[misc]  # as above
    """The NIK; empty takes it away."""

    nik = StringField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        say(self.nik, "NIK", None, 30)


class RegisterForm(NameForm):
    """A new account, once its telephone has answered; `newcomer` when an older one rests under the number."""

    nik = StringField()
    newcomer = BooleanField()

    def __init__(self, *, rested: bool, **values: Any) -> None:
        super().__init__(**values)
        say(self.nik, "NIK", None, 30)
        if rested:
            self.newcomer.label.text = _("Nomor ini baru bagi saya, atau saya tidak punya cara masuk lain")
            self.newcomer.validators = [InputRequired(_("Centang pernyataan ini untuk melanjutkan."))]
        else:
            del self.newcomer


class EmailForm(FlaskForm):  # type: ignore[misc]  # as above
    """The e-mail address; empty takes it away."""

    email = EmailField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        say(self.email, _("Surel"), None, LONGEST_EMAIL)


class PasswordInForm(FlaskForm):  # type: ignore[misc]  # as above
    """Number and password."""

    hp = TelField()
    password = PasswordField()
    lanjut = HiddenField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        _say_phone(self.hp)
        say(self.password, _("Kata sandi"), _("Isi kata sandi Anda."), LONGEST_PASSWORD)


class PaperInForm(FlaskForm):  # type: ignore[misc]  # as above
    """Number and a recovery code."""

    hp = TelField()
    code = StringField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        _say_phone(self.hp)
        say(self.code, _("Kode cadangan"), _("Isi satu kode cadangan."), 40)


class ProofForm(FlaskForm):  # type: ignore[misc]  # as above
    """The password once more."""

    password = PasswordField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        say(self.password, _("Kata sandi"), _("Isi kata sandi Anda."), LONGEST_PASSWORD)


class PasswordForm(FlaskForm):  # type: ignore[misc]  # as above
    """A new password, twice."""

    new = PasswordField()
    again = PasswordField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        say(self.new, _("Kata sandi baru"), _("Isi kata sandi baru."), LONGEST_PASSWORD)
        say(self.again, _("Kata sandi baru, sekali lagi"), _("Ulangi kata sandi baru."), LONGEST_PASSWORD)
        self.again.validators.append(EqualTo("new", _("Belum sama dengan kata sandi baru.")))


class PasskeyForm(FlaskForm):  # type: ignore[misc]  # as above
    """A name for a new passkey; the device's answer comes beside it."""

    name = StringField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        say(self.name, _("Nama perangkat ini"), _("Beri nama, misalnya “HP saya”."), LONGEST_KEY)
