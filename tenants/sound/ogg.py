"""Ogg pages (RFC 3533) with one stream of Opus (RFC 7845) or Vorbis: every page whole, its checksum right."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tenants.sound.errors import RecordingError
from tenants.sound.facts import Facts, broken

HEADER = struct.Struct("<4sBBqIIIB")
FIRST, LAST = 0x02, 0x04
# Opus counts its samples at this rate, whatever was recorded.
OPUS_RATE = 48_000
# No packet ends on this page.
NO_MOMENT = -1


@dataclass(frozen=True, slots=True)
class Page:
    """One page: flags, the count of samples at its end, its stream, its place in it, its body."""

    flags: int
    moment: int
    serial: int
    number: int
    body: bytes


def facts(content: bytes) -> Facts:
    """Return what an Ogg file holds. Raises RecordingError for anything but one whole stream of sound."""
    pages = list(_pages(content))
    first = pages[0]
    if not first.flags & FIRST or len({page.serial for page in pages}) != 1:
        raise RecordingError("memuat lebih dari satu rekaman. Simpan satu kata dalam satu berkas.")
    if [page.number for page in pages] != list(range(first.number, first.number + len(pages))):
        raise broken()
    if any(page.flags & FIRST for page in pages[1:]) or any(page.flags & LAST for page in pages[:-1]):
        raise broken()
    samples = max((page.moment for page in pages), default=NO_MOMENT)
    if first.body.startswith(b"OpusHead"):
        return _opus(first.body, samples)
    if first.body.startswith(b"\x01vorbis"):
        return _vorbis(first.body, samples)
    raise RecordingError("adalah Ogg, tetapi isinya bukan Opus atau Vorbis. Simpan sebagai Ogg Opus.")


def _opus(head: bytes, samples: int) -> Facts:
    if len(head) < 19 or head[8] >> 4:
        raise broken()
    channels, skipped = struct.unpack_from("<BH", head, 9)
    # The rate in the head is only what was recorded once; players always get 48,000.
    return Facts((samples - skipped) / OPUS_RATE, OPUS_RATE, channels)


def _vorbis(head: bytes, samples: int) -> Facts:
    if len(head) < 30:
        raise broken()
    version, channels, rate = struct.unpack_from("<IBI", head, 7)
    if version or not rate:
        raise broken()
    return Facts(samples / rate, rate, channels)


def _pages(content: bytes) -> Iterator[Page]:
    place = 0
    while place < len(content):
        if len(content) - place < HEADER.size:
            raise broken()
        name, version, flags, moment, serial, number, checksum, count = HEADER.unpack_from(content, place)
        sizes = content[place + HEADER.size : place + HEADER.size + count]
        end = place + HEADER.size + count + sum(sizes)
        if name != b"OggS" or version or len(sizes) != count or end > len(content):
            raise broken()
        whole = content[place:end]
        if _checksum(whole[:22] + bytes(4) + whole[26:]) != checksum:
            raise broken()
        yield Page(flags, moment, serial, number, whole[HEADER.size + count :])
        place = end


@cache
def _table() -> tuple[int, ...]:
    """Remainders of every byte by Ogg's polynomial, which runs the other way round than zlib's."""
    found = []
    for byte in range(256):
        value = byte << 24
        for _bit in range(8):
            value = (value << 1 ^ 0x04C11DB7) if value & 0x80000000 else value << 1
        found.append(value & 0xFFFFFFFF)
    return tuple(found)


def _checksum(whole: bytes) -> int:
    value, table = 0, _table()
    for byte in whole:
        value = (value << 8 & 0xFFFFFFFF) ^ table[value >> 24 ^ byte]
    return value
