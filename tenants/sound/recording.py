"""Is this file a recording that any browser plays? Judged by reading its container whole, never by its name."""

from __future__ import annotations

from dataclasses import dataclass

from tenants.sound import ogg, riff
from tenants.sound.errors import RecordingError

MOST_BYTES = 200 * 1024
LONGEST_MS = 6000
SHORTEST_MS = 50
# What speech is recorded with; anything else is a mistake or no sound at all.
RATES = range(8_000, 48_001)
MOST_CHANNELS = 2


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that may be kept: its bytes, their type, its length."""

    content: bytes
    content_type: str
    milliseconds: int


def checked(content: bytes) -> Recording:
    """Return `content` as a recording: Ogg Opus, Ogg Vorbis or WAV PCM. Raises RecordingError."""
    if not content:
        raise RecordingError("kosong. Rekam lagi, lalu unggah.")
    if len(content) > MOST_BYTES:
        raise RecordingError("lebih besar dari 200 kB. Simpan sebagai Ogg Opus mono, lalu unggah lagi.")
    if content.startswith(b"OggS"):
        found, kind = ogg.facts(content), "audio/ogg"
    elif content.startswith(b"RIFF"):
        found, kind = riff.facts(content), "audio/wav"
    else:
        raise RecordingError("bukan Ogg (Opus atau Vorbis) atau WAV. Simpan dalam salah satu bentuk itu.")
    if found.rate not in RATES or not 1 <= found.channels <= MOST_CHANNELS:
        raise RecordingError("harus mono atau stereo dengan 8.000 sampai 48.000 cuplikan per detik.")
    milliseconds = round(found.seconds * 1000)
    if milliseconds > LONGEST_MS:
        raise RecordingError("lebih lama dari 6 detik. Potong sampai hanya kata itu yang terdengar.")
    if milliseconds < SHORTEST_MS:
        raise RecordingError("terlalu pendek untuk terdengar. Rekam lagi, lalu unggah.")
    return Recording(content, kind, milliseconds)
