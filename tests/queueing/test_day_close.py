"""When the local day is over, nobody is left waiting: cancelled, with the reason, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from mpp.database.session import read, write
from mpp.jobs.handlers import Job, find
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter
from tenants.queueing.models import OPEN_STATES, Ticket, TicketEvent, TicketState
from tenants.services.models import RegionService
from tests.support.hall import at

TODAY = dt.date(2026, 3, 3)
YESTERDAY, BEFORE = TODAY - dt.timedelta(days=1), TODAY - dt.timedelta(days=2)


@pytest.fixture
def here(app: Platform, bukittinggi: Region) -> Iterator[Region]:
    """Inside region A."""
    with at(app, bukittinggi):
        yield bukittinggi


def tickets() -> None:
    """One ticket in each state yesterday, one left over from before, one waiting today."""
    with write() as session:
        counters = list(session.scalars(select(Counter).order_by(Counter.number)))
        service_id = session.scalars(select(RegionService.service_id)).first()
        rows = [(YESTERDAY, state) for state in TicketState]
        for number, (day, state) in enumerate([*rows, (BEFORE, "waiting"), (TODAY, "waiting")], start=1):
            session.add(
                Ticket(
                    code=f"code-{number}",
                    idempotency_key=f"key-{number}",
                    hall_id=counters[0].hall_id,
                    service_id=service_id,
                    local_day=day,
                    prefix="A",
                    number=number,
                    state=state,
                    holder="Uji",
                    channel="web",
                    counter_id=counters[number].id if state in {"called", "serving"} else None,
                )
            )


def close(app: Platform, region: Region, day: dt.date) -> None:
    with write() as session:
        find("day.close", region).run(Job(session, {"day": day.isoformat()}, app.settings, region))


def states() -> dict[tuple[dt.date, int], str]:
    with read() as session:
        query = select(Ticket.local_day, Ticket.number, Ticket.state)
        return {(day, number): state for day, number, state in session.execute(query)}


def test_who_was_left_is_closed_and_nobody_else(app: Platform, here: Region) -> None:
    tickets()
    before = states()
    close(app, here, YESTERDAY)
    after = states()
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {key for key in before if key[0] <= YESTERDAY and before[key] in OPEN_STATES}
    assert {after[key] for key in changed if before[key] != "serving"} == {"cancelled"}
    assert {after[key] for key in changed if before[key] == "serving"} == {"completed"}, "the counter is free"
    with read() as session:
        ended = session.scalars(
            select(Ticket.ended_at).where(Ticket.state == "cancelled", Ticket.number != 7)
        )
        assert all(moment is not None for moment in ended)


def test_each_has_one_row_of_history_with_the_reason_also_when_the_job_runs_twice(
    app: Platform, here: Region
) -> None:
    tickets()
    for _ in range(2):
        close(app, here, YESTERDAY)
    with read() as session:
        events = list(session.scalars(select(TicketEvent)))
    assert len(events) == len({event.ticket_id for event in events}) == 5
    assert {(e.kind, e.state, e.reason, e.actor_kind) for e in events} == {
        ("close_day", "cancelled", "Hari layanan berakhir", "system"),
        ("close_day", "completed", "Hari layanan berakhir, layanan tidak ditutup petugas", "system"),
    }
