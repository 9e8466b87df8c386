"""`mpp secrets`: what the operator types and reads."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from mpp.crypto import keyring as keyrings
from mpp.crypto import rotation
from mpp.crypto.commands import secrets
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.fresh import rows

Run = Callable[..., Result]


@pytest.fixture
def run(app: Platform, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    values = {
        "DATABASE_URL": settings.database_url, "MPP_ROLE_PREFIX": settings.role_prefix,
        "MPP_SECRET_KEY": settings.secret_key, "MPP_DATA_DIR": str(settings.data_dir),
    }  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(keyrings, "SECONDS_KEPT", 0.1)
    monkeypatch.setattr(keyrings, "SECONDS_ANNOUNCED", 0.2)
    monkeypatch.setattr(rotation, "SECONDS_BETWEEN_LOOKS", 0.05)
    return lambda *words: CliRunner().invoke(secrets, list(words))


def test_a_new_master_key_is_printed_and_never_twice_the_same(run: Run) -> None:
    first, second = (run("new-key").output.strip() for _ in range(2))
    assert first != second
    assert len(base64.b64decode(first)) == 32


def test_keys_of_all_places_are_turned_and_told(run: Run, settings: Settings) -> None:
    done = run("rotate", "--all")
    assert done.exit_code == 0, done.output
    assert [line.strip().partition(":")[0] for line in done.output.splitlines() if "baris" in line] == [
        "bukittinggi", "banyuwangi", "nasional",
    ]  # fmt: skip
    status = run("status").output
    assert status.count("versi 2") == 3 and "sedang diputar" not in status and "3 pemilik kunci" in status


def test_one_region_alone_and_backfill_again_and_again(
    run: Run, settings: Settings, bukittinggi: Region
) -> None:
    assert run("rotate", "--region", "bukittinggi").exit_code == 0
    live = "SELECT region_id FROM platform.region_key WHERE version = 2 AND purpose = 'data'"
    assert rows(settings, live) == [(bukittinggi.id,)]
    for _again in range(2):
        done = run("backfill", "--all")
        assert done.exit_code == 0 and "bukittinggi: 0 baris diperbarui" in done.output


def test_another_master_key_is_one_line_and_changes_nothing(
    run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(settings, "SELECT id, wrapped FROM platform.region_key ORDER BY id")
    monkeypatch.setenv("MPP_MASTER_KEY", run("new-key").output.strip())
    for words in (("rotate", "--all"), ("backfill", "--all"), ("rewrap",)):
        refused = run(*words)
        assert refused.exit_code == 1
        assert refused.stderr.startswith("mpp: kunci daerah dibungkus kunci induk")
        assert refused.stderr.count("\n") == 1
    assert rows(settings, "SELECT id, wrapped FROM platform.region_key ORDER BY id") == before


@pytest.mark.parametrize("words", [(), ("--all", "--region", "bukittinggi"), ("--region", "tidak-ada")])
def test_a_place_must_be_named(run: Run, words: tuple[str, ...]) -> None:
    refused = run("rotate", *words)
    assert refused.exit_code == 1 and refused.stderr.startswith("mpp: ")
