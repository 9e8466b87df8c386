"""Secrets at rest and fingerprints of tokens: keys derived from the platform's secret key, one set a region.

AES-256-GCM with a fresh nonce; the place a secret belongs to is bound in, so that it can't be moved to another
account or another region. Changing MPP_SECRET_KEY makes what was encrypted unreadable: second factors are then
set up anew.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from mpp.tenancy.region import region_or_none

# The first byte says how the rest is to be read, so that another way can stand beside this one.
VERSION = b"\x01"
NONCE_BYTES = 12


class UnreadableSecretError(Exception):
    """The secret was encrypted under another key, for another place, or was changed."""


class Vault:
    """Encrypts and fingerprints for one region (0: the centre)."""

    def __init__(self, secret_key: str, region_id: int) -> None:
        self._cipher = AESGCM(_key(secret_key, region_id, "encrypt"))
        self._mac = _key(secret_key, region_id, "fingerprint")

    def encrypt(self, text: str, place: str) -> bytes:
        """Return `text` encrypted for `place` ("totp:3")."""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def decrypt(self, blob: bytes, place: str) -> str:
        """Return what was encrypted for `place`. Raises UnreadableSecretError."""
        nonce, sealed = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
        if blob[:1] != VERSION:
            raise UnreadableSecretError
        try:
            return self._cipher.decrypt(nonce, sealed, place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise UnreadableSecretError from error

    def fingerprint(self, *parts: str) -> bytes:
        """Return the keyed hash of `parts`: equal for equal parts, and of no use outside this region."""
        return hmac.new(self._mac, "\x1f".join(parts).encode(), hashlib.sha256).digest()


def vault() -> Vault:
    """Return the vault of the site being served. Needs an app context."""
    region = region_or_none()
    return vault_of(str(current_app.secret_key), region.id if region else 0)


@cache
def vault_of(secret_key: str, region_id: int) -> Vault:
    """Return the vault of a region by its id, 0 for the centre."""
    return Vault(secret_key, region_id)


def _key(secret_key: str, region_id: int, use: str) -> bytes:
    info = f"mpp accounts {use} region {region_id}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret_key.encode())
