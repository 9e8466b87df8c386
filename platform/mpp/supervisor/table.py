"""The process table: start in order, restart what dies, give up in one line, stop in reverse."""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from mpp.embedded.errors import EmbeddedError
from mpp.embedded.process import text_after
from mpp.supervisor.errors import UpError
from mpp.supervisor.service import Service

QUICK = 10.0  # seconds; a child that lived shorter died "quickly"
TOO_MANY = 5  # quick deaths in a row
_LONGEST_PAUSE = 8.0  # seconds between two starts
_LOG_LIMIT = 5_000_000  # bytes; then the log becomes <name>.log.1
_ROTATE_EVERY = 5.0  # seconds
# How our own programs begin a line for the operator; server programs write more lines after it.
FOR_OPERATOR = ("mpp: ", "Galat: ", "Error: ")


@dataclass
class _Entry:
    service: Service
    started: float = 0.0
    deaths: int = 0
    next_start: float | None = None


class Supervisor:
    """Watches `services`. `say` gets one short Indonesian line for each thing worth telling.

    Call everything from one thread that lives as long as the process: the children are tied to it.
    `first_pause` is the wait in seconds before the first restart; it doubles with each quick death.
    """

    def __init__(self, say: Callable[[str], None], *, first_pause: float = 0.5) -> None:
        self._say = say
        self._first_pause = first_pause
        self._entries: list[_Entry] = []
        self._rotated = time.monotonic()

    def adopt(self, service: Service) -> None:
        """Watch a service that runs already."""
        self._entries.append(_Entry(service, started=time.monotonic()))

    def launch(self, service: Service) -> None:
        """Start a service and watch it. UpError when its program can't be started at all."""
        self.adopt(service)
        try:
            service.launch()
        except OSError as error:
            raise UpError(f"{service.name} tidak dapat dijalankan: {error.strerror}") from error

    def wait_ready(self, services: Iterable[Service], limit: float) -> None:
        """Wait until all are ready, restarting as always.

        UpError names the one that isn't after `limit` seconds, or that says why it will not run:
        a web server's master lives on and starts the refusing program again and again.
        """
        waiting = list(services)
        end = time.monotonic() + limit
        while waiting := [service for service in waiting if not service.is_ready()]:
            if time.monotonic() > end:
                service = waiting[0]
                raise UpError(
                    f"{service.name} belum siap setelah {limit:.0f} detik: "
                    f"{last_line(service.log)}. "
                    f"Catatan: {service.log}"
                )
            for service in waiting:
                if refusal := operator_line(text_after(service.log, 0, limit=8192)):
                    raise UpError(f"{service.name} menolak berjalan: {refusal}. Catatan: {service.log}")
            self.tick()
            time.sleep(0.1)

    def watch(self) -> None:
        """Keep everything running until an exception (UpError, StopRequested) ends it."""
        while True:
            self.tick()
            time.sleep(0.2)

    def tick(self) -> None:
        """One look at every child: note deaths, start again what waited long enough.

        UpError when one keeps dying.
        """
        now = time.monotonic()
        for entry in self._entries:
            process = entry.service.process
            if entry.next_start is None and process is not None and process.poll() is not None:
                self._bury(entry, now)
            if entry.next_start is not None and now >= entry.next_start:
                self._revive(entry)
        if now - self._rotated > _ROTATE_EVERY:
            self._rotated = now
            for entry in self._entries:
                rotate(entry.service.log)

    def stop(self, limit: float = 8.0) -> None:
        """End all children in reverse order, the foundations last.

        What still runs after `limit` seconds is killed.
        """
        end = time.monotonic() + limit
        services = [entry.service for entry in reversed(self._entries)]
        others = [service for service in services if not service.foundation]
        for service in others:
            _signal(service, service.stop_signal)
        # The foundations get the rest of the time, at least a third: a database wants its
        # checkpoint.
        _wait_or_kill(others, end - limit / 3)
        for service in services:
            if service.foundation:
                _signal(service, service.stop_signal)
                _wait_or_kill([service], max(end, time.monotonic() + 1))
        self._entries.clear()

    def _bury(self, entry: _Entry, now: float) -> None:
        service = entry.service
        process = service.process
        assert process is not None
        entry.deaths = entry.deaths + 1 if now - entry.started < QUICK else 1
        if not service.foundation:
            _kill_group(process.pid)  # orphaned workers would still hold the port
        how = _how(process.returncode)
        if entry.deaths >= TOO_MANY:
            raise UpError(
                f"{service.name} {TOO_MANY} kali berhenti sendiri ({how}): "
                f"{last_line(service.log)}. "
                f"Catatan: {service.log}"
            )
        pause = min(self._first_pause * 2 ** (entry.deaths - 1), _LONGEST_PAUSE)
        entry.next_start = now + pause
        seconds = f"{pause:.1f}".replace(".", ",")
        self._say(f"{service.name} berhenti sendiri ({how}); dihidupkan lagi dalam {seconds} detik")

    def _revive(self, entry: _Entry) -> None:
        entry.next_start = None
        entry.started = time.monotonic()
        try:
            entry.service.launch()
        except (OSError, EmbeddedError) as error:
            raise UpError(f"{entry.service.name} tidak dapat dihidupkan lagi: {error}") from error


def last_line(log: Path) -> str:
    """Return the line of a child's log that tells best why it ended (see `telling_line`)."""
    return telling_line(text_after(log, 0, limit=8192))


def telling_line(text: str) -> str:
    """Return the last line meant for the operator ("mpp: …"), else the last line.

    At most 200 characters, without a final full stop.
    """
    if meant := operator_line(text):
        return meant
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200].rstrip(".") if lines else "tidak ada catatan"


def operator_line(text: str) -> str | None:
    """Return the last line by which one of our programs refused to go on, without its prefix."""
    for line in reversed(text.splitlines()):
        for prefix in FOR_OPERATOR:
            if line.startswith(prefix):
                return line.removeprefix(prefix)[:200].strip().rstrip(".")
    return None


def rotate(log: Path, limit: int = _LOG_LIMIT) -> None:
    """Move a log above `limit` bytes to <name>.log.1.

    Children append, so they go on in the emptied file.
    """
    try:
        if log.stat().st_size <= limit:
            return
        shutil.copyfile(log, old := log.with_name(log.name + ".1"))
        old.chmod(0o600)
        os.truncate(log, 0)
    except FileNotFoundError:
        return


def _how(code: int) -> str:
    if code >= 0:
        return f"kode {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"sinyal {-code}"


def _signal(service: Service, number: signal.Signals) -> None:
    if service.process is not None and service.process.poll() is None:
        service.process.send_signal(number)


def _wait_or_kill(services: list[Service], end: float) -> None:
    running = [service.process for service in services if service.process is not None]
    while any(process.poll() is None for process in running) and time.monotonic() < end:
        time.sleep(0.05)
    for process in running:
        if process.poll() is None:
            _kill_group(process.pid)
            process.kill()
            process.wait()


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
