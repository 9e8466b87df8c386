"""What a person writes of themself: names, numbers and addresses as people in Indonesia really bear them.

Names: one field as on the identity card. Old records hold single names, apostrophes, titles and degrees (Ma'ruf,
Dt. Rajo, S.Kom.); only new ones must have two words of Latin letters (Permendagri 73/2022). So nothing is refused
that somebody may be called. NIK: PP KK CC DDMMYY SSSS, for women DD+40, of the place where it was first given, with no
check digit; real ones with a wrong birth date exist. So an odd one is doubted, never refused.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

import phonenumbers

from mpp.accounts.service import AccountError
from mpp.crypto import normal
from mpp.i18n import gettext as _

LONGEST_NAME = 100
LONGEST_EMAIL = 254
NIK_DIGITS = 16
FEMALE = 40
LAST_DAY = 31
# The first two digits of the codes of Kepmendagri 300.2.2-2138/2430 Tahun 2025.
PROVINCES = re.compile(r"1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-7]")
NOT_IN_NAMES = re.compile(r"[<>{}\[\]\\|^~_=+*#@$%&!?:;\"\d]")
EMAIL = re.compile(
    r"[^@\s<>\"(),:;\\]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


def clean_name(text: str | None, field: str = "name") -> str:
    """Return a name on one line. Raises AccountError for none, one too long, and what no name holds."""
    name = " ".join(unicodedata.normalize("NFC", text or "").replace("\u2019", "'").split())
    if not any(c.isalpha() for c in name):
        raise AccountError(_("Isi nama lengkap sesuai KTP."), field)
    if len(name) > LONGEST_NAME:
        raise AccountError(_("Nama paling panjang %(most)s huruf.", most=LONGEST_NAME), field)
    if NOT_IN_NAMES.search(name) or any(unicodedata.category(c)[0] == "C" for c in name):
        raise AccountError(_("Tulis nama dengan huruf saja, seperti di KTP."), field)
    return name


def clean_number(text: str | None, field: str = "nik") -> str | None:
    """Return the digits of a NIK or family-card number, None when empty. Raises AccountError for other signs."""
    written = re.sub(r"[\s.-]", "", text or "")
    if not written:
        return None
    # Not isdigit(): it takes digits of other scripts too.
    if not re.fullmatch(r"[0-9]{1,20}", written):
        raise AccountError(_("Tulis angkanya saja, paling banyak 20 angka."), field)
    return written


def clean_phone(text: str | None, field: str = "phone") -> str:
    """Return a mobile number as +62…, written as 08…, 62… or +62…; foreign ones too. Raises AccountError."""
    written = (text or "").strip()
    try:
        number = phonenumbers.parse(written, "ID")
    except phonenumbers.NumberParseException:
        number = None
    mobile = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if number is None or phonenumbers.number_type(number) not in mobile:
        raise AccountError(_("Nomor HP tidak dikenali. Tulis seperti 0812 3456 7890."), field)
    return normal.phone(written)


def clean_email(text: str | None, field: str = "email") -> str | None:
    """Return an e-mail address, None when empty. Raises AccountError."""
    written = (text or "").strip()
    if not written:
        return None
    if len(written) > LONGEST_EMAIL or not EMAIL.fullmatch(written):
        raise AccountError(_("Alamat surel tidak dikenali. Tulis seperti nama@contoh.id."), field)
    return written


def nik_doubts(nik: str | None, birth_year: int | None = None) -> list[str]:
    """Return what looks odd about a NIK, one line each, for its owner to check; empty when nothing does."""
    digits = normal.digits(nik or "")
    if not digits:
        return []
    if len(digits) != NIK_DIGITS:
        return [_("NIK biasanya %(usual)s angka, yang ini %(count)s.", usual=NIK_DIGITS, count=len(digits))]
    doubts = []
    if not PROVINCES.fullmatch(digits[:2]) or "00" in {digits[2:4], digits[4:6]}:
        doubts.append(_("Enam angka pertama NIK bukan kode wilayah yang kami kenal."))
    year = _birth_year(digits)
    if year is None:
        doubts.append(_("Angka ke-7 sampai ke-12 NIK bukan tanggal lahir."))
    elif birth_year is not None and birth_year % 100 != year:
        doubts.append(_("Tahun lahir di NIK lain dari yang Anda tulis."))
    if digits[12:] == "0000":
        doubts.append(_("Empat angka terakhir NIK tidak pernah 0000."))
    return doubts


def _birth_year(digits: str) -> int | None:
    """Return the year of the birth date in a NIK, two digits; None when there is no such date."""
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    day -= FEMALE if day > LAST_DAY else 0
    try:
        # 2000 is a leap year, as is every fourth since 1904: 29 February is judged by the two digits alone.
        dt.date(2000 + year, month, day)
    except ValueError:
        return None
    return year
