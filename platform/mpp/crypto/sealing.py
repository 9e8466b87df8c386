"""Sealing one value: AES-256-GCM, bound to its column, its region and its key version.

    1 byte format, 2 bytes key version, 12 bytes random nonce, ciphertext, 16 bytes tag

The associated data name table.column and the region: a value moved to another column or another region does not
open. They do not name the row: its id is given by the database in the very statement that stores the value, and
binding to it would cost every insert a second statement. Who may write into a region's schema could so give one
person's number to another row of the same column; the row's blind index, the history and the audit chain tell.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from hashlib import sha256

from cryptography.exceptions import InvalidTag

from mpp.crypto.errors import SealBrokenError
from mpp.crypto.keyring import Key, Keyring
from mpp.crypto.master import NONCE_BYTES
from mpp.crypto.models import Purpose

FORMAT = 1
HEADER_BYTES = 3
TAG_BYTES = 16
# 128 bits: no two of a hundred million people meet by chance, and half the room of a whole HMAC.
INDEX_BYTES = 16


def seal(keyring: Keyring, scope: int | None, column: str, value: bytes) -> bytes:
    """Return `value` sealed for `column` ("table.column") of a region (None: the nation)."""
    key = keyring.writing(scope, Purpose.DATA)
    nonce = secrets.token_bytes(NONCE_BYTES)
    return header(key.version) + nonce + key.cipher.encrypt(nonce, value, _bound(scope, column, key.version))


def unseal(keyring: Keyring, scope: int | None, column: str, sealed: bytes) -> bytes:
    """Return the value. Raises SealBrokenError, UnknownKeyError."""
    if len(sealed) < HEADER_BYTES + NONCE_BYTES + TAG_BYTES or sealed[0] != FORMAT:
        raise SealBrokenError("nilai tersegel tidak dikenali")
    key = keyring.version(scope, Purpose.DATA, version_of(sealed))
    nonce, text = sealed[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES], sealed[HEADER_BYTES + NONCE_BYTES :]
    try:
        return key.cipher.decrypt(nonce, text, _bound(scope, column, key.version))
    except InvalidTag:
        raise SealBrokenError("nilai tersegel rusak, atau milik kolom atau daerah lain") from None


def blind(keyring: Keyring, scope: int | None, column: str, value: str) -> bytes:
    """Return the index of a normalised value, to be stored beside it."""
    return _blind(keyring.writing(scope, Purpose.INDEX), scope, column, value)


def blind_all(keyring: Keyring, scope: int | None, column: str, value: str) -> list[bytes]:
    """Return what a row may bear whose value is `value`: one index for each key version in use."""
    return [_blind(key, scope, column, value) for key in keyring.reading(scope, Purpose.INDEX)]


def blind_ever(keyring: Keyring, scope: int | None, column: str, value: str) -> list[bytes]:
    """Return the indexes under every version, retired ones too: for rows whose value is not kept to hash it anew."""
    return [_blind(key, scope, column, value) for key in keyring.every(scope, Purpose.INDEX)]


def header(version: int) -> bytes:
    """Return the first bytes of everything sealed (or indexed) with a key version."""
    return bytes([FORMAT]) + version.to_bytes(2, "big")


def version_of(stored: bytes) -> int:
    """Return the key version that a sealed value or an index names."""
    return int.from_bytes(stored[1:HEADER_BYTES], "big")


def _blind(key: Key, scope: int | None, column: str, value: str) -> bytes:
    digest = hmac.new(key.secret, _bound(scope, column, key.version) + b"|" + value.encode(), sha256).digest()
    return header(key.version) + digest[:INDEX_BYTES]


def _bound(scope: int | None, column: str, version: int) -> bytes:
    return f"mpp|{FORMAT}|{column}|{scope or 0}|{version}".encode()


Normalise = Callable[[str], str]
