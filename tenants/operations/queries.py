"""Is something wrong, and how much is going on: the administrator's first page and the queue behind each thing."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from mpp.database.session import read
from mpp.tenancy.region import current_region
from tenants.catalogue.models import Holiday
from tenants.hall.calendar import HallCalendar, HallStatus
from tenants.hall.hours import load_calendar
from tenants.hall.limits import ANYWHERE, Limits
from tenants.hall.models import AgencyPresence, Counter, CounterState, Hall
from tenants.hall.serving import pairs_now, served_now
from tenants.operations.counters import used
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.presence import Standing, left_standing
from tenants.services.admin_queries import CatalogueRow, catalogue_rows, low_completeness

HOLIDAYS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Stranded:
    """People whom nobody can call now: for which services (name, people), and the counters that could."""

    hall: Hall
    counters: Sequence[Counter]
    services: Sequence[tuple[str, int]]
    since: dt.datetime

    @property
    def people(self) -> int:
        """How many they are."""
        return sum(people for _name, people in self.services)


@dataclass(frozen=True, slots=True)
class Absent:
    """An agency that does not come to an open hall today."""

    hall: Hall
    name: str
    next_day: dt.date | None


@dataclass(frozen=True, slots=True)
class HallToday:
    """A hall now: state, and how many of its counters are open or have an officer."""

    hall: Hall
    status: HallStatus
    open: int
    staffed: int
    total: int


@dataclass(frozen=True, slots=True)
class Today:
    """Everything on the first page, true at `moment`."""

    moment: dt.datetime
    halls: Sequence[HallToday]
    stranded: Sequence[Stranded]
    unserved: Sequence[CatalogueRow]
    # Numbers at counters that somebody must look after.
    standing: Sequence[Standing]
    absent: Sequence[Absent]
    pending: Sequence[CatalogueRow]
    incomplete: Sequence[CatalogueRow]
    enabled: int
    tickets: dict[str, int]

    @property
    def urgent(self) -> int:
        """How many things keep people from being served now."""
        return len(self.stranded) + len(self.standing) + len(self.unserved)

    def count(self, *states: str) -> int:
        """How many of today's tickets are in one of `states`, all of them when none is named."""
        return sum(count for state, count in self.tickets.items() if not states or state in states)


def today(limits: Limits = ANYWHERE) -> Today:
    """Return the state of halls, services and queue at this moment, as far as `limits` reach."""
    moment = current_region().now()
    with read() as session:
        every = session.scalars(select(Hall).where(Hall.active).order_by(Hall.id)).all()
        halls = [hall for hall in every if limits.hall(hall.id)]
        calendars = {hall.id: load_calendar(session, hall, moment.date()) for hall in every}
        counters = _counters(session)
        agencies = _agencies(session, limits)
        rows = [row for row in catalogue_rows() if agencies is None or row.service.agency_id in agencies]
        enabled = [row for row in rows if row.state == "on"]
        # Also in halls out of reach: what another hall serves has a counter.
        served = {service_id for calendar in calendars.values() for service_id in calendar.serving}
        return Today(
            moment=moment,
            halls=[
                _hall_today(hall, calendars[hall.id], _reached(counters[hall.id], limits), moment)
                for hall in halls
            ],
            stranded=_stranded(session, halls, counters, moment.date(), rows, limits),
            unserved=[row for row in enabled if row.service.id not in served],
            standing=[item for hall in halls for item in left_standing(session, hall, moment)],
            absent=[
                item
                for hall in halls
                for item in _absent(session, hall, calendars[hall.id], moment.date(), limits)
            ],
            pending=[row for row in enabled if row.pending and not row.declined],
            incomplete=low_completeness(rows),
            enabled=len(enabled),
            tickets=_tickets(session, moment.date(), limits),
        )


def waiting_for_service(service_id: int) -> int:
    """Return how many people wait today for a service, in all halls."""
    with read() as session:
        return session.scalar(_waiting(Ticket.service_id == service_id)) or 0


def waiting_at(counter: Counter) -> int:
    """Return how many people wait today for what a counter may call for."""
    with read() as session:
        own = served_now(session, counter.id)
        return session.scalar(_waiting(Ticket.hall_id == counter.hall_id, Ticket.service_id.in_(own))) or 0


def was_used(counter_id: int) -> bool:
    """Return whether a counter has ever been called to, so that it can only be retired."""
    with read() as session:
        return used(session, counter_id)


def services_served() -> dict[int, list[Counter]]:
    """Return the counters in use by the national service's id that they serve."""
    with read() as session:
        found: dict[int, list[Counter]] = defaultdict(list)
        for counters in _counters(session).values():
            for counter in counters:
                for link in counter.services:
                    found[link.service_id].append(counter)
    return found


def hall_statuses() -> dict[int, HallStatus]:
    """Return the state of every hall at this moment, by its id."""
    moment = current_region().now()
    with read() as session:
        halls = session.scalars(select(Hall)).all()
        return {hall.id: load_calendar(session, hall, moment.date()).status(moment) for hall in halls}


def holidays_ahead(day: dt.date) -> list[Holiday]:
    """Return the next national holidays and days of collective leave from `day` on."""
    with read() as session:
        query = select(Holiday).where(Holiday.day >= day).order_by(Holiday.day).limit(HOLIDAYS_SHOWN)
        return list(session.scalars(query))


def _waiting(*conditions: ColumnElement[bool]) -> Select[int]:
    query = select(func.count()).select_from(Ticket)
    query = query.where(
        Ticket.local_day == current_region().today(), Ticket.state == TicketState.WAITING.value
    )
    return query.where(*conditions)


def _counters(session: Session) -> dict[int, list[Counter]]:
    query = select(Counter).where(Counter.retired_at.is_(None))
    query = query.options(selectinload(Counter.services), joinedload(Counter.officer))
    found: dict[int, list[Counter]] = defaultdict(list)
    for counter in session.scalars(query.order_by(Counter.number)):
        found[counter.hall_id].append(counter)
    return found


def _tickets(session: Session, day: dt.date, limits: Limits) -> dict[str, int]:
    query = select(Ticket.state, func.count()).where(Ticket.local_day == day, *_inside(limits))
    return dict(session.execute(query.group_by(Ticket.state)).all())


def _inside(limits: Limits) -> list[ColumnElement[bool]]:
    """Conditions on tickets that hold inside `limits`."""
    conditions: list[ColumnElement[bool]] = []
    if limits.hall_id is not None:
        conditions.append(Ticket.hall_id == limits.hall_id)
    if limits.agency_id is not None:
        conditions.append(Ticket.service.has(agency_id=limits.agency_id))
    return conditions


def _agencies(session: Session, limits: Limits) -> set[int] | None:
    """Return the agencies whose services concern somebody: the own one, those present in the own hall; None: all."""
    if limits.agency_id is not None:
        return {limits.agency_id}
    if limits.hall_id is None:
        return None
    here = select(AgencyPresence.agency_id).where(AgencyPresence.hall_id == limits.hall_id)
    return set(session.scalars(here))


def _reached(counters: Sequence[Counter], limits: Limits) -> list[Counter]:
    return [counter for counter in counters if limits.agency(counter.agency_id)]


def _hall_today(
    hall: Hall, calendar: HallCalendar, counters: Sequence[Counter], moment: dt.datetime
) -> HallToday:
    opened = [counter for counter in counters if counter.state == CounterState.OPEN]
    staffed = sum(counter.officer_id is not None for counter in opened)
    return HallToday(hall, calendar.status(moment), len(opened), staffed, len(counters))


def _stranded(
    session: Session,
    halls: Sequence[Hall],
    counters: dict[int, list[Counter]],
    day: dt.date,
    rows: Sequence[CatalogueRow],
    limits: Limits,
) -> list[Stranded]:
    names = {row.service.id: row.standard.name for row in rows}
    by_id = {hall.id: hall for hall in halls}
    query = (
        select(Ticket.hall_id, Ticket.service_id, func.count(), func.min(Ticket.issued_at))
        .where(Ticket.local_day == day, Ticket.state == TicketState.WAITING.value, *_inside(limits))
        .group_by(Ticket.hall_id, Ticket.service_id)
        .order_by(func.min(Ticket.issued_at))
    )
    pairs = {(counter_id, service) for counter_id, service in session.execute(pairs_now())}
    groups: dict[tuple[int, ...], Stranded] = {}
    for hall_id, service_id, people, since in session.execute(query):
        serving = [c for c in counters[hall_id] if (c.id, service_id) in pairs]
        if any(c.state == CounterState.OPEN and c.officer_id for c in serving) or hall_id not in by_id:
            continue
        name = names.get(service_id, "layanan yang sudah dihapus dari katalog")
        # The oldest comes first, so a group keeps the time of its first.
        key = (hall_id, *(counter.id for counter in serving))
        group = groups.get(key) or Stranded(by_id[hall_id], serving, [], since)
        groups[key] = dataclasses.replace(group, services=[*group.services, (name, people)])
    return list(groups.values())


def _absent(
    session: Session, hall: Hall, calendar: HallCalendar, day: dt.date, limits: Limits
) -> list[Absent]:
    if calendar.schedule_on(day) is None:
        return []
    query = select(AgencyPresence).where(AgencyPresence.hall_id == hall.id).order_by(AgencyPresence.agency_id)
    days = [day + dt.timedelta(days=step) for step in range((calendar.last - day).days + 1)]
    return [
        Absent(
            hall, row.local_name or row.agency.name,
            next((coming for coming in days if calendar.present_on(row.agency_id, coming)), None),
        )
        for row in session.scalars(query)
        if limits.agency(row.agency_id) and not calendar.present_on(row.agency_id, day)
    ]  # fmt: skip
