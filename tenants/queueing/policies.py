"""Rules of the queue that need no SQL: when a number may be taken, what a holder and a phone look like."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import unicodedata
from dataclasses import dataclass

import phonenumbers
from sqlalchemy_utils import PhoneNumber, PhoneNumberParseException

from mpp.i18n import clock, full_date
from mpp.i18n import gettext as _
from tenants.hall.calendar import Reason, ServiceStatus
from tenants.queueing.errors import BadHolderError, BadPhoneError, FormReusedError

# Numbers may be taken this long before the service opens, so that the first in line need not stand in the street.
EARLY = dt.timedelta(minutes=60)
LONGEST_HOLDER = 60
# What stands in place of a name where nobody is asked for one (at a kiosk), or none was given. Officers read it;
# nobody is called by it.
VISITOR, NO_NAME = "Pengunjung", "Tanpa nama"
NAMELESS = frozenset({VISITOR, NO_NAME})
# No look-alikes (0 O, 1 I L, U V): a code is read out and typed. 12 of 30 signs are 58 bits.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True)
class Officer:
    """Who acts at a counter; an admin may sit at any.

    `at` is the counter whose console they look at: its acts hold only while they sit there. None: wherever they sit.
    """

    id: int
    admin: bool = False
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether a number may be taken now; else why not, and from when (aware) if known."""

    available: bool
    reason: str | None = None
    opens_at: dt.datetime | None = None


def offer(status: ServiceStatus, moment: dt.datetime) -> Offer:
    """Return what a service's hours mean for taking a number at `moment` (aware)."""
    if status.available:
        return Offer(True)
    if status.opens_at is None:
        return Offer(False, status.reason)
    first = status.opens_at - EARLY
    if first <= moment < status.opens_at:
        return Offer(True)
    if status.code is Reason.BEFORE_HOURS:
        return Offer(False, _("Nomor antrean dibuka pukul %(time)s.", time=clock(first)), first)
    again = _("Nomor dibuka lagi %(day)s pukul %(time)s.", day=full_date(first), time=clock(first))
    reason = (status.reason or "").strip()
    reason = f"{reason}." if reason and not reason.endswith(".") else reason
    return Offer(False, f"{reason} {again}".strip(), first)


def new_code() -> str:
    """Return an unguessable ticket code."""
    return "".join(secrets.choice(CODE_SIGNS) for _sign in range(CODE_LENGTH))


def clean_code(text: str) -> str:
    """Return a code as it may have been typed (small letters, gaps) in its stored form."""
    return re.sub(r"[\s-]", "", text).upper()


def new_key() -> str:
    """Return a fresh idempotency key for a form."""
    return secrets.token_urlsafe(18)


def clean_key(text: str) -> str:
    """Return a form's key. Raises FormReusedError when it can't be one of ours."""
    if not KEY.fullmatch(text):
        raise FormReusedError(_("Formulir ini tidak lengkap. Muat ulang halaman, lalu kirim lagi."))
    return text


def clean_holder(text: str) -> str:
    """Return a name or initials, white space folded. Raises BadHolderError."""
    name = " ".join(text.split())
    if not any(c.isalnum() for c in name):
        raise BadHolderError(_("Isi nama atau inisial Anda, misalnya “Siti” atau “S.A.”."))
    if len(name) > LONGEST_HOLDER:
        raise BadHolderError(_("Nama paling panjang %(most)s huruf.", most=LONGEST_HOLDER))
    if any(unicodedata.category(c).startswith("C") for c in name):
        raise BadHolderError(_("Nama berisi tanda yang tidak bisa dibaca. Ketik ulang nama Anda."))
    return name


def clean_phone(text: str | None) -> PhoneNumber | None:
    """Return an Indonesian or foreign number written as 08…, 62… or +62…, None when empty. Raises BadPhoneError."""
    written = (text or "").strip()
    if not written:
        return None
    try:
        number = PhoneNumber(written, region="ID")
    except (PhoneNumberParseException, phonenumbers.NumberParseException):
        number = None
    if number is None or not number.is_valid_number():
        raise BadPhoneError(_("Nomor HP tidak dikenali. Tulis seperti 0812 3456 7890, atau kosongkan."))
    return number
