"""What people and officers see of the queue. Local days are the region's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.orm import Session, aliased, joinedload

from mpp.tenancy.region import current_region
from tenants.hall.hours import hall_status
from tenants.hall.models import Counter, CounterService, Hall
from tenants.queueing.desk import allowed
from tenants.queueing.models import ACTIVE_STATES, Ticket, TicketState
from tenants.queueing.policies import Officer
from tenants.services.models import RegionService
from tenants.services.view import service_name

NEXT_SHOWN = 3


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


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in line, as the officer sees them."""

    ticket: Ticket
    service: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Line:
    """People waiting for one service, and how many seconds the first of them has waited."""

    service: str
    people: int
    longest: int


@dataclass(frozen=True, slots=True)
class Console:
    """A counter as its officer sees it. Seconds are those since the call and since serving began."""

    counter: Counter
    current: Waiting | None
    called_seconds: int
    serving_seconds: int | None
    coming: list[Waiting]
    lines: list[Line]
    people: int
    done_today: int


def waiting_now(session: Session, day: dt.date) -> list[tuple[int, int]]:
    """Return (service id, people waiting) on a local day, for every service somebody waits for."""
    rows = session.execute(
        select(Ticket.service_id, func.count())
        .where(Ticket.local_day == day, Ticket.state == TicketState.WAITING)
        .group_by(Ticket.service_id)
    )
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
    names = service_names(session, [ticket.service_id])
    return TicketView(
        ticket=ticket,
        service=names.get(ticket.service_id, ""),
        slug=ticket.service.slug,
        ahead=people_ahead(session, ticket),
        counters=serving_counters(session, ticket.hall_id, ticket.service_id),
        last_called=_last_called(session, ticket),
        opens_at=_opens_today(session, ticket),
        past=ticket.local_day < current_region().today(),
    )


def people_ahead(session: Session, ticket: Ticket) -> int:
    """Return how many come before a waiting ticket: earlier ones that any of its own counters may call."""
    if ticket.state != TicketState.WAITING:
        return 0
    return (
        session.scalar(
            select(func.count())
            .select_from(Ticket)
            .where(Ticket.hall_id == ticket.hall_id, Ticket.local_day == ticket.local_day)
            .where(Ticket.state == TicketState.WAITING, Ticket.service_id.in_(_same_line(ticket)))
            .where(tuple_(Ticket.issued_at, Ticket.id) < (ticket.issued_at, ticket.id))
        )
        or 0
    )


def serving_counters(session: Session, hall_id: int, service_id: int) -> list[Counter]:
    """Return the counters of a hall that serve a service, by number."""
    return list(
        session.scalars(
            select(Counter)
            .join(CounterService, CounterService.counter_id == Counter.id)
            .where(CounterService.service_id == service_id)
            .where(Counter.hall_id == hall_id, Counter.retired_at.is_(None))
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


def console(session: Session, counter: Counter) -> Console:
    """Return what the officer at `counter` sees now."""
    region = current_region()
    now = region.now()
    waiting = session.scalars(
        select(Ticket).where(_callable(counter.id)).order_by(Ticket.issued_at, Ticket.id).limit(NEXT_SHOWN)
    ).all()
    current = session.scalar(
        select(Ticket).where(Ticket.counter_id == counter.id, Ticket.state.in_(ACTIVE_STATES)),
        execution_options={"populate_existing": True},
    )
    rows = session.execute(
        select(Ticket.service_id, func.count(), func.min(Ticket.issued_at))
        .where(_callable(counter.id))
        .group_by(Ticket.service_id)
    ).all()
    names = service_names(
        session,
        [t.service_id for t in waiting]
        + [row[0] for row in rows]
        + ([current.service_id] if current else []),
    )
    lines = [Line(names.get(service, ""), people, _since(first, now)) for service, people, first in rows]

    def seen(ticket: Ticket) -> Waiting:
        until = ticket.called_at or now
        return Waiting(ticket, names.get(ticket.service_id, ""), _since(ticket.issued_at, until))

    return Console(
        counter=counter,
        current=seen(current) if current else None,
        called_seconds=_since(current.called_at, now) if current else 0,
        serving_seconds=_since(current.serving_at, now) if current and current.serving_at else None,
        coming=[seen(ticket) for ticket in waiting],
        lines=sorted(lines, key=lambda line: -line.longest),
        people=sum(line.people for line in lines),
        done_today=session.scalar(
            select(func.count())
            .select_from(Ticket)
            .where(Ticket.counter_id == counter.id, Ticket.local_day == region.today())
            .where(Ticket.state == TicketState.COMPLETED)
        )
        or 0,
    )


def _callable(counter_id: int) -> ColumnElement[bool]:
    """The tickets that a counter may call today."""
    served = select(CounterService.service_id).where(CounterService.counter_id == counter_id)
    hall = select(Counter.hall_id).where(Counter.id == counter_id).scalar_subquery()
    return and_(
        Ticket.state == TicketState.WAITING,
        Ticket.local_day == current_region().today(),
        Ticket.hall_id == hall,
        Ticket.service_id.in_(served),
    )


def _same_line(ticket: Ticket) -> Select[int]:
    """Services that share a counter with the ticket's own."""
    own, shared = aliased(CounterService), aliased(CounterService)
    return (
        select(shared.service_id)
        .join(own, own.counter_id == shared.counter_id)
        .join(Counter, Counter.id == own.counter_id)
        .where(own.service_id == ticket.service_id)
        .where(Counter.hall_id == ticket.hall_id, Counter.retired_at.is_(None))
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


def _since(moment: dt.datetime | None, now: dt.datetime) -> int:
    return max(0, int((now - moment).total_seconds())) if moment else 0
