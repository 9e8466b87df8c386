"""Work of the centre for citizens: messages go out, days of waiting end, and what ran out is deleted."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, func

from mpp.accounts import guard, sessions
from mpp.citizens import invitations, messages, waits
from mpp.citizens.models import CitizenCode, CitizenMessage, CitizenWait
from mpp.citizens.realm import nation
from mpp.jobs.handlers import Job, central_handler

MESSAGES_KEPT = dt.timedelta(days=1)
WAITS_KEPT = dt.timedelta(days=30)


@central_handler(messages.JOB)
def message(job: Job) -> None:
    """Send one message."""
    messages.deliver(job.session, int(job.payload["message_id"]), job.settings)


@central_handler("citizens.waits", every=dt.timedelta(minutes=10))
def wait(job: Job) -> None:
    """Change the numbers whose days are over."""
    waits.do_due(job.session)


@central_handler("citizens.prune", every=dt.timedelta(hours=1))
def prune(job: Job) -> None:
    """Delete what ran out: sessions, counts, codes, messages that went out, ended acts, numbers of dead invitations."""
    with nation():
        sessions.prune(job.session)
        guard.prune(job.session)
    now = func.now()
    job.session.execute(delete(CitizenCode).where(CitizenCode.expires_at < now))
    # A code's row points to its message.
    job.session.execute(delete(CitizenMessage).where(CitizenMessage.created_at < now - MESSAGES_KEPT))
    job.session.execute(delete(CitizenWait).where(CitizenWait.ended_at < now - WAITS_KEPT))
    invitations.forget_lapsed(job.session)
