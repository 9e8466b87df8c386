"""Fixtures of the jobs' tests: an app that jobs run in, and handlers that last for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mpp import outbox
from mpp.database.session import central_read, central_write, read, serve, write
from mpp.jobs import handlers, run
from mpp.outbox import CentralOutboxEntry, OutboxEntry
from mpp.tenancy.region import Region
from mpp.web.flask import Platform


@pytest.fixture
def work(app: Platform) -> Iterator[Platform]:
    """The app, as worker and ticker find it."""
    run.configure(lambda: app)
    yield app
    run.configure(lambda: app)


@pytest.fixture
def declared() -> Iterator[None]:
    """Forget the handlers that a test declares."""
    handlers.load()
    before = handlers._of_regions.copy(), handlers._of_centre.copy()
    yield
    for now, then in zip((handlers._of_regions, handlers._of_centre), before, strict=True):
        now.clear()
        now.update(then)


@pytest.fixture
def post(work: Platform) -> Callable[..., int]:
    """Put a row into a region's outbox, or the centre's; returns its id."""

    def put(region: Region | None, kind: str, /, **payload: Any) -> int:
        with work.app_context():
            if region is None:
                with central_write() as session:
                    outbox.post(session, kind, **payload)
                    session.flush()
                    return max(row.id for row in session.query(CentralOutboxEntry))
            with serve(region), write() as session:
                outbox.post(session, kind, **payload)
                session.flush()
                return max(row.id for row in session.query(OutboxEntry))

    return put


@pytest.fixture
def row(work: Platform) -> Callable[..., Any]:
    """Read a row of an outbox as it stands now."""

    def look(region: Region | None, row_id: int) -> Any:
        with work.app_context():
            if region is None:
                with central_read() as session:
                    return session.get(CentralOutboxEntry, row_id)
            with serve(region), read() as session:
                return session.get(OutboxEntry, row_id)

    return look
