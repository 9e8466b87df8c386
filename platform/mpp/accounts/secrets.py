"""Fingerprints of tokens and counts, and secrets that a browser keeps for us: under the keys of mpp.crypto.

The realm at hand says whose keys: a region's own for its staff, the nation's for the others. What one realm or region
has marked is noise to another. Accounts have no keys of their own, so that all that is done with keys is done there.
"""

from __future__ import annotations

from mpp.accounts.realm import REGIONAL, realm
from mpp.crypto.errors import SecretsError
from mpp.crypto.keyring import current_keyring
from mpp.crypto.sealing import blind, blind_ever, seal, unseal
from mpp.tenancy.region import current_region

UnreadableSecretError = SecretsError


def fingerprint(use: str, *parts: str) -> bytes:
    """Return the keyed hash of `parts` for one use: equal for equal parts until the keys are turned.

    For what is kept for minutes, or is harmless to lose. What is kept longer is looked up by `fingerprints`.
    """
    return blind(current_keyring(), _scope(), _place(use), "\x1f".join(parts))


def fingerprints(use: str, *parts: str) -> list[bytes]:
    """Return every fingerprint that a row of any age may bear: a code on paper outlives a turn of the keys."""
    return blind_ever(current_keyring(), _scope(), _place(use), "\x1f".join(parts))


def hide(text: str, use: str) -> bytes:
    """Return `text` sealed for a browser to keep; it opens in this realm and for this use only."""
    return seal(current_keyring(), _scope(), _place(use), text.encode())


def reveal(blob: bytes, use: str) -> str:
    """Return what was hidden. Raises UnreadableSecretError."""
    return unseal(current_keyring(), _scope(), _place(use), blob).decode()


def _scope() -> int | None:
    return current_region().id if realm() is REGIONAL else None


def _place(use: str) -> str:
    """No column of a table is called so: neither can stand in for the other."""
    return f"accounts:{realm().kind}:{use}"
