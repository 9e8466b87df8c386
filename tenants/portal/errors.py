"""What the portal refuses, each with one line that a person can act on."""

from __future__ import annotations

from collections.abc import Mapping


class PortalError(Exception):
    """Base of what the portal refuses; its text is shown as it stands."""


class InvalidContentError(PortalError):
    """Fields that can't be kept as they are: `problems` maps each field to its sentence."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


class ImageRefusedError(PortalError):
    """An uploaded file that is no image we serve."""


class StaleDraftError(PortalError):
    """Somebody else saved or published since this form was opened."""


class NoDraftError(PortalError):
    """There is nothing to publish or to discard."""

    def __init__(self) -> None:
        super().__init__("Belum ada draf. Ubah isian, lalu simpan draf.")


class NothingChangedError(PortalError):
    """The draft says the same as the published version."""

    def __init__(self) -> None:
        super().__init__("Isi draf sama dengan yang sudah terbit. Ubah isian sebelum menerbitkan.")


class UnknownVersionError(PortalError, LookupError):
    """No version of this number in this region."""

    def __init__(self) -> None:
        super().__init__("Versi itu tidak ada. Muat ulang riwayat, lalu pilih lagi.")


class UnknownAnnouncementError(PortalError, LookupError):
    """No announcement of this number in this region."""

    def __init__(self) -> None:
        super().__init__("Pengumuman itu tidak ada. Muat ulang daftar, lalu pilih lagi.")
