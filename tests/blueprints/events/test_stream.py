"""The event stream of a real process, with real Valkey and without."""

from __future__ import annotations

import dataclasses
import http.client
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mpp.database.session import read
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Hall
from tenants.queueing import service
from tenants.queueing.policies import Officer, new_key
from tenants.registry import acts
from tests.support.hall import at, more_counters, seat
from tests.support.live import environment, free_port, gunicorn, wait_for

SERVICE = "ktp-el-baru"


@dataclasses.dataclass
class Process:
    port: int
    page_port: int
    process: subprocess.Popen[bytes]


@contextmanager
def streams(settings: Settings) -> Iterator[Process]:
    port, page_port = free_port(), free_port()
    env = environment(settings, page_port, port)
    log = settings.data_dir / "events.log"
    process = gunicorn("wsgi:events_app()", port, env, "--worker-class", "gevent", log=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield Process(port, page_port, process)
    finally:
        process.terminate()
        process.wait(10)


class Stream:
    """An open event stream."""

    def __init__(self, port: int, hall: int, slug: str = "bukittinggi", **headers: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.connection.request(
            "GET", f"/events/hall/{hall}", headers={"Host": f"{slug}.localhost"} | headers
        )
        self.response = self.connection.getresponse()

    def next(self) -> dict[str, Any]:
        while line := self.response.readline():
            if line.startswith(b"data: {"):
                found: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
                return found
        raise EOFError

    def until_call(self, number: str) -> float:
        """Seconds until the board shows `number`."""
        began = time.monotonic()
        while True:
            board = self.next()
            if board["calling"] and board["calling"]["number"] == number:
                return time.monotonic() - began

    def ends(self) -> bool:
        """Whether the stream comes to its end."""
        try:
            while True:
                self.next()
        except (EOFError, http.client.HTTPException, OSError):
            return True

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def desk(app: Platform, open_hall: Region) -> tuple[int, int, Officer]:
    """Hall, counter and its officer, with two people in line."""
    with at(app, open_hall):
        (counter,) = more_counters(SERVICE, 1)
        for _person in range(2):
            service.take_ticket(SERVICE, "Siti", None, new_key(), "web")
        with read() as session:
            return session.query(Hall).one().id, counter, seat(counter)


def test_a_call_reaches_the_board_within_a_second(
    app: Platform, settings: Settings, open_hall: Region, banyuwangi: Region, desk: tuple[int, int, Officer]
) -> None:
    hall, counter, officer = desk
    with streams(settings) as running:
        origin = f"http://bukittinggi.localhost:{running.page_port}"
        board, foreign = (
            Stream(running.port, hall, Origin=origin),
            Stream(running.port, hall, Origin="http://a.b"),
        )
        assert board.response.status == 200
        assert board.response.headers["Content-Type"].startswith("text/event-stream")
        assert board.response.headers["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Origin" not in foreign.response.headers
        neighbour = Stream(running.port, hall, "banyuwangi")
        before = neighbour.next()
        assert board.next()["calling"] is None
        with at(app, open_hall):
            ticket = service.call_next(counter, officer)
        assert ticket
        assert board.until_call(ticket.label) < 1
        assert foreign.until_call(ticket.label) < 1
        assert before["people"] == 0, "the neighbour's hall of the same id is another hall"
        # A stream that comes late gets the whole state at once.
        late = Stream(running.port, hall)
        assert late.next()["calling"]["number"] == ticket.label
        began = time.monotonic()
        running.process.terminate()
        assert board.ends()
        assert time.monotonic() - began < 2, "open streams end when the process is asked to"
        assert running.process.wait(10) == 0
        assert "Traceback" not in (settings.data_dir / "events.log").read_text()
        for stream in (board, foreign, neighbour, late):
            stream.close()


def test_without_valkey_the_board_is_polled(
    app: Platform, settings: Settings, open_hall: Region, desk: tuple[int, int, Officer]
) -> None:
    hall, counter, officer = desk
    gone = dataclasses.replace(settings, valkey_url=f"redis://127.0.0.1:{free_port()}/0")
    with streams(gone) as running:
        board = Stream(running.port, hall)
        board.next()
        with at(app, open_hall):
            ticket = service.call_next(counter, officer)
        assert ticket and board.until_call(ticket.label) < 3
        board.close()


def test_a_suspended_region_has_no_stream(
    app: Platform, settings: Settings, open_hall: Region, desk: tuple[int, int, Officer]
) -> None:
    with streams(settings) as running:
        assert _status(running, desk[0]) == 200
        assert _status(running, 999) == 404
        assert _status(running, desk[0], "tidak-ada") == 404
        _suspend(app)
        assert _status(running, desk[0]) == 503


def _status(running: Process, hall: int, slug: str = "bukittinggi") -> int:
    stream = Stream(running.port, hall, slug)
    stream.close()
    return stream.response.status


def _suspend(app: Platform) -> None:
    with app.app_context():
        acts.suspend("bukittinggi", "Uji", "Hubungi pusat")
