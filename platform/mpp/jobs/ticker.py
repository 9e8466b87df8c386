"""The ticker: one leader among any number of them, told by an advisory lock that dies with its connection."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from collections.abc import Callable

import psycopg
from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy.exc import SQLAlchemyError

from mpp.database.roles import central_url
from mpp.jobs.relay import AWAY, active_regions, connect, due, offer, queue
from mpp.jobs.schedule import Schedule
from mpp.observability import log
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform

SECONDS_A_TICK = 1.0
SECONDS_BETWEEN_TRIES = 2.0
# Up to so many regions are looked at in a tick; with more, each gets its turn within a few seconds.
REGIONS_A_TICK = 100
LOCK = "mpp:ticker"

Say = Callable[[str], None]


class Leadership:
    """The session-level lock on a connection of its own: when the connection ends, another ticker leads."""

    def __init__(self, settings: Settings) -> None:
        url = central_url(settings).set(drivername="postgresql")
        self._address = url.render_as_string(hide_password=False)
        self._connection: psycopg.Connection[tuple[bool]] | None = None
        self._leads = False

    def held(self) -> bool:
        """Return whether this process leads now, trying to become leader. Raises psycopg's errors."""
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._address, autocommit=True, connect_timeout=5)
            if self._leads:
                self._connection.execute("SELECT 1")
            else:
                row = self._connection.execute(
                    "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended(%s, 0))", (LOCK,)
                ).fetchone()
                self._leads = bool(row and row[0])
        except psycopg.Error:
            self.close()
            raise
        return self._leads

    def close(self) -> None:
        """Give the lead back at once: without asking, the server would free it only when it sees us gone."""
        if self._connection is not None:
            if self._leads:
                with contextlib.suppress(psycopg.Error):
                    self._connection.execute("SELECT pg_catalog.pg_advisory_unlock_all()")
            self._connection.close()
        self._connection, self._leads = None, False


class Ticker:
    """Moves due rows into RQ and posts what the clock starts. `say` gets one line for each change of weather."""

    def __init__(self, app: Platform, say: Say) -> None:
        self._app = app
        self._say = say
        self._queue: Queue = queue(connect(app.settings.valkey_url))
        self._schedule = Schedule(app)
        self._next = 0
        self._said: set[str] = set()

    def run(self, stop: threading.Event) -> None:
        """Tick every second while leading, until `stop`."""
        leadership = Leadership(self._app.settings)
        try:
            while not stop.is_set():
                began = time.monotonic()
                leads = self._weather(
                    "PostgreSQL", "PostgreSQL tidak terjangkau; menunggu", (psycopg.Error,), leadership.held
                )
                if not leads:
                    stop.wait(SECONDS_BETWEEN_TRIES)
                    continue
                self.tick(dt.datetime.now(tz=dt.UTC))
                stop.wait(max(0.0, SECONDS_A_TICK - (time.monotonic() - began)))
        finally:
            leadership.close()

    def tick(self, now: dt.datetime) -> None:
        """One look: the centre, then the next regions in turn. One region's trouble never stops the others."""
        try:
            regions = active_regions(self._app)
        except SQLAlchemyError as error:
            log.warning("ticker", error=type(error).__name__)
            return
        for place in [None, *self._turn(regions)]:
            try:
                self._schedule.post_due(place, now)
                rows = due(self._app, place)
            except SQLAlchemyError as error:
                log.warning("ticker", place=place.slug if place else "pusat", error=type(error).__name__)
                continue
            if rows and not self._offer(place, rows):
                # Valkey is away for all of them; the rows wait where they are.
                return

    def _turn(self, regions: list[Region]) -> list[Region]:
        if len(regions) <= REGIONS_A_TICK:
            return regions
        start = self._next % len(regions)
        self._next = start + REGIONS_A_TICK
        return (regions + regions)[start : start + REGIONS_A_TICK]

    def _offer(self, place: Region | None, rows: list[tuple[int, int]]) -> bool:
        def put() -> bool:
            offer(self._queue, place, rows)
            return True

        return self._weather("Valkey", AWAY, (RedisError, OSError), put)

    def _weather(
        self, name: str, away: str, errors: tuple[type[Exception], ...], act: Callable[[], bool]
    ) -> bool:
        """Run `act`; say once that something is away, and once that it is back. False while it is away."""
        try:
            done = act()
        except errors:
            if name not in self._said:
                self._said.add(name)
                self._say(away)
            return False
        if name in self._said:
            self._said.discard(name)
            self._say(f"{name} terjangkau lagi")
        return done
