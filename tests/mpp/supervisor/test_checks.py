"""What must hold before a start, and what the children are told."""

from pathlib import Path

import pytest

from mpp.embedded.process import free_port
from mpp.supervisor import announce, checks
from mpp.supervisor.environment import children_environment, forget, remember, remembered
from mpp.supervisor.errors import UpError


def test_too_little_space_says_how_much_is_missing(tmp_path: Path) -> None:
    checks.require_space(tmp_path)
    with pytest.raises(UpError, match=r"^Disk penuh: .* tinggal \d+ MB, perlu \d+ MB\."):
        checks.require_space(tmp_path, needed=10**18)


def test_a_folder_has_one_user_at_a_time_and_remembers_a_crash(tmp_path: Path) -> None:
    with checks.locked(tmp_path) as after_crash:
        assert not after_crash
        with pytest.raises(UpError, match="sedang dipakai"), checks.locked(tmp_path):
            raise AssertionError
    (tmp_path / "lock").write_text("123", encoding="ascii")
    with checks.locked(tmp_path) as after_crash:
        assert after_crash
    with checks.locked(tmp_path) as after_crash:
        assert not after_crash


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://a:b@db:5432/mpp?password=c", "postgresql+psycopg://a@db:5432/mpp"),
        ("redis://:p@10.0.0.1:6379/0", "redis://10.0.0.1:6379/0"),
        ("postgresql://a:b@db:port/mpp", "(alamat tidak terbaca)"),
        ("rahasia", "(alamat tidak terbaca)"),
        ("postgresql:///mpp", "postgresql:///mpp"),
    ],
)
def test_an_address_on_the_screen_has_no_password(url: str, shown: str) -> None:
    assert checks.without_password(url) == shown


def test_servers_out_of_reach_are_one_line() -> None:
    port = free_port()
    with pytest.raises(UpError, match=r"VALKEY_URL .*127\.0\.0\.1:\d+/0 \(sambungan ditolak"):
        checks.require_valkey(f"redis://:p@127.0.0.1:{port}/0")
    with pytest.raises(UpError, match=r"DATABASE_URL .*127\.0\.0\.1:\d+/x \(sambungan ditolak"):
        checks.require_database(f"postgresql://u:p@127.0.0.1:{port}/x")
    for url in ("mysql://u:p@h/x", "bukan alamat"):
        with pytest.raises(UpError) as caught:
            checks.require_database(url)
        assert "\n" not in str(caught.value)
        with pytest.raises(UpError):
            checks.require_valkey(url)


def test_children_get_addresses_and_keep_what_the_operator_set(tmp_path: Path) -> None:
    base = {"MPP_DOMAIN": "mpp.example.id", "MPP_PORT": "1"}
    env = children_environment(base, port=8000, data_dir=tmp_path, database_url="pg", valkey_url="vk")
    assert env["MPP_DOMAIN"] == "mpp.example.id"
    assert (env["MPP_PORT"], env["MPP_EVENTS_PORT"], env["MPP_ENV"]) == (
        "8000",
        "8001",
        "development",
    )
    again = children_environment({}, port=8000, data_dir=tmp_path, database_url="pg", valkey_url="vk")
    assert again["MPP_SECRET_KEY"] == env["MPP_SECRET_KEY"]
    assert again["MPP_DOMAIN"] == "localhost"
    assert len(env["MPP_SECRET_KEY"]) >= 32
    production = children_environment(
        {"MPP_ENV": "production"}, port=8000, data_dir=tmp_path, database_url="pg", valkey_url="vk"
    )
    assert "MPP_DOMAIN" not in production


def test_other_commands_find_the_run(tmp_path: Path) -> None:
    assert remembered(tmp_path) == {}
    remember({"DATABASE_URL": "pg", "HOME": "/"}, tmp_path)
    assert remembered(tmp_path) == {"DATABASE_URL": "pg"}
    assert (tmp_path / "environment.json").stat().st_mode & 0o777 == 0o600
    forget(tmp_path)
    assert remembered(tmp_path) == {}


def test_the_table_is_aligned_and_leaves_empty_columns_out() -> None:
    rows = [
        {"where": "Kota Bukittinggi", "role": "Admin", "user": "admin", "password": "satu"},
        {"where": "Pusat", "role": "Super-admin", "user": "pusat", "password": "dua"},
    ]
    assert announce.table(rows) == [
        "Tempat            Peran        Nama pengguna  Kata sandi",
        "────────────────  ───────────  ─────────────  ──────────",
        "Kota Bukittinggi  Admin        admin          satu",
        "Pusat             Super-admin  pusat          dua",
    ]
    assert announce.table([]) == []
