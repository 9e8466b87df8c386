"""Why a support access was refused."""

from __future__ import annotations


class SupportError(Exception):
    """The act was refused; the text is one line for the person who asked. `field` names the form's field."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NoAccessError(SupportError, LookupError):
    """No such access of this person, or it is over."""

    def __init__(self) -> None:
        super().__init__(
            "Akses dukungan ini sudah berakhir atau tidak ada. Minta yang baru dari halaman daerah."
        )
