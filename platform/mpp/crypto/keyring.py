"""The keys of regions as this process holds them: unwrapped, in memory only, for a minute at a time."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app, has_app_context
from sqlalchemy import URL

from mpp.crypto.errors import SecretsError, UnknownKeyError
from mpp.crypto.master import KEY_BYTES, Master, load_master
from mpp.crypto.models import Purpose, context
from mpp.database.roles import central_url
from mpp.settings import Settings

# How long a process keeps what it read.
SECONDS_KEPT = 60.0
# A new version is known to every process before any writes with it.
SECONDS_ANNOUNCED = 75.0
# A broken header must not send every request to the database.
SECONDS_BETWEEN_LOOKS = 1.0
EXTENSION = "mpp-keyring"


@dataclass(frozen=True, slots=True)
class Key:
    """One version of a key, unwrapped."""

    version: int
    secret: bytes
    cipher: AESGCM
    retired: bool
    # On the monotonic clock of this process.
    writes_from: float


@dataclass(frozen=True, slots=True)
class _Held:
    at: float
    keys: dict[Purpose, dict[int, Key]]


class Keyring:
    """Keys by scope: a region's id, or None for what belongs to the nation."""

    def __init__(self, master: Master, url: URL) -> None:
        self.master = master
        self._url = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._held: dict[int | None, _Held] = {}
        self._lock = threading.Lock()

    def writing(self, scope: int | None, purpose: Purpose) -> Key:
        """Return the version to write with: the newest that every process has had time to learn of."""
        now = time.monotonic()
        keys = [key for key in self._keys(scope)[purpose].values() if not key.retired]
        ready = [key for key in keys if key.writes_from <= now]
        return max(ready, key=_version) if ready else min(keys, key=_version)

    def reading(self, scope: int | None, purpose: Purpose) -> list[Key]:
        """Return every version in use, newest first."""
        return [key for key in self.every(scope, purpose) if not key.retired]

    def every(self, scope: int | None, purpose: Purpose) -> list[Key]:
        """Return every version there is, retired ones too, newest first."""
        return sorted(self._keys(scope)[purpose].values(), key=_version, reverse=True)

    def version(self, scope: int | None, purpose: Purpose, version: int) -> Key:
        """Return one version, retired ones too. Raises UnknownKeyError."""
        found = self._keys(scope)[purpose].get(version)
        if found is None:
            # Somebody may have begun to write with a version that came after our last look.
            found = self._keys(scope, fresh=True)[purpose].get(version)
        if found is None:
            raise UnknownKeyError(f"kunci {purpose} versi {version} tidak ada")
        return found

    def ensure(self, scope: int | None) -> None:
        """Make the first keys of a scope when it has none."""
        self._keys(scope)

    def forget(self) -> None:
        """Drop every key from memory; the next use reads them anew."""
        with self._lock:
            self._held.clear()

    def _keys(self, scope: int | None, *, fresh: bool = False) -> dict[Purpose, dict[int, Key]]:
        most = SECONDS_BETWEEN_LOOKS if fresh else SECONDS_KEPT
        held = self._held.get(scope)
        if held is not None and time.monotonic() - held.at < most:
            return held.keys
        with self._lock:
            held = self._held.get(scope)
            if held is None or time.monotonic() - held.at >= most:
                held = self._held[scope] = self._load(scope)
        return held.keys

    def _load(self, scope: int | None) -> _Held:
        """Read and unwrap; a scope without keys gets its first ones now."""
        with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
            keys = self._read(connection, scope)
            if not all(keys.values()):
                self._create(connection, scope)
                keys = self._read(connection, scope)
        return _Held(time.monotonic(), keys)

    def _read(
        self, connection: psycopg.Connection[tuple[object, ...]], scope: int | None
    ) -> dict[Purpose, dict[int, Key]]:
        found: dict[Purpose, dict[int, Key]] = {purpose: {} for purpose in Purpose}
        rows = connection.execute(
            "SELECT purpose, version, wrapped, master_id, retired_at IS NOT NULL,"
            " extract(epoch FROM clock_timestamp() - created_at)::float"
            " FROM platform.region_key WHERE region_id IS NOT DISTINCT FROM %s::bigint",
            (scope,),
        ).fetchall()
        now = time.monotonic()
        for purpose, version, wrapped, master_id, retired, age in rows:
            assert isinstance(version, int)
            assert isinstance(wrapped, bytes)
            assert isinstance(age, float)
            secret = self.master.unwrap(str(master_id), wrapped, context(scope, str(purpose), version))
            found[Purpose(str(purpose))][version] = Key(
                version, secret, AESGCM(secret), bool(retired), now + SECONDS_ANNOUNCED - age
            )
        return found

    def _create(self, connection: psycopg.Connection[tuple[object, ...]], scope: int | None) -> None:
        """Of two processes that come at once one makes the keys, the other reads them."""
        for purpose in Purpose:
            connection.execute(
                "INSERT INTO platform.region_key (region_id, purpose, version, wrapped, master_id)"
                " VALUES (%s, %s, 1, %s, %s) ON CONFLICT DO NOTHING",
                (scope, purpose.value, *wrap_new(self.master, scope, purpose, 1)),
            )


def wrap_new(master: Master, scope: int | None, purpose: Purpose, version: int) -> tuple[bytes, str]:
    """Return a new random key, wrapped, and the id of the master key that wraps it."""
    return master.wrap(secrets.token_bytes(KEY_BYTES), context(scope, purpose, version)), master.current


def _version(key: Key) -> int:
    return key.version


_chosen: ContextVar[Keyring | None] = ContextVar("keyring", default=None)


def keyring_of(settings: Settings) -> Keyring:
    """Return a new key ring for an installation. Raises MasterKeyError."""
    return Keyring(load_master(settings), central_url(settings))


@contextmanager
def using(keyring: Keyring) -> Iterator[Keyring]:
    """Seal and open with `keyring` inside the block: for commands, which have no app."""
    token = _chosen.set(keyring)
    try:
        yield keyring
    finally:
        _chosen.reset(token)


def current_keyring() -> Keyring:
    """Return the key ring of the command or the app at hand. Raises SecretsError without one."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    if not has_app_context():
        raise SecretsError("di luar aplikasi tidak ada kunci")
    found: Keyring = current_app.extensions[EXTENSION]
    return found
