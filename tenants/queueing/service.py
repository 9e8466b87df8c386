"""A ticket from its call to its end: each move one conditional statement and one row of history.

Moves are safe to repeat: a press that was carried out and is sent again finds its own result.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants.queueing.calling import call_next, call_one
from tenants.queueing.classes import reclassify
from tenants.queueing.errors import TooOftenError, TooSoonError
from tenants.queueing.history import done_before, once
from tenants.queueing.leases import Leased, lease_numbers
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.queueing.moves import held, move
from tenants.queueing.parking import hold, reactivate, resume, transfer
from tenants.queueing.policies import Officer
from tenants.queueing.rules import current_rule
from tenants.queueing.taking import leave, take_ticket
from tenants.queueing.visits import complete, go_on

__all__ = [
    "Leased",
    "call_next",
    "call_one",
    "complete",
    "go_on",
    "hold",
    "lease_numbers",
    "leave",
    "no_show",
    "reactivate",
    "recall",
    "reclassify",
    "resume",
    "start",
    "take_ticket",
    "transfer",
]


def recall(ticket_id: int, officer: Officer, key: str | None = None) -> Ticket:
    """Call the same person again, within the hall's minimum gap and maximum. Raises TooSoonError, TooOftenError."""

    def act(session: Session) -> Ticket:
        before = done_before(session, key, "recall", ticket_id)
        if before is not None:
            return before
        seen = held(session, ticket_id, officer)
        rule = current_rule(session, seen.hall_id)
        gap, last = dt.timedelta(seconds=rule.recall_gap_seconds), _last_call(ticket_id)
        since = dt.datetime.now(tz=dt.UTC) - (session.scalar(last) or dt.datetime.min.replace(tzinfo=dt.UTC))
        if seen.state == TicketState.CALLED and since < gap:
            seconds = max(1, int((gap - since).total_seconds()))
            raise TooSoonError(f"Baru saja dipanggil. Panggil ulang bisa {seconds} detik lagi.")
        if seen.state == TicketState.CALLED and seen.calls > rule.recall_max:
            raise TooOftenError(
                f"{seen.label} sudah dipanggil {seen.calls} kali. Catat “Tidak hadir”; nomor itu bisa dipulihkan."
            )
        # `calls` as it was seen: of two presses at once only one finds it so.
        condition = (Ticket.state == TicketState.CALLED, Ticket.calls == seen.calls)
        return move(session, ticket_id, officer, "recall", condition, {"calls": Ticket.calls + 1}, key=key)

    return once(act)


def _last_call(ticket_id: int) -> Any:
    return select(func.max(TicketEvent.at)).where(
        TicketEvent.ticket_id == ticket_id, TicketEvent.kind.in_(("call", "recall"))
    )


def start(ticket_id: int, officer: Officer, key: str | None = None) -> Ticket:
    """Begin serving the person who was called."""
    values = {"state": TicketState.SERVING, "serving_at": func.clock_timestamp()}
    return _step(ticket_id, officer, "start", TicketState.CALLED, values, key)


def no_show(ticket_id: int, officer: Officer, key: str | None = None) -> Ticket:
    """Note that the person called did not come: the counter is free."""
    values = {"state": TicketState.NO_SHOW, "ended_at": func.clock_timestamp()}
    return _step(ticket_id, officer, "no_show", TicketState.CALLED, values, key)


def _step(
    ticket_id: int,
    officer: Officer,
    kind: str,
    source: TicketState,
    values: dict[str, Any],
    key: str | None,
) -> Ticket:
    condition = (Ticket.state == source,)
    return once(lambda session: move(session, ticket_id, officer, kind, condition, values, key=key))
