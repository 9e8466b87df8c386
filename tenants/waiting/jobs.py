"""Each minute: compare what was announced with what came, and tell those whose turn is near."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from mpp.jobs.handlers import Job, handler
from mpp.observability import log
from tenants.hall.models import Hall
from tenants.queueing.nudge import KIND
from tenants.waiting import service
from tenants.waiting.models import TicketMessage


@handler("waiting.tend", every=dt.timedelta(minutes=1))
def tend(job: Job) -> None:
    """Score what can be scored; post the messages of those who are next."""
    service.score(job.session)
    for hall in job.session.scalars(select(Hall).where(Hall.active).order_by(Hall.id)):
        service.call_near(job.session, hall)


@handler(KIND)
def near(job: Job) -> None:
    """After calls: post the messages of those who are next in a hall."""
    hall = job.session.get(Hall, job.payload["hall"])
    if hall is not None:
        service.call_near(job.session, hall)


@handler("message.send")
def send(job: Job) -> None:
    """Hand a message to its channel. The console channel logs that there was one; the ticket's page shows its words."""
    message = job.session.get(TicketMessage, job.payload["message"], with_for_update=True)
    if message is None or message.sent_at is not None:
        return
    message.sent_at = func.clock_timestamp()
    log.info("message", channel=message.channel, kind=message.kind, message=message.id)
