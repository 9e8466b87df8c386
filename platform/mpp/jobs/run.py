"""Doing one row of the outbox: locked, inside its region, marked done in the transaction of the work itself."""

from __future__ import annotations

import datetime as dt
import enum
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import Error as DriverError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp.audit import SYSTEM, actor
from mpp.database.away import AWAY
from mpp.database.session import central_read, central_write, serve, write
from mpp.jobs.handlers import Job, UnknownKindError, find
from mpp.observability import log
from mpp.outbox import CentralOutboxEntry, OutboxEntry
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.region import Region, region_context
from mpp.web.flask import Platform

Entry = OutboxEntry | CentralOutboxEntry

# After the fifth failure a row waits for a person.
MOST_ATTEMPTS = 5
FIRST_PAUSE = dt.timedelta(seconds=10)
# Arguments by which a job could mean another region than the one whose outbox it lies in.
REGION_ARGUMENTS = frozenset({"region", "region_id", "region_slug", "region_code", "schema", "role"})


class RefusedError(Exception):
    """The job asks for something that its region may not have done; it is never tried again."""


class Fate(enum.StrEnum):
    """What became of a row."""

    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    # Done already, taken by another worker, or not there.
    NOTHING = "nothing"
    # The region is suspended or unknown, or PostgreSQL is away: the row stays as it is.
    WAITING = "waiting"


_factory: Callable[[], Platform] | None = None
_app: Platform | None = None


def configure(app_factory: Callable[[], Platform]) -> None:
    """Say how this process makes its app; called once by the composition root (wsgi)."""
    global _factory, _app  # RQ imports job functions by path: there is nowhere else to keep it
    _factory, _app = app_factory, None


def app() -> Platform:
    """Return this process's app. Raises RuntimeError when nobody said how to make it."""
    global _app  # noqa: PLW0603  # as above
    if _app is None:
        if _factory is None:
            raise RuntimeError("mpp.jobs.run.configure() was not called")
        _app = _factory()
    return _app


def run_outbox(region_id: int | None, outbox_id: int) -> str:
    """Do one row of a region's outbox, or of the centre's; returns its Fate.

    This is what RQ calls. Run twice, by two workers or after a crash, it does the work once.
    """
    token = actor.set(SYSTEM)
    try:
        region = None if region_id is None else served_region(region_id)
        if region is None and region_id is not None:
            return Fate.WAITING
        with app().app_context(), _place(region):
            return _run(region, outbox_id)
    except AWAY as error:
        # Not even the failure could be written down. The ticker offers the row again.
        log.warning("job waits", outbox=outbox_id, error=type(error).__name__)
        return Fate.WAITING
    finally:
        actor.reset(token)


def served_region(region_id: int) -> Region | None:
    """Return a region by its id, None while it is not active: its jobs wait in its outbox."""
    with app().app_context(), central_read() as session:
        record = session.get(RegionRecord, region_id)
        return record.as_region() if record and record.state == RegionState.ACTIVE else None


@contextmanager
def _place(region: Region | None) -> Iterator[None]:
    """Serve the region, or leave every region for the centre's work."""
    with serve(region) if region else region_context(None):
        yield


@contextmanager
def _transaction(region: Region | None) -> Iterator[Session]:
    with write() if region else central_write() as session:
        yield session


def _run(region: Region | None, outbox_id: int) -> Fate:
    try:
        with _transaction(region) as session:
            entry = _locked(session, region, outbox_id)
            if entry is None or entry.attempts >= MOST_ATTEMPTS:
                return Fate.NOTHING
            refuse_foreign(entry.payload, region)
            work = find(entry.kind, region)
            work.run(Job(session, entry.payload, app().settings, region))
            entry.done_at, entry.error = func.clock_timestamp(), None
            return Fate.DONE
    except (RefusedError, UnknownKindError) as error:
        _note(region, outbox_id, f"ditolak: {error}", final=True)
        return Fate.REFUSED
    except Exception as error:  # one job's failure must not stop the worker
        _note(region, outbox_id, describe(error), final=False)
        return Fate.FAILED


def _locked(session: Session, region: Region | None, outbox_id: int) -> Entry | None:
    kind: Any = OutboxEntry if region else CentralOutboxEntry
    entry: Entry | None = session.scalar(
        select(kind)
        .where(kind.id == outbox_id, kind.done_at.is_(None))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return entry


def refuse_foreign(payload: Any, region: Region | None) -> None:
    """Raise RefusedError when a region's job names another region anywhere in its arguments."""
    if region is None:
        return
    own = {str(region.id), region.slug, region.code, region.schema, region.role}
    for key, value in _pairs(payload):
        if key in REGION_ARGUMENTS and str(value) not in own:
            raise RefusedError(f"argumen {key} menyebut daerah lain")


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key and plain value of a payload, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, Mapping | list):
                yield from _pairs(inner)
            else:
                yield str(key), inner
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from _pairs(inner)


def _note(region: Region | None, outbox_id: int, text: str, *, final: bool) -> None:
    """Write down a failure in a transaction of its own, and when to try again."""
    with _transaction(region) as session:
        entry = _locked(session, region, outbox_id)
        if entry is None:
            return
        entry.attempts = MOST_ATTEMPTS if final else entry.attempts + 1
        entry.error = text
        # 10 s, 40 s, 160 s, 640 s: a short outage is over, a long one is not hammered.
        entry.not_before = func.clock_timestamp() + FIRST_PAUSE * 4 ** (entry.attempts - 1)
        log.error("job failed", job=entry.kind, outbox=outbox_id, attempt=entry.attempts, error=text)


def describe(error: BaseException) -> str:
    """Return where and how a job failed; never the message, which may hold a person's data."""
    cause = getattr(error, "orig", None) or error
    name = type(cause).__name__
    if isinstance(cause, DriverError) and cause.sqlstate:
        name = f"{name} {cause.sqlstate}"
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    where = ours[-1] if ours else None
    return f"{name} di {where.name} baris {where.lineno}" if where else name
