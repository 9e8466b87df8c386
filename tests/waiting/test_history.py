"""What earlier days say about a service, and what they don't."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, update

from mpp.database.session import read, write
from mpp.jobs.handlers import Job
from mpp.settings import Settings
from mpp.tenancy.region import current_region
from tenants.queueing import jobs, service
from tenants.queueing.models import Ticket
from tenants.queueing.policies import Officer, new_key
from tenants.waiting.durations import durations
from tenants.waiting.history import past_days
from tests.waiting.conftest import SERVICE

Desk = tuple[int, Officer]


def serve(desk: Desk) -> Ticket:
    ticket = service.take_ticket(SERVICE, "S.A.", None, new_key(), "web")
    service.call_next(*desk)
    return service.start(ticket.id, desk[1])


def yesterday(ticket: Ticket, minutes: float | None) -> None:
    """Move a visit to yesterday; it ended so many minutes after the call, or was never ended."""
    day = current_region().today() - dt.timedelta(days=1)
    called = dt.datetime.combine(day, dt.time(15), tzinfo=current_region().zone)
    values = {"local_day": day, "called_at": called, "serving_at": called}
    if minutes is not None:
        values["ended_at"] = called + dt.timedelta(minutes=minutes)
    with write() as session:
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(**values))


def test_a_visit_that_nobody_ended_says_nothing_of_its_length(desk: Desk, settings: Settings) -> None:
    for _one in range(3):
        ticket = serve(desk)
        service.complete(ticket.id, desk[1])
        yesterday(ticket, 15)
    forgotten = serve(desk)
    yesterday(forgotten, None)
    day = {"day": (current_region().today() - dt.timedelta(days=1)).isoformat()}
    with write() as session:
        jobs.close_day(Job(session, day, settings, current_region()))
    with read() as session:
        closed = session.get_one(Ticket, forgotten.id, populate_existing=True)
        assert closed.state == "completed" and closed.ended_at is not None
        samples = past_days(session, forgotten.hall_id)
        assert session.scalar(func.count(Ticket.id).select()) == 4
    assert samples.served[forgotten.service_id] == pytest.approx([900.0] * 3)
    assert samples.called == 3
    assert max(durations(samples, [forgotten.service_id])[forgotten.service_id].visit) < 3600
