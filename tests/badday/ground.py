"""The platform's processes over servers of their own, each of which a test may stop, kill and start again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from mpp.database.session import CENTRAL, db
from mpp.embedded.postgres import EmbeddedPostgres
from mpp.embedded.server import EmbeddedServer
from mpp.embedded.valkey import EmbeddedValkey
from mpp.settings import ROOT, Settings
from mpp.tenancy.provision import owner
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.soak.ledger import Ledger
from tests.soak.people import Desk, Hall
from tests.soak.visitor import Visitor
from tests.support.live import Live, environment, free_port, gunicorn, wait_for

PATIENCE = 30.0
# In the order in which the foreign keys allow it; counters are left by their officers.
EMPTY = "TRUNCATE ticket_event, ticket, ticket_series, outbox RESTART IDENTITY CASCADE"
CLOSED = "UPDATE counter SET officer_id = NULL, officer_since = NULL, state = 'closed'"


@dataclass
class Ground:
    """One region's hall, its processes, and the servers under them."""

    settings: Settings
    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey
    app: Platform
    region: Region
    hall: Hall
    live: Live = field(default_factory=lambda: Live(free_port(), free_port()))
    pages: subprocess.Popen[bytes] | None = None
    events: subprocess.Popen[bytes] | None = None
    ledger: Ledger = field(default_factory=Ledger)

    def begin(self) -> None:
        """Everything runs and the hall is empty, whatever the test before has done."""
        for server in (self.postgres, self.valkey):
            if server.process is None or server.process.poll() is not None:
                server.start()
        self._empty()
        self.forget_lines()
        self.ledger = Ledger()
        if self.pages is None or self.pages.poll() is not None:
            self.start_pages()
        if self.events is None or self.events.poll() is not None:
            self.start_events()

    def _empty(self) -> None:
        """Take everybody out of the hall. A screen may be reading meanwhile, in another order: then once more."""
        with owner(self.settings) as connection:
            connection.execute(f"SET search_path TO {self.region.schema}, platform")
            for last in (False, False, True):
                try:
                    connection.execute(EMPTY)
                    break
                except psycopg.errors.DeadlockDetected:
                    if last:
                        raise
            connection.execute(CLOSED)

    def start_pages(self) -> None:
        """Two page workers, as `mpp up` has."""
        threads = ("--worker-class", "gthread", "--workers", "2", "--threads", "8", "--preload")
        self.pages = self._serve("wsgi:app()", self.live.port, *threads)

    def start_events(self) -> None:
        """The event streams."""
        self.events = self._serve("wsgi:events_app()", self.live.events_port, "--worker-class", "gevent")

    def _serve(self, target: str, port: int, *options: str) -> subprocess.Popen[bytes]:
        env = environment(self.settings, self.live.port, self.live.events_port)
        process = gunicorn(target, port, env, *options, log=self.settings.data_dir / "badday.log")
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", process, 90)
        except BaseException:
            _end(process)
            raise
        return process

    @contextmanager
    def jobs(self) -> Iterator[None]:
        """Worker and ticker run."""
        env = environment(self.settings, self.live.port, self.live.events_port)
        with contextlib.ExitStack() as stack:
            for name in ("worker", "ticker"):
                argv = [sys.executable, "-m", "wsgi", name]
                log = stack.enter_context((self.settings.data_dir / f"{name}.log").open("ab"))
                process = subprocess.Popen(argv, env=env, cwd=ROOT, stdout=log, stderr=log)
                stack.callback(_end, process)
            yield

    def forget_lines(self) -> None:
        """Drop this process's own lines to PostgreSQL."""
        with self.app.app_context():
            db.engine.dispose()
            db.engines[CENTRAL].dispose()

    def visitor(self) -> Visitor:
        """Somebody at the region's host."""
        return Visitor(self.live.port, self.region.slug, self.ledger)

    def desk(self, number: int = 0) -> Desk:
        """An officer who has signed in and sits at a counter."""
        email, counter = self.hall.desks[number]
        desk = Desk(self.live.port, self.hall, email, counter, self.ledger, random.Random(number))
        desk.arrive()
        return desk

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query in the region's schema, past every fence."""
        with owner(self.settings) as connection:
            connection.execute(f"SET search_path TO {self.region.schema}, platform")
            return connection.execute(query, values or None).fetchall()

    def calls(self) -> int:
        """How many calls the history knows."""
        return int(self.rows("SELECT count(*) FROM ticket_event WHERE kind = 'call'")[0][0])

    def close(self) -> None:
        """End every process; the servers are their owner's."""
        for process in (self.pages, self.events):
            if process is not None:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def stop(server: EmbeddedServer) -> None:
    """End a server as an operator does who starts it again soon: its data stays."""
    assert server.process
    server.process.send_signal(server.stop_signal)
    server.process.wait(20)


def kill(pid: int) -> None:
    """kill -9; gone already is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def until(found: Callable[[], Any], limit: float = PATIENCE) -> Any:
    """Wait until `found` returns something true, and return it."""
    end = time.monotonic() + limit
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            if result := found():
                return result
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)
