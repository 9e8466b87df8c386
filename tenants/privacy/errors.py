"""Refusals about a person's own data; each text is one line for the person."""

from __future__ import annotations

from mpp.i18n import gettext as _


class RightsError(Exception):
    """Something about one's own data can't be done now."""


class NotYoursError(RightsError):
    """There is nothing of the kind that belongs to who asks."""

    def __init__(self) -> None:
        super().__init__(_("Data ini tidak ditemukan, atau bukan milik Anda."))


class BadWishError(RightsError):
    """What was asked for can't be understood."""


class AlreadyAskedError(RightsError):
    """The same correction is being decided."""

    def __init__(self) -> None:
        super().__init__(_("Permintaan ini sudah Anda kirim dan belum diputuskan."))


class DecidedError(RightsError):
    """Somebody has decided already, or the request was taken back."""

    def __init__(self) -> None:
        super().__init__("Permintaan ini sudah diputuskan atau ditarik kembali.")


class ProofError(RightsError):
    """A code was wrong, old, or tried too often."""
