"""What both embedded servers share: start and wait, stop, restart at the same address."""

import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from mpp.embedded.errors import EmbeddedError
from mpp.embedded.privileges import Place, settle
from mpp.embedded.process import text_after
from mpp.embedded.programs import Programs, reachable

_START_LIMIT = 60.0  # seconds; recovery after a crash may replay for a while
_ATTEMPTS = 6


class EmbeddedServer(ABC):
    """A server that keeps its data in `data_dir`/`name` and logs to `data_dir`/log/`name`.log.

    `durable` false trades safety against a power cut for speed: for tests only.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    foundation: ClassVar[bool] = True

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.data_dir = data_dir.resolve()
        self.durable = durable
        self.log = self.data_dir / "log" / f"{self.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._place: Place | None = None
        self._programs: Path | None = None
        self._copied = False
        self._log_offset = 0

    @property
    @abstractmethod
    def url(self) -> str:
        """Address with user and password; known once the server was launched."""

    @abstractmethod
    def launch(self) -> None:
        """Start the process without waiting until it answers; a second launch keeps the address."""

    @abstractmethod
    def is_ready(self) -> bool:
        """True when the server takes connections now."""

    @abstractmethod
    def _find(self) -> Programs:
        """Find the programs; EmbeddedError when this machine has none."""

    @abstractmethod
    def _move_port(self) -> None:
        """Choose another port, because somebody took ours between the look and the start."""

    @property
    def place(self) -> Place:
        """Where the data lives and who runs the server; decided once per object."""
        if self._place is None:
            self._place = settle(self.data_dir / self.name, keep=self.durable)
        return self._place

    @property
    def programs(self) -> Path:
        """The folder of the server's programs that its user can run; copied there when needed."""
        if self._programs is None:
            self._programs, self._copied = reachable(self._find(), self.place.identity)
        return self._programs

    @property
    def note(self) -> str | None:
        """One line that says where data or programs had to go; None when they stay, as usual."""
        parts = [self.place.note] if self.place.note else []
        folder = self.programs
        if self._copied:
            parts.append(f"program {self.title} disalin ke {folder}")
        return "; ".join(parts) or None

    def start(self) -> str:
        """Launch, wait until connections are taken, return `url`.

        EmbeddedError with the server's own reason if not.
        """
        published = self.process is not None  # somebody may hold the address already: never change it then
        for attempt in range(_ATTEMPTS):
            self.launch()
            if self._wait_ready():
                return self.url
            said = self._said()
            if "ddress already in use" in said and not published:
                self._move_port()
            elif "ddress already in use" not in said and "shared memory block" not in said:
                break
            time.sleep(0.2 * (attempt + 1))  # the remains of a killed server need a moment to go
        self.stop()
        raise EmbeddedError(f"{self.title} tidak dapat dinyalakan: {self._reason()}. Catatan: {self.log}")

    def stop(self, limit: float = 8.0) -> None:
        """Stop cleanly within `limit` seconds, else kill. Harmless when it does not run."""
        process = self.process
        if process is not None and process.poll() is None:
            process.send_signal(self.stop_signal)
            try:
                process.wait(limit)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._place is not None and self._place.temporary:
            shutil.rmtree(self._place.path, ignore_errors=True)
            self._place = None

    def _wait_ready(self) -> bool:
        assert self.process is not None
        limit = time.monotonic() + _START_LIMIT
        while time.monotonic() < limit:
            if self.is_ready():
                return True
            if self.process.poll() is not None:
                return False
            time.sleep(0.02)
        return False

    def _mark_log(self) -> None:
        self._log_offset = self.log.stat().st_size if self.log.exists() else 0

    def _said(self) -> str:
        return text_after(self.log, self._log_offset)

    def _reason(self) -> str:
        """The server's own words for why it did not start: a fatal line, else the last."""
        lines = [line.strip() for line in self._said().splitlines() if line.strip()]
        fatal = [line for line in lines if "FATAL" in line or "error:" in line.lower()]
        chosen = (fatal or lines or ["tidak menjawab"])[0 if fatal else -1]
        return chosen.rsplit("FATAL:", 1)[-1].strip().rstrip(".")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
