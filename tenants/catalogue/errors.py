"""What can be refused about the national catalogue; each text is one line for the editor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class EditError(Exception):
    """The edit was refused."""


class UnknownServiceError(EditError):
    """No such service, or no such version of it."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"Layanan “{slug}” tidak ada dalam katalog nasional.")


class StaleEditError(EditError):
    """Somebody published another version while this one was being written."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"Sementara Anda mengubah, versi {version} sudah terbit. Bandingkan dulu, lalu ulangi perubahan Anda."
        )


class NothingChangedError(EditError):
    """The edit says what the newest version says already."""

    def __init__(self) -> None:
        super().__init__("Tidak ada yang berubah, jadi tidak ada versi baru.")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an edit: the field, as its form names it ("fees-2-amount"), and what to do."""

    field: str
    text: str


class InvalidEditError(EditError):
    """Parts of the edit contradict each other."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.text for problem in problems))
        self.problems = tuple(problems)
