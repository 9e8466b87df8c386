"""WAV as RIFF chunks (Microsoft's "Multimedia Programming Interface", 1991): PCM only."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tenants.sound.errors import RecordingError
from tenants.sound.facts import Facts, broken

PCM, EXTENSIBLE = 1, 0xFFFE
# The tail of the sub-format's GUID that says "this is the plain format of that number".
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
DEPTHS = (8, 16, 24, 32)


def facts(content: bytes) -> Facts:
    """Return what a WAV file holds. Raises RecordingError for anything but whole PCM."""
    if len(content) < 12 or content[8:12] != b"WAVE":
        raise broken()
    found = dict(_chunks(content))
    shape, sound = found.get(b"fmt "), found.get(b"data")
    if shape is None or sound is None or len(shape) < 16:
        raise broken()
    kind, channels, rate, per_second, block, depth = struct.unpack_from("<HHIIHH", shape)
    if kind == EXTENSIBLE and len(shape) >= 40 and shape[26:40] == GUID_TAIL:
        kind = struct.unpack_from("<H", shape, 24)[0]
    if kind != PCM or depth not in DEPTHS:
        raise RecordingError("bukan WAV PCM. Simpan sebagai WAV PCM 16 bit atau Ogg Opus.")
    if not channels or not rate or block != channels * depth // 8 or per_second != rate * block:
        raise broken()
    if len(sound) % block:
        raise broken()
    return Facts(len(sound) / per_second, rate, channels)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and body of each chunk; a chunk that runs past the end is no chunk."""
    place = 12
    while place + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, place)
        body = content[place + 8 : place + 8 + size]
        if len(body) != size:
            raise broken()
        yield name, body
        # Chunks start at even places.
        place += 8 + size + size % 2
