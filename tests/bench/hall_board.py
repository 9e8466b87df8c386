"""(i) From a call to the boards: 200 displays of one hall hear it, while 4,000 others listen to other halls.

Real sockets, real event processes. The listeners live in a process of their own; both sides read the same clock.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import resource
import time
from collections import defaultdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mpp.database.session import central_read, read
from mpp.tenancy.models import RegionRecord
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Hall
from tenants.queueing import service
from tenants.queueing.policies import Officer, new_key
from tests.bench.report import figure, percentile
from tests.soak.running import children, command
from tests.support.hall import at, more_counters, seat
from tests.support.live import Live

BOARDS = 200
IDLE = 4000
CALLS = 40
# A call that a board has not shown by the next one counts as late as this.
SECONDS_BETWEEN = 2.0
SERVICE = "ktp-el-baru"
# A display must not lag behind the voice by more than this.
GOAL_MS = 1000
# So many connections are opened at once: a crowd after a power cut, not a flood.
AT_ONCE = 50
SECONDS_AGAIN = 2.0
START = b'"calling":'
Heard = dict[str, list[float]]


def run(app: Platform, region: Region, here: Live) -> bool:
    """Print p50 and p99 from the press to the boards, and what a listener costs; return whether the goal is met."""
    others = [(other.slug, _hall(app, other)) for other in _regions(app) if other.id != region.id]
    before = _memory(_event_workers())
    pipe, far = multiprocessing.Pipe()
    listeners = multiprocessing.get_context("spawn").Process(
        target=_listen, args=(far, here.events_port, (region.slug, _hall(app, region)), others), daemon=True
    )
    listeners.start()
    try:
        connected = _answer(pipe, 300)
        memory = (_memory(_event_workers()) - before) / (BOARDS + IDLE)
        pressed = _calls(app, region)
        time.sleep(2)
        pipe.send("stop")
        heard: Heard = _answer(pipe, 60)
    finally:
        listeners.terminate()
        listeners.join()
    lags = [
        moment - pressed[label] for label, moments in heard.items() if label in pressed for moment in moments
    ]
    missed = CALLS * BOARDS - len(lags)
    lags += [SECONDS_BETWEEN] * missed
    figure("hall", "board_event_processes", len(_event_workers()), "processes")
    figure("hall", "board_listeners", connected, "listeners", least=BOARDS + IDLE)
    figure("hall", "board_memory", memory, "kB a listener")
    met = figure("hall", "board_missed", missed, "boards", most=0)
    figure("hall", "board_p50", percentile(lags, 0.5) * 1000, "ms")
    return figure("hall", "board_p99", percentile(lags, 0.99) * 1000, "ms", most=GOAL_MS) and met


def _regions(app: Platform) -> list[Region]:
    with app.app_context(), central_read() as session:
        query = select(RegionRecord).where(RegionRecord.state == "active").order_by(RegionRecord.id)
        return [record.as_region() for record in session.scalars(query)]


def _hall(app: Platform, region: Region) -> int:
    with at(app, region), read() as session:
        return session.scalars(select(Hall.id).where(Hall.active).order_by(Hall.id)).first() or 0


def _event_workers() -> list[int]:
    """The processes of the event stream that this process has started."""
    masters = [pid for pid in children(os.getpid()) if "wsgi:events_app()" in command(pid)]
    return [worker for master in masters for worker in children(master)]


def _memory(pids: list[int]) -> int:
    """Resident memory of processes together, in kB."""
    fields = [
        line.split() for pid in pids for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    ]
    return sum(int(field[1]) for field in fields if field and field[0] == "VmRSS:")


def _calls(app: Platform, region: Region) -> dict[str, float]:
    """Call one person after the other; the moment of each press, by number."""
    pressed = {}
    with at(app, region):
        (counter,) = more_counters(SERVICE, 1)
        officer = seat(counter, "board")
        for _person in range(CALLS + 5):
            service.take_ticket(SERVICE, "B.", None, new_key(), "web")
    time.sleep(1)
    for _call in range(CALLS):
        with at(app, region):
            began = time.monotonic()
            label, ticket = _call_one(counter, officer)
            pressed[label] = began
        time.sleep(SECONDS_BETWEEN)
        with at(app, region):
            service.no_show(ticket, officer)
    return pressed


def _call_one(counter: int, officer: Officer) -> tuple[str, int]:
    ticket = service.call_next(counter, officer, new_key())
    assert ticket is not None, "somebody waits"
    return ticket.label, ticket.id


def _answer(pipe: Connection, seconds: float) -> Any:
    assert pipe.poll(seconds), "the listeners are gone"
    return pipe.recv()


def _listen(pipe: Connection, port: int, own: tuple[str, int], others: list[tuple[str, int]]) -> None:
    """The process of the listeners."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(_listen_all(pipe, port, own, others))


async def _listen_all(
    pipe: Connection, port: int, own: tuple[str, int], others: list[tuple[str, int]]
) -> None:
    heard: Heard = defaultdict(list)
    gate = asyncio.Semaphore(AT_ONCE)
    open_ = [0]
    places = [own] * BOARDS + [others[n % len(others)] for n in range(IDLE)]
    tasks = [
        asyncio.create_task(_one(port, place, heard if place is own else None, gate, open_))
        for place in places
    ]
    until = time.monotonic() + 240
    while open_[0] < len(places) and time.monotonic() < until:
        await asyncio.sleep(0.2)
        for task in tasks:
            if task.done():
                task.result()
    await asyncio.sleep(2)
    pipe.send(open_[0])
    while not pipe.poll():
        await asyncio.sleep(0.1)
    pipe.send(dict(heard))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _one(
    port: int, place: tuple[str, int], heard: Heard | None, gate: asyncio.Semaphore, open_: list[int]
) -> None:
    """One display: connect, get the board as it is, then hear; the first event of each call counts."""
    async with gate:
        while (line := await _connect(port, *place)) is None:
            # As a display does that is told to come again.
            await asyncio.sleep(SECONDS_AGAIN)
        open_[0] += 1
    reader, writer = line
    last = None
    try:
        while text := await reader.readline():
            if heard is None or not text.startswith(b"data: {"):
                continue
            now = time.monotonic()
            calling = json.loads(text[6:])["calling"]
            if calling and calling["waiting"] and calling["number"] != last:
                last = calling["number"]
                heard[last].append(now)
    finally:
        writer.close()


async def _connect(
    port: int, slug: str, hall: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    """Open a stream and read the board as it is; None when the process has no line to PostgreSQL left just now."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(f"GET /events/hall/{hall} HTTP/1.1\r\nHost: {slug}.localhost\r\n\r\n".encode())
    status = await reader.readline()
    if b" 200 " not in status:
        writer.close()
        assert b" 503 " in status, f"stream of {slug}: {status!r}"
        return None
    while (text := await reader.readline()) and not text.startswith(b"data: {"):
        pass
    return reader, writer
