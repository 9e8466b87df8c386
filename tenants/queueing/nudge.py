"""After a call: ask the worker, some seconds later, to tell those whose turn has come near.

A burst of calls is one look at the hall: the first of them promises it, the others lie before it. Kept in the process,
so that calling pays nothing for most calls and one row for some; the job of each minute looks in any case.
"""

from __future__ import annotations

import datetime as dt
import time

from sqlalchemy import func
from sqlalchemy.orm import Session

from mpp.database.session import after_commit
from mpp.outbox import OutboxEntry
from mpp.tenancy.region import current_region

KIND = "waiting.near"
SECONDS = 5.0

_promised: dict[tuple[int, int], float] = {}


def nudge(session: Session, hall_id: int) -> None:
    """Promise, with this transaction, a look at who is near in a hall, unless one was promised just now."""
    key, now = (current_region().id, hall_id), time.monotonic()
    if now - _promised.get(key, float("-inf")) < SECONDS:
        return
    due = func.clock_timestamp() + dt.timedelta(seconds=SECONDS)
    session.add(OutboxEntry(kind=KIND, payload={"hall": hall_id}, not_before=due))
    after_commit(session, lambda: _promised.__setitem__(key, now))
