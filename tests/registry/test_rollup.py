"""A region's numbers reach the centre: pushed, replaced, and of that region's own day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from mpp.audit import record
from mpp.database.session import central_read, read, serve, write
from mpp.tenancy.models import RegionRecord, RegionRollup
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Hall
from tenants.queueing.models import Ticket
from tenants.registry.rollup import numbers, push
from tenants.services.models import RegionService


@pytest.fixture
def here(app: Platform, bukittinggi: Region) -> Iterator[Region]:
    """Inside region A."""
    with app.app_context(), serve(bukittinggi):
        yield bukittinggi


def ticket(number: int, state: str, day: dt.date, waited: int | None = None) -> None:
    with write() as session:
        issued = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)
        session.add(
            Ticket(
                code=f"code-{number}",
                idempotency_key=f"key-{number}",
                hall_id=session.scalars(select(Hall.id)).one(),
                service_id=session.scalars(select(RegionService.service_id)).first(),
                local_day=day,
                prefix="A",
                number=number,
                state=state,
                holder="Uji",
                channel="web",
                issued_at=issued,
                called_at=None if waited is None else issued + dt.timedelta(seconds=waited),
            )
        )


def pushed() -> dict[tuple[int, dt.date], RegionRollup]:
    with central_read() as session:
        session.expire_all()
        return {(row.region_id, row.day): row for row in session.scalars(select(RegionRollup))}


def test_numbers_of_a_day(here: Region) -> None:
    today = here.today()
    for number, (state, waited) in enumerate(
        [("completed", 60), ("completed", 120), ("no_show", 600), ("waiting", None), ("cancelled", None)]
    ):
        ticket(number, state, today, waited)
    ticket(9, "completed", today - dt.timedelta(days=1), 5)
    with read() as session:
        found = numbers(session, today)
    assert (found.tickets_issued, found.tickets_completed, found.tickets_no_show) == (5, 2, 1)
    assert found.median_wait_seconds == 120
    with read() as session:
        assert found.services_enabled == session.scalar(select(func.count()).select_from(RegionService)) == 46
        assert 5 < found.completeness < 8
        assert numbers(session, dt.date(2020, 1, 1)).median_wait_seconds is None


def test_a_push_replaces_the_days_row_and_touches_no_neighbour(here: Region) -> None:
    today = here.today()
    with read() as session:
        push(session, here)
    ticket(1, "completed", today, 30)
    with read() as session:
        push(session, here)
    rows = pushed()
    assert set(rows) == {(here.id, today), (here.id, today - dt.timedelta(days=1))}
    assert rows[here.id, today].tickets_completed == 1


def test_the_centre_learns_when_somebody_last_did_something(here: Region) -> None:
    def last() -> dt.datetime | None:
        with central_read() as session:
            session.expire_all()
            return session.scalar(select(RegionRecord.last_activity_at).where(RegionRecord.id == here.id))

    with read() as session:
        push(session, here)
    assert last() is None
    with write() as session:
        record(session, action="test.act", subject="test:1")
    with read() as session:
        push(session, here)
    moment = last()
    assert moment is not None
    assert dt.datetime.now(tz=dt.UTC) - moment < dt.timedelta(minutes=1)
