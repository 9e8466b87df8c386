"""What people and officers see of the queue. Local days are the region's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from mpp.database.session import read
from mpp.tenancy.region import current_region
from tenants.hall.hours import hall_status
from tenants.hall.models import Counter, Hall
from tenants.hall.serving import pairs_now
from tenants.queueing.desk import allowed
from tenants.queueing.line import comes_before
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.queueing.policies import Officer
from tenants.queueing.rules import current_rule
from tenants.services.models import RegionService
from tenants.services.view import service_name


@dataclass(frozen=True, slots=True)
class Step:
    """One service of a visit: "done", "now", "coming", or "waived" when the visit ended without it."""

    service: str
    state: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as its holder sees it: `ahead` people come before it, any of `counters` may call it."""

    ticket: Ticket
    service: str
    slug: str
    ahead: int
    counters: list[Counter]
    # The ticket called last among the counters that may call this one, e.g. "A-012".
    last_called: str | None
    # While the hall is closed or rests: when counters go on, if still today.
    opens_at: dt.datetime | None
    # Whether the ticket's local day is over.
    past: bool
    # The kind of the ticket's last event: how it came to be where it is.
    last: str | None
    # The services of this visit in their order, when there are several.
    steps: list[Step]


def place_of_ticket(ticket_id: int) -> tuple[int | None, int | None] | None:
    """Return (hall, agency) of a ticket, None when there is none: what staff limited to a place are held to."""
    with read() as session:
        ticket = session.get(Ticket, ticket_id, options=[joinedload(Ticket.service)])
        return (ticket.hall_id, ticket.service.agency_id) if ticket else None


def waiting_now(session: Session, day: dt.date, hall_id: int | None = None) -> list[tuple[int, int]]:
    """Return (service id, people waiting) on a local day, in one hall or in all, where somebody waits."""
    query = select(Ticket.service_id, func.count()).where(
        Ticket.local_day == day, Ticket.state == TicketState.WAITING
    )
    if hall_id is not None:
        query = query.where(Ticket.hall_id == hall_id)
    rows = session.execute(query.group_by(Ticket.service_id))
    return [(service_id, people) for service_id, people in rows]


def ticket_view(session: Session, code: str) -> TicketView | None:
    """Return the ticket with this code, None when this region has none."""
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.code == code)
        .options(joinedload(Ticket.hall), joinedload(Ticket.counter), joinedload(Ticket.service)),
        execution_options={"populate_existing": True},
    )
    if ticket is None:
        return None
    names = service_names(session, [ticket.service_id, *ticket.visit_services])
    return TicketView(
        ticket=ticket,
        service=names.get(ticket.service_id, ""),
        slug=ticket.service.slug,
        ahead=people_ahead(session, ticket),
        counters=serving_counters(session, ticket.hall_id, ticket.service_id),
        last_called=_last_called(session, ticket),
        opens_at=_opens_today(session, ticket),
        past=ticket.local_day < current_region().today(),
        last=session.scalar(
            select(TicketEvent.kind)
            .where(TicketEvent.ticket_id == ticket.id)
            .order_by(TicketEvent.id.desc())
            .limit(1)
        ),
        steps=_steps(ticket, names),
    )


def _steps(ticket: Ticket, names: dict[int, str]) -> list[Step]:
    visit = ticket.visit_services
    if len(visit) < 2 or ticket.service_id not in visit:
        return []
    at = visit.index(ticket.service_id)
    present, rest = ("done", "waived") if ticket.state == TicketState.COMPLETED else ("now", "coming")
    states = ["done" if place < at else present if place == at else rest for place in range(len(visit))]
    return [Step(names.get(service, ""), state) for service, state in zip(visit, states, strict=True)]


def people_ahead(session: Session, ticket: Ticket) -> int:
    """Return how many would be called before a waiting ticket now, of those that any of its own counters may call."""
    if ticket.state != TicketState.WAITING:
        return 0
    rule, now = current_rule(session, ticket.hall_id), current_region().now()
    line = (
        select(func.count(Ticket.id))
        .where(Ticket.hall_id == ticket.hall_id, Ticket.local_day == ticket.local_day)
        .where(Ticket.state == TicketState.WAITING, Ticket.service_id.in_(_same_line(ticket)))
    )
    return session.scalar(comes_before(session, line, Ticket, ticket, rule, now)) or 0


def serving_counters(session: Session, hall_id: int, service_id: int) -> list[Counter]:
    """Return the counters of a hall that may call for a service, by number."""
    pairs = pairs_now().subquery()
    return list(
        session.scalars(
            select(Counter)
            .join(pairs, pairs.c.counter_id == Counter.id)
            .where(pairs.c.service_id == service_id, Counter.hall_id == hall_id)
            .order_by(Counter.number)
        )
    )


def service_names(session: Session, service_ids: Collection[int]) -> dict[int, str]:
    """Return the names that this region shows, by the national service's id; also of services now off."""
    if not service_ids:
        return {}
    rows = session.scalars(select(RegionService).where(RegionService.service_id.in_(set(service_ids))))
    return {row.service_id: service_name(row) for row in rows}


def own_counter(session: Session, officer: Officer) -> Counter | None:
    """Return the counter at which an officer sits now."""
    return session.scalar(
        select(Counter).where(Counter.officer_id == officer.id, Counter.retired_at.is_(None)),
        execution_options={"populate_existing": True},
    )


def counters_for(session: Session, officer: Officer) -> list[Counter]:
    """Return the counters at which an officer may sit, with hall and present officer."""
    return list(
        session.scalars(
            select(Counter)
            .join(Hall, Hall.id == Counter.hall_id)
            .where(Counter.retired_at.is_(None), Hall.active, allowed(officer))
            .options(joinedload(Counter.hall), joinedload(Counter.officer))
            .order_by(Counter.hall_id, Counter.number),
            execution_options={"populate_existing": True},
        )
    )


def _same_line(ticket: Ticket) -> Select[int]:
    """Services that share a counter with the ticket's own."""
    here = pairs_now().where(Counter.hall_id == ticket.hall_id)
    own, shared = here.subquery(), here.subquery()
    return (
        select(shared.c.service_id)
        .join(own, own.c.counter_id == shared.c.counter_id)
        .where(own.c.service_id == ticket.service_id)
    )


def _last_called(session: Session, ticket: Ticket) -> str | None:
    row = session.execute(
        select(Ticket.prefix, Ticket.number)
        .where(Ticket.hall_id == ticket.hall_id, Ticket.local_day == ticket.local_day)
        .where(Ticket.called_at.is_not(None), Ticket.service_id.in_(_same_line(ticket)))
        .order_by(Ticket.called_at.desc())
        .limit(1)
    ).one_or_none()
    return f"{row[0]}-{row[1]:03d}" if row else None


def _opens_today(session: Session, ticket: Ticket) -> dt.datetime | None:
    status = hall_status(session, ticket.hall, current_region().now())
    if status.opens_at is None or status.opens_at.date() != ticket.local_day:
        return None
    return status.opens_at
