"""A real PostgreSQL: keeps its data through kill -9, says in one line why it does not start."""

import os
import shutil
import signal
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from mpp.embedded import postgres, privileges
from mpp.embedded.errors import EmbeddedError
from mpp.embedded.postgres import EmbeddedPostgres, find_programs


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_data_and_address_survive_kill_9_and_a_new_start(reachable: Path) -> None:
    server = EmbeddedPostgres(reachable)
    try:
        url = server.start()
        with connect(url) as connection:
            connection.execute("CREATE TABLE kept (n int)")
            connection.execute("INSERT INTO kept VALUES (42)")
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        assert (server.cluster / "postmaster.pid").exists()
        assert server.start() == url
        with connect(url) as connection:
            assert connection.execute("SELECT n FROM kept").fetchall() == [(42,)]
    finally:
        server.stop()
    with EmbeddedPostgres(reachable) as second:
        assert second.url == url
        with connect(second.url) as connection:
            assert connection.execute("SELECT n FROM kept").fetchall() == [(42,)]


def test_it_is_closed_to_strangers_and_set_up_for_tests(reachable: Path) -> None:
    with EmbeddedPostgres(reachable, durable=False) as server:
        assert server.process is not None
        with connect(server.url) as connection:
            wanted = ("listen_addresses", "fsync", "max_connections", "max_locks_per_transaction")
            shown = [connection.execute(f"SHOW {name}").fetchone() for name in wanted]
            assert shown == [("127.0.0.1",), ("off",), ("200",), ("256",)]
            ctype = connection.execute("SELECT datctype FROM pg_database").fetchone()
            assert ctype == ("C.UTF-8",)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(server.url.replace("mpp:", "mpp:x"))
        password = server.place.path / "password"
        assert stat.S_IMODE(password.stat().st_mode) == 0o600
        words = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
        assert password.read_bytes() not in words


def test_behind_a_closed_folder_root_drops_and_everybody_else_stays(closed: Path) -> None:
    with EmbeddedPostgres(closed, durable=False) as server:
        assert server.process is not None
        runs_as = Path(f"/proc/{server.process.pid}").stat().st_uid
        place = server.place.path
        if os.geteuid() == 0:
            assert runs_as == privileges.servant().uid
            assert server.note is not None
            assert str(place) in server.note
        else:
            assert runs_as == os.geteuid()
            assert server.note is None
        with connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    if os.geteuid() == 0:
        assert not place.exists()  # not durable: a temporary place, gone with the server


def test_half_a_cluster_is_swept_away(reachable: Path) -> None:
    server = EmbeddedPostgres(reachable, durable=False)
    left = server.place.path / "cluster.new"
    left.mkdir()
    (left / "PG_VERSION").touch()
    with server:
        assert server.is_ready()
    assert not left.exists()


def test_a_state_file_that_names_another_program_is_no_obstacle(reachable: Path) -> None:
    server = EmbeddedPostgres(reachable, durable=False)
    with server:
        pass
    identity = server.place.identity
    user = None if identity is None else identity.uid
    with subprocess.Popen(["sleep", "30"], user=user) as stranger:
        try:
            state = server.cluster / "postmaster.pid"
            state.write_text(f"{stranger.pid}\n/elsewhere\n", encoding="ascii")
            with EmbeddedPostgres(reachable, durable=False) as again:
                assert again.is_ready()
            assert stranger.poll() is None
        finally:
            stranger.send_signal(signal.SIGTERM)


def test_data_of_another_version_is_refused_in_one_line(reachable: Path) -> None:
    server = EmbeddedPostgres(reachable, durable=False)
    with server:
        pass
    (server.cluster / "PG_VERSION").write_text("9\n", encoding="ascii")
    with pytest.raises(EmbeddedError, match=r"^Data di .* dibuat PostgreSQL 9, .*--data-dir\.$"):
        EmbeddedPostgres(reachable, durable=False).start()


def test_a_broken_cluster_gives_the_servers_own_reason(reachable: Path) -> None:
    server = EmbeddedPostgres(reachable, durable=False)
    with server:
        pass
    (server.cluster / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(reachable, durable=False).start()
    assert "PostgreSQL tidak dapat dinyalakan" in str(caught.value)
    assert "pg_control" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_named_programs_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = find_programs()
    folder = found.root / found.folder
    monkeypatch.setenv("MPP_PG_BIN", str(folder))
    assert find_programs().root == folder
    monkeypatch.setenv("MPP_PG_BIN", str(tmp_path))
    with pytest.raises(EmbeddedError, match="tidak berisi program postgres"):
        find_programs()


def test_a_copy_of_the_programs_runs_by_itself(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment lies behind a closed folder: libraries must travel with the programs."""
    found = find_programs()
    for part in found.parts:
        (closed / part).parent.mkdir(exist_ok=True)
        shutil.copytree(found.root / part, closed / part, ignore=shutil.ignore_patterns("include"))
    monkeypatch.setattr(postgres, "find_programs", lambda: replace(found, root=closed))
    with EmbeddedPostgres(closed.parent / "data", durable=False) as server:
        with connect(server.url) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
        copied = server.programs.is_relative_to(privileges.STATE)
        assert copied is (os.geteuid() == 0)
        assert (server.note is not None) is copied
