"""Children never outlive us, and private files are private from their first byte."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from mpp.embedded.process import free_port, port_is_free, spawn, text_after, write_private

SOURCE = Path(__file__).parents[3] / "platform"


def test_a_child_dies_with_its_parent_even_after_kill_9(tmp_path: Path) -> None:
    program = (
        "import time; from pathlib import Path; from mpp.embedded.process import spawn;"
        f"child = spawn(['sleep', '60'], log=Path({str(tmp_path / 'log')!r}));"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _runs(child)
        parent.kill()
    assert _ends(child)


def test_a_child_has_a_process_group_of_its_own(tmp_path: Path) -> None:
    child = spawn(["sleep", "60"], log=tmp_path / "log" / "x.log")
    try:
        assert os.getpgid(child.pid) == child.pid
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(5) == -signal.SIGTERM


def test_output_goes_to_a_log_that_only_its_owner_reads(tmp_path: Path) -> None:
    log = tmp_path / "log" / "x.log"
    assert spawn(["sh", "-c", "echo satu; echo dua >&2"], log=log).wait(5) == 0
    assert log.read_text(encoding="utf-8") == "satu\ndua\n"
    assert log.stat().st_mode & 0o777 == 0o600
    assert text_after(log, 5) == "dua\n"
    assert text_after(log.with_name("none"), 0) == ""


def test_a_private_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_private(path, "satu")
    write_private(path, "dua")
    assert path.read_text(encoding="utf-8") == "dua"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_a_taken_port_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        assert not port_is_free(taken)
        assert free_port(taken) != taken
    assert free_port(taken) == taken


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state.rsplit(")", 1)[1].split()[0] != "Z"  # a zombie is dead, only not yet collected


def _ends(pid: int) -> bool:
    limit = time.monotonic() + 5
    while _runs(pid) and time.monotonic() < limit:
        time.sleep(0.02)
    return not _runs(pid)
