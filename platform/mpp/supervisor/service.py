"""What the supervisor watches: a program with arguments, or an embedded server (same shape)."""

import http.client
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from mpp.embedded.process import spawn


class Service(Protocol):
    """A child process that can be launched again at the same address.

    `EmbeddedServer` fits as it is.
    """

    @property
    def name(self) -> str:
        """Short name, also of the log file."""

    @property
    def log(self) -> Path:
        """Where its output goes."""

    @property
    def foundation(self) -> bool:
        """True for servers the others lean on: stopped last."""

    @property
    def stop_signal(self) -> signal.Signals:
        """The signal that asks for a clean end."""

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The last launched process."""

    def launch(self) -> None:
        """Start it without waiting."""

    def is_ready(self) -> bool:
        """True when it does its work."""


class CommandService:
    """A command of the platform, such as the web server or the worker."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        log_dir: Path,
        ready: Callable[[], bool] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.env = dict(env)
        self.log = log_dir / f"{name}.log"
        self.foundation = False
        self.stop_signal = stop_signal
        self.process: subprocess.Popen[bytes] | None = None
        self._ready = ready

    def launch(self) -> None:
        """Start it with its own environment; it gets its stop signal when we die."""
        self.process = spawn(self.argv, log=self.log, env=self.env, death_signal=self.stop_signal)

    def is_ready(self) -> bool:
        """True when it runs and, where it has one, its ready check passes."""
        if self.process is None or self.process.poll() is not None:
            return False
        return self._ready is None or self._ready()


def answers(port: int, path: str, host: str) -> bool:
    """True when 127.0.0.1:`port` answers GET `path` for `host` with 200 within two seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": f"{host}:{port}", "Connection": "close"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
