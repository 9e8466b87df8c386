"""Why somebody may be called out of order: a small closed list that everybody may read.

What the officer adds in words may name a person or an illness: it is for staff alone.
"""

from __future__ import annotations

import enum

from mpp.i18n import gettext as _


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
