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
from collections.abc import Iterator
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


@contextmanager
def live(settings: Settings, *, workers: int = 1, streams: bool = True) -> Iterator[Live]:
    """Run page servers and, unless told not to, the event stream as `mpp up` does."""
    here = Live(free_port(), free_port())
    env = environment(settings, here.port, here.events_port)
    log = settings.data_dir / "live.log"
    threads = ("--worker-class", "gthread", "--workers", str(workers), "--threads", "8")
    pages = gunicorn("wsgi:app()", here.port, env, *threads, log=log)
    groups = [(f"http://127.0.0.1:{here.port}/readyz", pages)]
    if streams:
        green = ("--worker-class", "gevent", "--worker-connections", "6000")
        events = gunicorn("wsgi:events_app()", here.events_port, env, *green, log=log)
        groups.append((f"http://127.0.0.1:{here.events_port}/healthz", events))
    try:
        for address, process in groups:
            wait_for(address, process)
        yield here
    finally:
        # The quick stop: nobody waits for browsers that keep their lines open.
        for _address, process in groups:
            process.send_signal(signal.SIGQUIT)
        for _address, process in groups:
            process.wait(15)
