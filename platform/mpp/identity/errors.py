"""What can go wrong between two hosts; the texts are for the person who is signing in."""

from __future__ import annotations

from mpp.i18n import gettext as _


class IdentityError(Exception):
    """A sign-in did not come about."""


class RefusedError(IdentityError):
    """What came back is not what was asked for: forged, spent, too old, or meant for somebody else."""

    def __init__(self, reason: str) -> None:
        super().__init__(_("Jawaban dari akun nasional tidak cocok dengan permintaan dari peramban ini."))
        # For the log; never shown, names no person.
        self.reason = reason


class AwayError(IdentityError):
    """The provider does not answer, or not as a provider would."""

    def __init__(self, reason: str) -> None:
        super().__init__(_("Penyedia akun sedang tidak bisa dihubungi."))
        self.reason = reason
