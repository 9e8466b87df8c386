"""The process table with small commands: restarts, gives up, kills what does not end, rotates."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mpp.supervisor.errors import UpError
from mpp.supervisor.service import CommandService
from mpp.supervisor.table import TOO_MANY, Supervisor, last_line, rotate

ENV = {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def said() -> list[str]:
    """What the supervisor told the terminal."""
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    """A supervisor without patience; nothing of it outlives the test."""
    supervisor = Supervisor(said.append, first_pause=0.01)
    yield supervisor
    supervisor.stop(1)


def shell(name: str, script: str, folder: Path) -> CommandService:
    """A child that runs a shell script."""
    return CommandService(name, ["sh", "-c", script], env=ENV, log_dir=folder)


def tick_until_dead(supervisor: Supervisor) -> None:
    """Look at the children until the supervisor gives up."""
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        supervisor.tick()
        time.sleep(0.01)


def test_a_child_that_keeps_dying_ends_in_one_line(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    supervisor.launch(shell("pekerja", "echo sandi salah; exit 3", tmp_path))
    with pytest.raises(UpError) as caught:
        tick_until_dead(supervisor)
    text = str(caught.value)
    assert "pekerja 5 kali berhenti sendiri (kode 3): sandi salah." in text
    assert "\n" not in text
    assert str(tmp_path / "pekerja.log") in text
    assert len(said) == TOO_MANY - 1


def test_a_child_that_died_once_runs_again(supervisor: Supervisor, said: list[str], tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    child = shell("web", f"test -e {mark} && exec sleep 60; touch {mark}; exit 1", tmp_path)
    supervisor.launch(child)
    limit = time.monotonic() + 5
    while not said and time.monotonic() < limit:
        supervisor.tick()
    supervisor.wait_ready([child], 5)
    time.sleep(0.05)
    supervisor.tick()
    assert child.is_ready()
    assert said == ["web berhenti sendiri (kode 1); dihidupkan lagi dalam 0,0 detik"]


def test_what_a_dead_child_left_running_goes_before_the_restart(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    child = shell("web", f"sleep 60 & echo $! > {pid}; sleep 0.1; exit 1", tmp_path)
    supervisor.launch(child)
    assert child.process is not None
    child.process.wait(5)
    supervisor.tick()
    left = int(pid.read_text(encoding="ascii"))
    limit = time.monotonic() + 5
    while _runs(left) and time.monotonic() < limit:
        time.sleep(0.01)
    assert not _runs(left)


def test_all_stop_in_reverse_order_and_foundations_last(supervisor: Supervisor, tmp_path: Path) -> None:
    order = tmp_path / "order"
    children = []
    for name, foundation in (("db", True), ("worker", False), ("web", False)):
        pause = 0.3 if name == "worker" else 0
        at_end = f"sleep {pause}; echo {name} >> {order}; exit"
        script = f"trap '{at_end}' TERM; echo on; while :; do sleep 0.05; done"
        child = shell(name, script, tmp_path)
        child.foundation = foundation
        children.append(child)
        supervisor.launch(child)
    for child in children:
        while last_line(child.log) != "on":
            time.sleep(0.01)
    supervisor.stop()
    assert order.read_text(encoding="ascii").split() == ["web", "worker", "db"]


def test_a_child_that_ignores_the_signal_is_killed_in_time(supervisor: Supervisor, tmp_path: Path) -> None:
    child = shell("web", "trap '' TERM; echo on; sleep 60; sleep 60", tmp_path)
    supervisor.launch(child)
    while last_line(child.log) != "on":
        time.sleep(0.01)
    started = time.monotonic()
    supervisor.stop(0.5)
    assert time.monotonic() - started < 3
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_a_child_that_is_never_ready_is_named(supervisor: Supervisor, tmp_path: Path) -> None:
    child = CommandService(
        "web",
        ["sh", "-c", "echo menunggu; exec sleep 60"],
        env=ENV,
        log_dir=tmp_path,
        ready=lambda: False,
    )
    supervisor.launch(child)
    with pytest.raises(UpError, match="web belum siap setelah 0 detik: "):
        supervisor.wait_ready([child], 0.2)


def test_a_child_that_says_why_it_will_not_run_ends_the_wait(supervisor: Supervisor, tmp_path: Path) -> None:
    script = "echo 'mpp: akun contoh masih ada'; echo lagi; exec sleep 60"
    child = CommandService("web", ["sh", "-c", script], env=ENV, log_dir=tmp_path, ready=lambda: False)
    supervisor.launch(child)
    with pytest.raises(UpError, match=r"^web menolak berjalan: akun contoh masih ada\. Catatan"):
        supervisor.wait_ready([child], 30)


def test_a_missing_program_is_one_line(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(UpError, match="web tidak dapat dijalankan: No such file"):
        supervisor.launch(CommandService("web", ["/nowhere"], env=ENV, log_dir=tmp_path))


def test_a_line_for_the_operator_tells_more_than_the_last_one(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("mulai\nmpp: kunci belum diisi.\n[ERROR] Worker failed\n", encoding="ascii")
    assert last_line(log) == "kunci belum diisi"
    log.write_text("mulai\nselesai.\n", encoding="ascii")
    assert last_line(log) == "selesai"
    assert last_line(tmp_path / "none.log") == "tidak ada catatan"


def test_a_log_that_grew_too_long_is_set_aside_and_the_child_writes_on(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("a", encoding="ascii") as file:
        subprocess.run(["echo", "lama" * 10], stdout=file, check=True)
        rotate(log, 20)
        subprocess.run(["echo", "baru"], stdout=file, check=True)
    assert log.read_text(encoding="ascii") == "baru\n"
    assert (tmp_path / "web.log.1").read_text(encoding="ascii").startswith("lamalama")
    rotate(tmp_path / "none.log")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
