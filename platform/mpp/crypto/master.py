"""The master key: it wraps the keys of regions and touches no person's data itself."""

from __future__ import annotations

import base64
import binascii
import hashlib
import importlib
import os
import secrets
from pathlib import Path
from typing import Protocol, runtime_checkable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mpp.crypto.errors import MasterKeyError
from mpp.settings import Settings

KEY_BYTES = 32
NONCE_BYTES = 12
DEVELOPMENT_FILE = "master-key"


@runtime_checkable
class Master(Protocol):
    """What a key management service must offer: wrap and unwrap 32 bytes, bound to a context."""

    @property
    def current(self) -> str:
        """The id of the master key that wraps now."""

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Return `secret` wrapped by the current master key."""

    def unwrap(self, master_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Return what `wrap` was given with this context. Raises MasterKeyError."""


class LocalMaster:
    """A master key held by this process: the first key wraps, the others only unwrap what they wrapped."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise MasterKeyError("kunci induk harus 32 bita, ditulis dalam base64")
        self._keys = {key_id(key): AESGCM(key) for key in keys}
        self._current = key_id(keys[0])

    @property
    def current(self) -> str:
        """The id of the key that wraps now."""
        return self._current

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Return nonce, secret and tag, sealed with `context`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._keys[self._current].encrypt(nonce, secret, context)

    def unwrap(self, master_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Return the secret. Raises MasterKeyError when the key is another or the context differs."""
        key = self._keys.get(master_id)
        if key is None:
            raise MasterKeyError(f"kunci daerah dibungkus kunci induk {master_id}, yang tidak ada di sini")
        try:
            return key.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except InvalidTag:
            raise MasterKeyError("kunci daerah rusak atau milik daerah lain") from None


def key_id(key: bytes) -> str:
    """Return a name of a master key that tells nothing of it."""
    return hashlib.sha256(b"mpp master key\0" + key).hexdigest()[:16]


def read_keys(text: str) -> tuple[bytes, ...]:
    """Return the keys written in base64, one a word; the first is the current one. Raises MasterKeyError."""
    try:
        return tuple(base64.b64decode(word, validate=True) for word in text.split())
    except (binascii.Error, ValueError):
        raise MasterKeyError("kunci induk harus 32 bita, ditulis dalam base64") from None


def new_key() -> str:
    """Return a fresh master key as it is written into a file or the environment."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def load_master(settings: Settings) -> Master:
    """Return the master key of a key service, the environment or a file; outside of production one is made.

    MPP_MASTER_PROVIDER names a service as "module:factory": the factory is called without arguments and returns a
    `Master`. Raises MasterKeyError with one line for the operator.
    """
    if settings.master_provider:
        return _provided(settings.master_provider)
    if settings.master_key:
        return LocalMaster(read_keys(settings.master_key))
    if settings.master_key_file:
        return LocalMaster(read_keys(_read(settings.master_key_file)))
    if settings.production:
        raise MasterKeyError("MPP_MASTER_KEY_FILE atau MPP_MASTER_KEY wajib diisi bila MPP_ENV=production")
    path = settings.data_dir / DEVELOPMENT_FILE
    _make_once(path)
    return LocalMaster(read_keys(_read(path)))


def _provided(name: str) -> Master:
    """The operator's own code, on the import path of this installation."""
    module, _colon, factory = name.partition(":")
    try:
        made = getattr(importlib.import_module(module), factory)()
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise MasterKeyError(f"MPP_MASTER_PROVIDER tidak bisa dimuat: {name} ({error})") from error
    if not isinstance(made, Master):
        raise MasterKeyError(f"MPP_MASTER_PROVIDER {name} tidak punya current, wrap, dan unwrap")
    return made


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise MasterKeyError(f"kunci induk tidak terbaca: {path}") from error


def _make_once(path: Path) -> None:
    """Two processes that start at once end up with one key: whoever links second leaves the first alone."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(new_key() + "\n")
        path.hardlink_to(fresh)
    except FileExistsError:
        return
    finally:
        fresh.unlink(missing_ok=True)
