"""What the clock starts: rows in each region's own outbox, at the region's own hours, once each."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from mpp import outbox
from mpp.database.session import central_write, serve, write
from mpp.jobs.handlers import Registration, clocked
from mpp.jobs.run import MOST_ATTEMPTS
from mpp.outbox import CentralOutboxEntry, OutboxEntry
from mpp.tenancy.region import Region
from mpp.web.flask import Platform

CENTRAL_ZONE = ZoneInfo("Asia/Jakarta")
# Regions take turns inside a period, so that 514 of them never start in one second.
STAGGER_SECONDS = 7

Mark = tuple[int, str]


class Schedule:
    """Remembers which turn of which job it has posted, so that a quiet second costs no query.

    What it remembers is only a shortcut: after a restart the outbox itself says what was posted.
    """

    def __init__(self, app: Platform) -> None:
        self._app = app
        self._posted: dict[Mark, str] = {}

    def post_due(self, region: Region | None, now: dt.datetime) -> None:
        """Post each clocked job of a region (None: the centre) whose turn has come and is not posted yet."""
        turns = []
        for entry in clocked(region):
            turn = turn_of(entry, region, now)
            mark = (region.id if region else 0, entry.kind)
            if self._posted.get(mark) != turn:
                turns.append((mark, turn))
        if not turns:
            return
        with self._app.app_context():
            for (place, kind), turn in turns:
                _post_once(region, kind, turn)
                self._posted[place, kind] = turn


def turn_of(entry: Registration, region: Region | None, now: dt.datetime) -> str:
    """Return the name of the turn that is due at `now`.

    For `daily` it is the local day that is over ("2026-11-23"): yesterday once the hour has come, before it the
    day before yesterday. For `every` it is the number of the period since 1970.
    """
    if entry.daily is not None:
        local = now.astimezone(region.zone if region else CENTRAL_ZONE)
        back = 1 if local.time() >= entry.daily else 2
        return (local.date() - dt.timedelta(days=back)).isoformat()
    assert entry.every is not None
    shifted = now.timestamp() + STAGGER_SECONDS * (region.id if region else 0)
    return str(int(shifted // entry.every.total_seconds()))


def _post_once(region: Region | None, kind: str, turn: str) -> None:
    entry: Any = OutboxEntry if region else CentralOutboxEntry
    same_turn = select(entry.id).where(entry.kind == kind, entry.payload["turn"].astext == turn).limit(1)
    # A job that still waits for its worker does this turn's work as well.
    still_open = (
        select(entry.id)
        .where(entry.kind == kind, entry.done_at.is_(None), entry.attempts < MOST_ATTEMPTS)
        .where(entry.payload["day"].is_(None))
        .limit(1)
    )
    payload = {"turn": turn} | ({"day": turn} if "-" in turn else {})
    if region is None:
        with central_write() as session:
            if session.scalar(same_turn) is None and session.scalar(still_open) is None:
                outbox.post(session, kind, **payload)
        return
    with serve(region), write() as session:
        if session.scalar(same_turn) is None and session.scalar(still_open) is None:
            outbox.post(session, kind, **payload)
