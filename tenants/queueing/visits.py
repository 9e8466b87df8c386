"""One visit, several services, one number: each service ends by going on to the next, or by saying why not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from tenants.queueing.history import done_before, once
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.moves import clean_reason, held, illegal, move
from tenants.queueing.parking import IN_LINE, check_served
from tenants.queueing.policies import Officer
from tenants.queueing.queries import service_names


def further(ticket: Ticket) -> list[int]:
    """Return the services (ids) that a visit still wants after the present one, in their order."""
    visit = ticket.visit_services
    return visit[visit.index(ticket.service_id) + 1 :] if ticket.service_id in visit else []


def complete(ticket_id: int, officer: Officer, key: str | None = None, reason: str = "") -> Ticket:
    """End serving: the counter is free and the visit over.

    A visit that still wants another service needs the reason why it ends here. Raises NoReasonError,
    IllegalMoveError, NotYourCounterError, NotFoundError.
    """

    def act(session: Session) -> Ticket:
        before = done_before(session, key, "complete", ticket_id)
        if before is not None:
            return before
        seen = held(session, ticket_id, officer)
        left = further(seen) if seen.state == TicketState.SERVING else []
        why = clean_reason(reason, _question(session, left)) if left else None
        # As it was seen: a visit that has gone on meanwhile is not the one that was asked about.
        condition = (Ticket.state == TicketState.SERVING, Ticket.service_id == seen.service_id)
        values = {"state": TicketState.COMPLETED, "ended_at": func.clock_timestamp()}
        data: dict[str, Any] = {"waived": left} if left else {}
        return move(
            session, ticket_id, officer, "complete", condition, values, reason=why, data=data, key=key
        )

    return once(act)


def go_on(ticket_id: int, officer: Officer, key: str | None = None) -> Ticket:
    """End serving and put the person into the line of the visit's next service: same number, same arrival.

    Raises NotOfferedError (no counter of the hall serves that), IllegalMoveError, NotYourCounterError, NotFoundError.
    """

    def act(session: Session) -> Ticket:
        before = done_before(session, key, "transfer", ticket_id)
        if before is not None:
            return before
        seen = held(session, ticket_id, officer)
        left, counter_id = further(seen), seen.counter_id
        if seen.state != TicketState.SERVING or not left:
            raise illegal(seen)
        check_served(session, seen.hall_id, left[0])
        condition = (Ticket.state == TicketState.SERVING, Ticket.service_id == seen.service_id)
        values = {**IN_LINE, "service_id": left[0], "for_counter_id": None}
        data = {
            "from_service": seen.service_id, "to_service": left[0], "to_counter": None, "finished": True,
        }  # fmt: skip
        return move(
            session, ticket_id, officer, "transfer", condition, values,
            data=data, key=key, counter_id=counter_id,
        )  # fmt: skip

    return once(act)


def _question(session: Session, left: list[int]) -> str:
    names = service_names(session, left)
    told = ", ".join(names.get(service, "layanan lain") for service in left)
    return f"Kunjungan ini masih perlu: {told}. Lanjutkan, atau tulis alasan tidak dilanjutkan."
