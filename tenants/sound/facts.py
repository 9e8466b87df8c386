"""What the container of a recording says about the sound inside."""

from __future__ import annotations

from dataclasses import dataclass

from tenants.sound.errors import RecordingError


@dataclass(frozen=True, slots=True)
class Facts:
    """Length in seconds, samples a second, channels."""

    seconds: float
    rate: int
    channels: int


def broken() -> RecordingError:
    """Return the refusal of a file that is cut off or not what it says it is."""
    return RecordingError("rusak atau terpotong. Simpan lagi dari aplikasi perekam, lalu unggah.")
