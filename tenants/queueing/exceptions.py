"""Why somebody may be called out of order, or made a priority person: small closed lists that everybody may read.

What the officer adds in words may name a person or an illness: it is for staff alone.
"""

from __future__ import annotations

import enum

from mpp.i18n import gettext as _

# The category of every list that is none of the others: it needs words.
OTHER = "other"


class OutOfOrder(enum.StrEnum):
    """The kind of reason of a call out of order."""

    EMERGENCY = "emergency"
    APPOINTMENT = "appointment"
    CONTINUED = "continued"
    MISTAKE = "mistake"
    OTHER = "other"


def category_words(category: str | None) -> str:
    """Return the words of a category in the language of the page; one that is not known counts as other."""
    known = {
        OutOfOrder.EMERGENCY: _("keadaan darurat"),
        OutOfOrder.APPOINTMENT: _("sudah berjanji dengan petugas"),
        OutOfOrder.CONTINUED: _("melanjutkan urusan sebelumnya"),
        OutOfOrder.MISTAKE: _("salah panggil"),
        OutOfOrder.OTHER: _("alasan lain yang dicatat petugas"),
    }
    return known[OutOfOrder(category)] if category in set(OutOfOrder) else known[OutOfOrder.OTHER]


class Raised(enum.StrEnum):
    """The kind of reason for which an officer makes somebody a priority person."""

    SEEN = "seen"
    DOCUMENT = "document"
    MISTAKE = "mistake"
    OTHER = "other"


def raised_words(category: str | None) -> str:
    """Return the words of a category in the language of the page; one that is not known counts as other."""
    known = {
        Raised.SEEN: _("petugas melihatnya sendiri"),
        Raised.DOCUMENT: _("menunjukkan kartu atau surat"),
        Raised.MISTAKE: _("salah pilih saat mengambil nomor"),
        Raised.OTHER: _("alasan lain yang dicatat petugas"),
    }
    return known[Raised(category)] if category in set(Raised) else known[Raised.OTHER]
