"""Sealing a file: AES-256-GCM in chunks under a key of its own, so that it can be given out as it is read.

    4 bytes "MPPF", 1 byte format, 7 random bytes, then chunks of 64 KiB, each with its tag

A chunk's nonce is those 7 bytes, its number and whether it is the last: chunks can be neither swapped nor dropped,
and a file cut short does not open to its end. The associated data name the region and the file's place.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mpp.storage.errors import FileBrokenError

MAGIC = b"MPPF\x01"
PREFIX_BYTES = 7
HEADER_BYTES = len(MAGIC) + PREFIX_BYTES
CHUNK = 64 * 1024
TAG_BYTES = 16
KEY_BYTES = 32


def new_key() -> bytes:
    """Return a fresh key for one file."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, place: str, data: bytes) -> Iterator[bytes]:
    """Return the pieces of the sealed file; `place` is where it will lie, with the region's id."""
    cipher, prefix = AESGCM(key), secrets.token_bytes(PREFIX_BYTES)
    yield MAGIC + prefix
    starts = range(0, len(data), CHUNK) or range(1)
    for number, start in enumerate(starts):
        last = start + CHUNK >= len(data)
        yield cipher.encrypt(_nonce(prefix, number, last=last), data[start : start + CHUNK], place.encode())


def unseal(key: bytes, place: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Return the content of a sealed file, chunk by chunk; only what was found whole is given out.

    Raises FileBrokenError when it was changed, cut short, lengthened, or lies in another place.
    """
    cipher = AESGCM(key)
    framed = _frames(pieces)
    header = next(framed, b"")
    if len(header) != HEADER_BYTES or not header.startswith(MAGIC):
        raise FileBrokenError("berkas tersegel tidak dikenali")
    prefix = header[len(MAGIC) :]
    number, waiting = 0, next(framed, None)
    while waiting is not None:
        following = next(framed, None)
        try:
            nonce = _nonce(prefix, number, last=following is None)
            yield cipher.decrypt(nonce, waiting, place.encode())
        except InvalidTag:
            raise FileBrokenError("berkas tersegel rusak, terpotong, atau bukan di tempatnya") from None
        number, waiting = number + 1, following
    if number == 0:
        raise FileBrokenError("berkas tersegel terpotong")


def _frames(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The header, then whole chunks with their tags, however the store cuts its answer."""
    buffer, wanted = b"", HEADER_BYTES
    for piece in pieces:
        buffer += piece
        while len(buffer) >= wanted:
            yield buffer[:wanted]
            buffer, wanted = buffer[wanted:], CHUNK + TAG_BYTES
    if buffer:
        yield buffer


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + struct.pack("!IB", number, last)
