"""Refusals of families and powers of attorney; the text is for the person who asked."""

from __future__ import annotations

from mpp.accounts.service import AccountError
from mpp.i18n import gettext as _


class ActingError(AccountError):
    """Something about acting for somebody does not hold; `field` names where it was written."""


class LimitError(ActingError):
    """More of it than anybody needs."""


class NotYoursError(ActingError, LookupError):
    """There is no such row for this account: it never was, is somebody else's, or has ended."""

    def __init__(self) -> None:
        super().__init__(_("Data ini tidak ada, sudah berakhir, atau bukan milik Anda."))


class MayNotActError(ActingError):
    """No row lets this account act for that person here and today."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Anda tidak (lagi) boleh bertindak untuk orang ini di sini. Pilih orang lain atau diri sendiri."
            )
        )
