"""Keys of regions: made once, wrapped, bound to their place, known to all before anybody writes with them."""

from __future__ import annotations

import dataclasses
import stat
import sys
import threading
from pathlib import Path
from types import ModuleType

import psycopg
import pytest

from mpp.crypto import keyring as module
from mpp.crypto.errors import MasterKeyError, UnknownKeyError
from mpp.crypto.keyring import Keyring, keyring_of, wrap_new
from mpp.crypto.master import LocalMaster, key_id, load_master, new_key, read_keys
from mpp.crypto.models import Purpose, context
from mpp.crypto.sealing import seal, unseal
from mpp.database.roles import central_url, gate_url
from mpp.settings import Settings, SettingsError, load_settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.fresh import rows, sql


@pytest.fixture
def keyring(app: Platform, settings: Settings) -> Keyring:
    return keyring_of(settings)


def add_version(settings: Settings, keyring: Keyring, region: Region, version: int, age: int) -> None:
    with sql(settings) as connection:
        for purpose in Purpose:
            wrapped, master_id = wrap_new(keyring.master, region.id, purpose, version)
            connection.execute(
                "INSERT INTO platform.region_key (region_id, purpose, version, wrapped, master_id, created_at)"
                " VALUES (%s, %s, %s, %s, %s, now() - %s * interval '1 second')",
                (region.id, purpose.value, version, wrapped, master_id, age),
            )


def test_each_region_has_keys_of_its_own_and_so_has_the_nation(
    keyring: Keyring, bukittinggi: Region, banyuwangi: Region
) -> None:
    scopes = (bukittinggi.id, banyuwangi.id, None)
    secrets = {keyring.writing(scope, purpose).secret for scope in scopes for purpose in Purpose}
    assert len(secrets) == 6
    assert {len(secret) for secret in secrets} == {32}


def test_provisioning_makes_them_and_nothing_lies_open(
    settings: Settings, bukittinggi: Region, keyring: Keyring
) -> None:
    found = rows(
        settings,
        "SELECT purpose, version, wrapped FROM platform.region_key WHERE region_id = %s",
        bukittinggi.id,
    )
    assert {(purpose, version) for purpose, version, _ in found} == {("data", 1), ("index", 1)}
    for purpose, _version, wrapped in found:
        assert keyring.writing(bukittinggi.id, Purpose(purpose)).secret not in bytes(wrapped)


def test_a_region_that_has_none_gets_them_once_however_many_come(
    settings: Settings, app: Platform, bukittinggi: Region
) -> None:
    rows(settings, "DELETE FROM platform.region_key RETURNING 1")
    found: list[bytes] = []

    def ask() -> None:
        found.append(keyring_of(settings).writing(bukittinggi.id, Purpose.DATA).secret)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1


def test_a_wrapped_key_opens_only_in_its_own_place(
    keyring: Keyring, bukittinggi: Region, banyuwangi: Region
) -> None:
    wrapped, master_id = wrap_new(keyring.master, bukittinggi.id, Purpose.DATA, 1)
    assert keyring.master.unwrap(master_id, wrapped, context(bukittinggi.id, "data", 1))
    for other in (
        context(banyuwangi.id, "data", 1),
        context(bukittinggi.id, "index", 1),
        context(bukittinggi.id, "data", 2),
    ):
        with pytest.raises(MasterKeyError):
            keyring.master.unwrap(master_id, wrapped, other)


def test_a_new_version_is_known_before_it_is_written_with(
    settings: Settings, keyring: Keyring, bukittinggi: Region
) -> None:
    add_version(settings, keyring, bukittinggi, 2, age=30)
    assert keyring.writing(bukittinggi.id, Purpose.DATA).version == 1
    # Somebody whose clock is ahead wrote with it already: it opens.
    keyring.forget()
    assert [key.version for key in keyring.reading(bukittinggi.id, Purpose.INDEX)] == [2, 1]
    rows(
        settings,
        "UPDATE platform.region_key SET created_at = now() - interval '90 seconds' WHERE version = 2 RETURNING 1",
    )
    keyring.forget()
    assert keyring.writing(bukittinggi.id, Purpose.DATA).version == 2
    assert keyring.writing(bukittinggi.id, Purpose.INDEX).version == 2


def test_an_unknown_version_is_looked_for_at_once_and_then_refused(
    settings: Settings, keyring: Keyring, bukittinggi: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LOOKS", 0.0)
    keyring.writing(bukittinggi.id, Purpose.DATA)
    add_version(settings, keyring, bukittinggi, 2, age=0)
    assert keyring.version(bukittinggi.id, Purpose.DATA, 2).version == 2
    with pytest.raises(UnknownKeyError):
        keyring.version(bukittinggi.id, Purpose.DATA, 9)


def test_keys_leave_memory_after_their_time(
    settings: Settings, keyring: Keyring, bukittinggi: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.writing(bukittinggi.id, Purpose.DATA)
    rows(settings, "UPDATE platform.region_key SET master_id = 'gone' RETURNING 1")
    assert keyring.writing(bukittinggi.id, Purpose.DATA)
    monkeypatch.setattr(module, "SECONDS_KEPT", 0.0)
    with pytest.raises(MasterKeyError, match="gone"):
        keyring.writing(bukittinggi.id, Purpose.DATA)


def test_only_the_centres_login_reads_wrapped_keys_and_it_can_not_change_them(
    settings: Settings, app: Platform, bukittinggi: Region
) -> None:
    def tries(url: object, statement: str) -> None:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)  # type: ignore[attr-defined]
        with psycopg.connect(address) as connection:
            connection.execute(statement)

    tries(central_url(settings), "SELECT wrapped FROM platform.region_key")
    for url, statement in (
        (gate_url(settings), "SELECT 1 FROM platform.region_key"),
        (central_url(settings), "UPDATE platform.region_key SET version = 3"),
        (central_url(settings), "DELETE FROM platform.region_key"),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            tries(url, statement)


def test_the_development_key_is_made_once_for_its_owner_alone(settings: Settings, tmp_path: Path) -> None:
    here = dataclasses.replace(settings, data_dir=tmp_path / "new")
    first = load_master(here)
    file = tmp_path / "new" / "master-key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_master(here).current == first.current
    assert list(file.parent.iterdir()) == [file]


def test_production_names_its_master_key_or_does_not_start(settings: Settings, tmp_path: Path) -> None:
    env = {
        "MPP_ENV": "production", "MPP_DOMAIN": "mpp.example", "MPP_SECRET_KEY": "x" * 40,
        "DATABASE_URL": "postgresql://h/d", "MPP_DATA_DIR": str(tmp_path),
    }  # fmt: skip
    with pytest.raises(SettingsError, match="MPP_MASTER_KEY_FILE"):
        load_settings(env)
    assert list(tmp_path.iterdir()) == []
    for wrong in ("kunci", "AAAA", "é" * 44):
        with pytest.raises(MasterKeyError, match="32 bita"):
            load_master(load_settings({**env, "MPP_MASTER_KEY": wrong}))
    with pytest.raises(MasterKeyError, match="tidak terbaca"):
        load_master(load_settings({**env, "MPP_MASTER_KEY_FILE": str(tmp_path / "none")}))
    file, key = tmp_path / "key", new_key()
    file.write_text(key + "\n")
    by_file = load_master(load_settings({**env, "MPP_MASTER_KEY_FILE": str(file)}))
    by_env = load_settings({**env, "MPP_MASTER_KEY": key})
    assert load_master(by_env).current == by_file.current
    assert key not in repr(by_env)


def test_the_first_key_wraps_and_the_others_still_unwrap() -> None:
    old, new = new_key(), new_key()
    before = LocalMaster(read_keys(old))
    wrapped = before.wrap(b"s" * 32, b"place")
    after = LocalMaster(read_keys(f"{new}\n{old}\n"))
    assert after.current == key_id(read_keys(new)[0]) != before.current
    assert after.unwrap(before.current, wrapped, b"place") == b"s" * 32


class Service(LocalMaster):
    """A key service of the tests' own: it keeps its key to itself and counts what it is asked."""

    def __init__(self) -> None:
        super().__init__(read_keys(SERVICE_KEY))
        self.asked: list[str] = []

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        self.asked.append("wrap")
        return super().wrap(secret, context)

    def unwrap(self, master_id: str, wrapped: bytes, context: bytes) -> bytes:
        self.asked.append("unwrap")
        return super().unwrap(master_id, wrapped, context)


SERVICE_KEY = new_key()


def test_a_key_service_named_by_the_operator_wraps_and_unwraps(
    settings: Settings, bukittinggi: Region, monkeypatch: pytest.MonkeyPatch, app: Platform
) -> None:
    place = ModuleType("kunci_uji")
    place.__dict__.update(service=Service, nothing=object, needs=lambda key: key)
    monkeypatch.setitem(sys.modules, "kunci_uji", place)
    env = {"MPP_ENV": "production", "MPP_DOMAIN": "mpp.example", "MPP_SECRET_KEY": "x" * 40}
    named = load_settings({**env, "MPP_MASTER_PROVIDER": "kunci_uji:service", "DATABASE_URL": ""})
    assert isinstance(load_master(named), Service)
    # Keys that the service wraps: of a region that has none yet.
    with sql(settings) as connection:
        connection.execute("DELETE FROM platform.region_key WHERE region_id = %s", (bukittinggi.id,))
    ring = keyring_of(dataclasses.replace(settings, master_provider="kunci_uji:service"))
    sealed = seal(ring, bukittinggi.id, "ticket.phone", b"0812")
    assert unseal(ring, bukittinggi.id, "ticket.phone", sealed) == b"0812"
    assert isinstance(ring.master, Service) and set(ring.master.asked) == {"wrap", "unwrap"}
    ids = rows(
        settings, "SELECT DISTINCT master_id FROM platform.region_key WHERE region_id = %s", bukittinggi.id
    )
    assert ids == [(key_id(read_keys(SERVICE_KEY)[0]),)]
    for wrong in (
        "kunci_uji:missing",
        "kunci_uji",
        "tidak_ada:x",
        "kunci_uji:nothing",
        "kunci_uji:needs",
        ":",
    ):
        with pytest.raises(MasterKeyError, match="MPP_MASTER_PROVIDER"):
            load_master(dataclasses.replace(settings, master_provider=wrong))
