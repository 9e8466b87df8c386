"""The command line: plain lines, exit codes, and the same answer when asked twice."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click import Group
from click.testing import CliRunner, Result

from mpp.crypto.master import new_key
from mpp.settings import Settings
from tenants.registry.commands import groups
from tenants.registry.prepare import prepare
from tests.support.fresh import empty_database, rows

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def two(settings: Settings) -> Settings:
    """Two pilots without demo accounts, shared by the module."""
    found = empty_database(settings, "mpp_commands")
    prepare(found, demo=False, slugs=("bukittinggi", "banyuwangi"), progress=lambda _line: None)
    return found


def runner(settings: Settings, monkeypatch: pytest.MonkeyPatch, **env: str) -> Run:
    values = {
        "DATABASE_URL": settings.database_url,
        "MPP_ROLE_PREFIX": settings.role_prefix,
        "MPP_SECRET_KEY": settings.secret_key,
        "MPP_DATA_DIR": str(settings.data_dir),
        **env,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    commands = Group(commands={group.name or "": group for group in groups})
    return lambda *words: CliRunner().invoke(commands, list(words))


@pytest.fixture
def run(two: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `mpp` with these words."""
    return runner(two, monkeypatch)


def test_the_list_as_text_and_as_json(run: Run) -> None:
    text = run("region", "list")
    assert "Kota Bukittinggi" in text.output
    assert "http://bukittinggi.localhost:8000" in text.output
    found = {row["slug"]: row for row in json.loads(run("region", "list", "--json").output)}
    assert found["bukittinggi"] | {"last_activity_at": None} == {
        "code": "13.75",
        "slug": "bukittinggi",
        "name": "Kota Bukittinggi",
        "province": "Sumatera Barat",
        "state": "active",
        "reason": None,
        "revision": "0008",
        "timezone": "Asia/Jakarta",
        "last_activity_at": None,
        "url": "http://bukittinggi.localhost:8000",
    }


def test_any_of_the_514_is_created_once(run: Run, two: Settings) -> None:
    for _ in range(2):
        made = run("region", "create", "91.71")
        assert made.exit_code == 0, made.output
        assert made.output.startswith("Kota ")
    query = "SELECT count(*), max(state) FROM platform.region WHERE code = '91.71'"
    assert rows(two, query) == [(1, "active")]
    acts = rows(two, "SELECT action, actor_kind FROM platform.audit_log WHERE action = 'region.create'")
    assert acts == [("region.create", "system")]


def test_an_unknown_code_is_one_line_and_exit_1(run: Run) -> None:
    refused = run("region", "create", "99.99")
    assert (refused.exit_code, refused.stderr) == (1, "mpp: Daerah “99.99” tidak ditemukan.\n")


def test_suspend_and_activate_may_be_repeated(run: Run, two: Settings) -> None:
    words = ("region", "suspend", "banyuwangi", "--reason", "Pindah", "--contact", "Diskominfo")
    for _ in range(2):
        assert run(*words).output == "Kabupaten Banyuwangi ditangguhkan\n"
    assert rows(two, "SELECT state, state_contact FROM platform.region WHERE slug = 'banyuwangi'") == [
        ("suspended", "Diskominfo")
    ]
    assert "ditangguhkan" in run("region", "create", "35.10").output
    for _ in range(2):
        assert run("region", "activate", "banyuwangi").output == "Kabupaten Banyuwangi aktif\n"


def test_suspending_wants_a_reason_and_a_contact(run: Run) -> None:
    assert run("region", "suspend", "banyuwangi", "--reason", "Pindah").exit_code == 2
    empty = run("region", "suspend", "banyuwangi", "--reason", " ", "--contact", "x")
    assert empty.exit_code == 1
    assert empty.stderr.startswith("mpp: Alasan dan kontak wajib diisi")


def test_the_first_account_can_sign_in(run: Run, two: Settings) -> None:
    from mpp.accounts.passwords import verify

    for table, words in (("platform.central_staff", ()), ("region_1.staff", ("--region", "bukittinggi"))):
        made = run("account", "create", "Baru@Contoh.go.id", "--name", "Admin baru", *words)
        assert made.exit_code == 0, made.output
        secret = made.output.rpartition(": ")[2].strip()
        ((hashed, demo),) = rows(
            two, f"SELECT password_hash, demo FROM {table} WHERE email = 'baru@contoh.go.id'"
        )
        assert verify(hashed, secret)
        assert not demo
        again = run("account", "create", "baru@contoh.go.id", "--name", "Admin baru", *words)
        assert (again.exit_code, "sudah ada" in again.stderr) == (1, True)


def test_no_demo_seed_in_production(two: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    production = {"MPP_ENV": "production", "MPP_DOMAIN": "mpp.example", "MPP_MASTER_KEY": new_key()}
    run = runner(two, monkeypatch, **production)
    refused = run("db", "prepare")
    assert refused.exit_code == 1
    assert "--no-demo" in refused.stderr
    assert run("demo", "sign-ins", "--json").output == "[]\n"


def test_an_unreachable_database_is_one_line(two: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runner(two, monkeypatch, DATABASE_URL="postgresql://mpp:rahasia@127.0.0.1:1/mpp")
    refused = run("db", "prepare")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("mpp: basis data: ")
    assert refused.stderr.count("\n") == 1
    assert "rahasia" not in refused.stderr
    missing = runner(two, monkeypatch, DATABASE_URL="")("region", "list")
    assert missing.stderr == "mpp: DATABASE_URL belum diisi\n"
