"""`mpp up` from outside, over a tiny platform: starts, survives deaths, fails in one line."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from mpp.embedded.process import free_port
from mpp.supervisor.environment import remembered

FAKE = Path(__file__).with_name("fake_platform.py")
SOURCE = Path(__file__).parents[3] / "platform"


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data folder that a dropped PostgreSQL reaches; pytest's own lie behind a closed folder."""
    with tempfile.TemporaryDirectory(prefix="mpp-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


def port_pair() -> int:
    """A free port whose successor is free too."""
    while True:
        port = free_port()
        if port < 65535 and free_port(port + 1) == port + 1:
            return port


@contextmanager
def running(port: int, data_dir: Path, **extra: str) -> Iterator[subprocess.Popen[str]]:
    """`mpp up` as a process of its own, stopped at the end."""
    unset = {"DATABASE_URL", "VALKEY_URL", "MPP_SECRET_KEY", "MPP_ENV", "MPP_DOMAIN"}
    env = {name: value for name, value in os.environ.items() if name not in unset}
    with subprocess.Popen(
        [sys.executable, str(FAKE), "up", str(port), str(data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**env, "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1", **extra},
        cwd=data_dir.parent,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(15)


def until_ready(process: subprocess.Popen[str]) -> str:
    """Everything printed up to the last line of the welcome."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            return "".join(lines)
    raise AssertionError("".join(lines) + (process.stderr.read() if process.stderr else ""))


def refused(port: int, data_dir: Path, **extra: str) -> str:
    """The single line on stderr of a start that is refused with exit code 1."""
    with running(port, data_dir, **extra) as process:
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 1
    assert errors.count("\n") == 1, errors
    assert errors.startswith("Galat: ")
    return errors


def eventually(true: Callable[[], bool], limit: float = 10) -> None:
    """Wait until `true` holds."""
    end = time.monotonic() + limit
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


def children_of(pid: int) -> dict[str, int]:
    """Direct children by their last argument or program."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = entry.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1]
            words = re.split("[\0 ]", entry.joinpath("cmdline").read_bytes().decode())
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == str(pid) and words != [""]:
            for name in ("postgres", "valkey-server", "worker", "serve"):
                if any(word.rsplit("/", 1)[-1] == name for word in words):
                    found[name] = int(entry.name)
    return found


def test_it_starts_restarts_a_dead_child_and_stops_everything(data_dir: Path) -> None:
    port = port_pair()
    with running(port, data_dir) as process:
        said = until_ready(process)
        assert "21 dari 21 daerah siap" in said
        assert f"http://localhost:{port}" in said
        assert re.search(r"Bukittinggi +Admin +admin\n  Kata sandi semua akun: rahasia", said)
        before = children_of(process.pid)
        limits = Path(f"/proc/{before['worker']}/limits").read_text(encoding="ascii")
        soft, hard = re.findall(r"Max open files +(\d+) +(\d+)", limits)[0]
        assert int(soft) >= min(int(hard), 16384), "screens by the thousand may listen"
        assert sorted(before) == ["postgres", "serve", "valkey-server", "worker"]
        os.kill(before["worker"], signal.SIGKILL)
        assert process.stdout is not None
        assert "worker berhenti sendiri (SIGKILL)" in process.stdout.readline()
        eventually(lambda: children_of(process.pid).get("worker", 0) not in (0, before["worker"]))
        url = remembered(data_dir)["DATABASE_URL"].replace("+psycopg", "")
        os.kill(before["postgres"], signal.SIGKILL)
        eventually(lambda: _answers(url))  # at the same address
        everything = children_of(process.pid)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(12) == 0
        assert time.monotonic() - started < 10
        assert "Semua sudah berhenti" in process.stdout.read()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert not any(Path(f"/proc/{pid}").exists() for pid in everything.values())
    assert remembered(data_dir) == {}
    key = data_dir / "secret-key"
    assert key.stat().st_mode & 0o777 == 0o600
    kept = key.read_text(encoding="ascii")
    with running(port, data_dir) as second:  # same data, same key
        until_ready(second)
        assert key.read_text(encoding="ascii") == kept
        line = refused(port_pair(), data_dir)
        assert "sedang dipakai" in line
        assert str(second.pid) in line


def test_kill_9_leaves_nothing_running_and_the_next_start_works(data_dir: Path) -> None:
    port = port_pair()
    with running(port, data_dir) as process:
        until_ready(process)
        everything = children_of(process.pid)
        process.kill()
        process.wait()
    eventually(lambda: not any(_runs(pid) for pid in everything.values()))
    with running(port, data_dir) as again:
        until_ready(again)


def test_a_taken_port_is_one_line(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert f"Porta {port} (untuk halaman) sudah dipakai" in refused(port, data_dir)
        if port > 1024:
            line = refused(port - 1, data_dir)
            assert f"Porta {port} (untuk aliran kabar layar)" in line or "halaman" in line


def test_an_unreachable_database_is_one_line_without_its_password(data_dir: Path) -> None:
    port = free_port()
    url = f"postgresql+psycopg://tamu:sandi-rahasia@127.0.0.1:{port}/mpp"
    line = refused(port_pair(), data_dir, DATABASE_URL=url)
    assert f"tamu@127.0.0.1:{port}/mpp" in line
    assert "sandi-rahasia" not in line


def test_a_failed_preparation_is_one_line_with_its_cause(data_dir: Path) -> None:
    line = refused(port_pair(), data_dir, FAKE_PREPARE_PROBLEM="skema tidak cocok")
    assert "Penyiapan basis data gagal" in line
    assert "skema tidak cocok" in line


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
