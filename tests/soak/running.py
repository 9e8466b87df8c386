"""`mpp up` as a process of its own, and where its children are, so that they can be killed."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mpp.embedded.process import free_port, spawn
from mpp.settings import ROOT, Settings, load_settings
from mpp.supervisor.environment import remembered

SECONDS_TO_START = 180
SECONDS_TO_STOP = 20
READY = "Tekan Ctrl-C"
# What the operator of this machine set for another installation.
FOREIGN = {"DATABASE_URL", "VALKEY_URL", "MPP_SECRET_KEY", "MPP_ENV", "MPP_DOMAIN", "MPP_ROLE_PREFIX"}
# A part of each child's command line.
MARKS = {
    "worker": "worker", "ticker": "ticker", "events": "wsgi:events_app()", "web": "wsgi:app()",
    "postgres": "postgres", "valkey": "valkey-server",
}  # fmt: skip


@dataclass(frozen=True)
class Running:
    """A platform that runs."""

    pid: int
    port: int
    settings: Settings
    said: Path

    @property
    def logs(self) -> Path:
        """Where its processes write."""
        return self.settings.data_dir / "log"

    def master(self, name: str) -> int | None:
        """The child of `mpp up` with this name (see MARKS), None while there is none."""
        found = [pid for pid in children(self.pid) if _is(pid, MARKS[name])]
        return found[0] if found else None

    def workers(self, name: str) -> list[int]:
        """The processes under a child: page workers of web, backends of postgres that serve somebody."""
        master = self.master(name)
        found = children(master) if master else []
        if name == "postgres":
            # "postgres: mpp_app mpp 127.0.0.1(40312) idle": the others are the server's own.
            found = [pid for pid in found if "127.0.0.1(" in command(pid)]
        return found

    def alive(self) -> bool:
        """Whether `mpp up` itself still runs."""
        return state(self.pid) not in {"", "Z"}


@contextmanager
def running() -> Iterator[Running]:
    """Start the platform on ports and in a folder of its own; everything is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mpp-soak-"))
    # A dropped PostgreSQL must reach its data.
    folder.chmod(0o711)
    data = folder / "data"
    port = _two_ports()
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    env["PYTHONPATH"] = f"{ROOT / 'platform'}{os.pathsep}{ROOT}"
    said = folder / "said.log"
    argv = [sys.executable, "-m", "wsgi", "up", "--port", str(port), "--data-dir", str(data)]
    process = spawn(argv, log=said, env=env, cwd=ROOT)
    try:
        until = time.monotonic() + SECONDS_TO_START
        while READY not in said.read_text("utf-8"):
            assert process.poll() is None and time.monotonic() < until, said.read_text("utf-8")
            time.sleep(0.2)
        settings = load_settings(remembered(data) | {"MPP_ENV": "development"})
        yield Running(process.pid, port, settings, said)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(SECONDS_TO_STOP)
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(folder, ignore_errors=True)


def _two_ports() -> int:
    """A free port whose successor is free too."""
    while True:
        port = free_port()
        if port < 65535 and free_port(port + 1) == port + 1:
            return port


def children(pid: int) -> list[int]:
    """Ids of the direct children of a process that still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(entry.name))
        if len(fields) > 1 and fields[1] == str(pid) and fields[0] != "Z":
            found.append(int(entry.name))
    return sorted(found)


def state(pid: int) -> str:
    """R, S, D, Z … as the kernel says; empty when there is no such process."""
    return (_stat(pid) or [""])[0]


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return []


def command(pid: int) -> str:
    """The command line of a process, its words parted by spaces."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def _is(pid: int, mark: str) -> bool:
    return any(word.rsplit("/", 1)[-1] == mark for word in command(pid).split())
