"""Why a file is refused or can't be given out: one Indonesian line each, shown as it stands."""

from __future__ import annotations


class FileRefusedError(Exception):
    """The file is not taken; the text says why and what to do next."""


class ScannerAwayError(FileRefusedError):
    """The virus scanner is configured and does not answer: nothing is taken unseen."""

    def __init__(self) -> None:
        super().__init__("Pemeriksa virus sedang tidak menjawab. Coba kirim lagi beberapa menit lagi.")


class FileMissingError(Exception):
    """There is no such file, or not for this person; which of the two is not said."""

    def __init__(self) -> None:
        super().__init__("Berkas tidak ditemukan.")


class FileBrokenError(Exception):
    """What lies in the store is not what was put there."""
