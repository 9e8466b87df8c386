"""What the rule remembers of calls: one row with each call, whatever becomes of the ticket; one call at a time a group.

A group are a hall's counters with one letter; its cap of priority calls in a row is only true when each call of it
sees all calls before.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, Text, bindparam, cast, func, insert, select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.tenancy.region import current_region
from tenants.hall.models import Counter, CounterState
from tenants.queueing.models import QueueCall, Ticket, TicketEvent
from tenants.queueing.policies import Officer
from tenants.queueing.rule import PRIORITY, begins
from tenants.queueing.signal import announce


def enter(session: Session, counter_id: int, officer: Officer) -> tuple[int, str] | None:
    """Wait for the turn of a counter's group until the transaction ends, and return its hall and letter.

    None when the officer does not sit there or the counter takes nobody. The counter is held before the group, so
    that closing or retiring it waits for the call or goes before; other letters and other regions never wait.
    """
    given = {"p_counter": counter_id, "p_officer": officer.id, "p_region": current_region().id}
    row = session.execute(_turn(), given).one_or_none()
    return (row[0], row[1]) if row else None


@cache
def _turn() -> Select[Any]:
    desk = (
        select(Counter.hall_id, Counter.prefix)
        .where(Counter.id == bindparam("p_counter", type_=BigInteger))
        .where(Counter.officer_id == bindparam("p_officer", type_=BigInteger))
        .where(Counter.state == CounterState.OPEN, Counter.retired_at.is_(None))
        .with_for_update(read=True, key_share=True)
        .subquery()
    )
    group = func.hashtext(cast(desk.c.hall_id, Text).concat(":").concat(desk.c.prefix))
    # Ends with the transaction, also of a process that is killed.
    turn = func.pg_advisory_xact_lock(cast(bindparam("p_region", type_=BigInteger), Integer), group)
    return select(desk.c.hall_id, desk.c.prefix, turn)


def last_call(session: Session, counter_id: int, day: dt.date) -> int:
    """Return the id of a counter's last call on a local day, 0 without one: by it a screen says what it has seen."""
    query = select(func.max(QueueCall.event_id)).join(Counter, Counter.hall_id == QueueCall.hall_id)
    own = query.where(
        Counter.id == counter_id, QueueCall.counter_id == counter_id, QueueCall.local_day == day
    )
    return session.scalar(own) or 0


def remember(
    session: Session, ticket: Ticket, prefix: str, reason: str | None, data: dict[str, Any], key: str | None
) -> None:
    """Write the event of a call and what the rule keeps of it, in one statement."""
    who = audit.actor.get()
    event = (
        insert(TicketEvent)
        .values(
            ticket_id=ticket.id, hall_id=ticket.hall_id, at=func.clock_timestamp(), kind="call",
            state=ticket.state, counter_id=ticket.counter_id, actor_kind=who.kind, actor_id=who.id,
            reason=reason, data=data, event_key=key,
        )
        .returning(TicketEvent.id)
        .cte("event")
    )  # fmt: skip
    kept = {
        "ticket_id": ticket.id,
        "hall_id": ticket.hall_id,
        "local_day": ticket.local_day,
        "prefix": prefix,
        "counter_id": ticket.counter_id,
        "service_id": ticket.service_id,
        "at": ticket.called_at,
        "began": begins(ticket),
        "priority": ticket.kind == PRIORITY,
    }
    columns = [QueueCall.__table__.c[name] for name in kept]
    values = [
        cast(value, column.type).label(column.name)
        for column, value in zip(columns, kept.values(), strict=True)
    ]
    session.execute(
        insert(QueueCall).from_select(["event_id", *kept], select(event.c.id, *values)),
        execution_options={"synchronize_session": False},
    )
    announce(session, ticket.hall_id)
