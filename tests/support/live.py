"""The platform's own processes for tests that need real sockets: page servers and event streams."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mpp.settings import ROOT, Settings


@dataclass(frozen=True)
class Live:
    """Where the running platform answers."""

    port: int
    events_port: int

    def url(self, slug: str | None, path: str = "/") -> str:
        """The address of a page at a region's host (or the centre's)."""
        host = f"{slug}.localhost" if slug else "localhost"
        return f"http://{host}:{self.port}{path}"

    def fetch(self, slug: str | None, path: str = "/") -> tuple[int, str]:
        """Status and text of a page, as a stranger without cookies gets them."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path, headers={"Host": self.url(slug, "").removeprefix("http://")})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Settings, port: int, events_port: int) -> dict[str, str]:
    """The environment that makes a child process see these settings."""
    return os.environ | {
        "MPP_ENV": "test",
        "MPP_SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "VALKEY_URL": settings.valkey_url,
        "MPP_ROLE_PREFIX": settings.role_prefix,
        "MPP_DATA_DIR": str(settings.data_dir),
        "MPP_PORT": str(port),
        "MPP_EVENTS_PORT": str(events_port),
        "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
    }


def gunicorn(
    target: str, port: int, env: dict[str, str], *options: str, log: Path
) -> subprocess.Popen[bytes]:
    """Start one group of server processes."""
    argv = [sys.executable, "-m", "gunicorn", target, "--bind", f"127.0.0.1:{port}", "--no-control-socket",
            "--graceful-timeout", "3", "--log-level", "warning", *options]  # fmt: skip
    with log.open("ab") as output:
        return subprocess.Popen(argv, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT)


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 90) -> None:
    """Return once `url` answers. Raises AssertionError when it never does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, "the server died at its start"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} never answered")


@dataclass
class Group:
    """Server processes of one kind, and where they say that they are ready."""

    process: subprocess.Popen[bytes]
    ready: str

    def anew(self) -> None:
        """Have the master make other workers: what these have kept of a database goes with them."""
        pid = self.process.pid
        for worker in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
            os.kill(int(worker), signal.SIGKILL)


class Processes:
    """Page servers and, from the first time that somebody needs it, the event stream, as `mpp up` runs them."""

    def __init__(self, settings: Settings, workers: int = 1) -> None:
        self.here = Live(free_port(), free_port())
        self._settings, self._workers = settings, workers
        self._groups: dict[str, Group] = {}

    @contextmanager
    def serving(self, *, streams: bool = True) -> Iterator[Live]:
        """The running platform; whoever comes next finds workers that have seen nothing yet."""
        wanted = [self._group("pages", self._pages)]
        if streams:
            wanted.append(self._group("events", self._events))
        for group in wanted:
            wait_for(group.ready, group.process)
        try:
            yield self.here
        finally:
            for group in wanted:
                group.anew()

    def stop(self) -> None:
        """The quick stop: nobody waits for browsers that keep their lines open."""
        for group in self._groups.values():
            group.process.send_signal(signal.SIGQUIT)
        for group in self._groups.values():
            group.process.wait(15)

    def _group(self, name: str, begin: Callable[[], Group]) -> Group:
        if name not in self._groups:
            self._groups[name] = begin()
        return self._groups[name]

    def _pages(self) -> Group:
        # Imported once, before the fork: a new worker is there at once.
        options = (
            "--worker-class",
            "gthread",
            "--workers",
            str(self._workers),
            "--threads",
            "8",
            "--preload",
        )
        return self._begin("wsgi:app()", self.here.port, "/readyz", *options)

    def _events(self) -> Group:
        options = ("--worker-class", "gevent", "--worker-connections", "6000")
        return self._begin("wsgi:events_app()", self.here.events_port, "/healthz", *options)

    def _begin(self, target: str, port: int, ready: str, *options: str) -> Group:
        env = environment(self._settings, self.here.port, self.here.events_port)
        process = gunicorn(target, port, env, *options, log=self._settings.data_dir / "live.log")
        return Group(process, f"http://127.0.0.1:{port}{ready}")


@contextmanager
def live(settings: Settings, *, workers: int = 1) -> Iterator[Live]:
    """Run page servers and the event stream as `mpp up` does, and end them."""
    processes = Processes(settings, workers)
    try:
        with processes.serving() as here:
            yield here
    finally:
        processes.stop()
