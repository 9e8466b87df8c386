"""What is refused about halls and counters: one Indonesian line each, shown as it stands."""

from __future__ import annotations


class HallError(Exception):
    """The act was refused. `field` names the form's field that must change, when it is one."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class UnknownHallError(HallError, LookupError):
    """No such hall, counter, closure or agency in this region."""

    def __init__(self) -> None:
        super().__init__("Data itu tidak ada di daerah Anda. Muat ulang daftar, lalu pilih lagi.")


class CounterRuleError(HallError):
    """A rule of numbers and prefixes is broken."""


class InUseError(HallError):
    """Something still hangs on it."""
