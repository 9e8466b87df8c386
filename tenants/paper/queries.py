"""Sheets of paper as staff see them: which letters a hall has, which numbers are typed back, which stay unused."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mpp.database.session import read
from mpp.tenancy.region import current_region
from tenants.hall.models import AgencyPresence, Counter, CounterService, Hall
from tenants.hall.serving import pairs_now
from tenants.paper.service import PAPER
from tenants.queueing.models import NumberLease, Ticket
from tenants.queueing.rule import Rule
from tenants.queueing.rules import current_rule
from tenants.services.models import RegionService
from tenants.services.queries import enabled_services
from tenants.services.view import agency_name, service_name

SHEETS_SHOWN = 40


@dataclass(slots=True)
class Letter:
    """A letter of a hall: whose it is, and the services (slug, name) whose numbers carry it."""

    prefix: str
    agencies: list[str] = field(default_factory=list)
    services: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A block of numbers on paper; `typed` are the tickets of those typed back, by number."""

    lease: NumberLease
    hall: Hall
    letter: Letter
    typed: dict[int, Ticket]
    names: dict[int, str]
    rule: Rule

    @property
    def day(self) -> dt.date:
        """The local day of its numbers."""
        return self.lease.local_day

    @property
    def numbers(self) -> range:
        """Every number of the block."""
        return range(self.lease.first, self.lease.last + 1)

    @property
    def left(self) -> int:
        """How many are not typed back: unused, as far as anybody knows."""
        return len(self.numbers) - len(self.typed)

    @property
    def past(self) -> bool:
        """Whether its day is over."""
        return self.lease.local_day < current_region().today()

    def label(self, number: int) -> str:
        """The number as it stands on paper."""
        return f"{self.lease.prefix}-{number:03d}"


def letters(session: Session, hall: Hall) -> list[Letter]:
    """Return the letters under which numbers of a hall are given, in alphabetical order.

    A service carries the letter of its lowest-numbered counter there, as everywhere.
    """
    on = {row.service_id: row for row in enabled_services(session)}
    first: dict[int, str] = {}
    rows = session.execute(
        pairs_now()
        .with_only_columns(CounterService.service_id, Counter.prefix)
        .where(Counter.hall_id == hall.id)
        .order_by(Counter.number)
    )
    for service_id, prefix in rows:
        first.setdefault(service_id, prefix)
    local = {
        row.agency_id: row.local_name
        for row in session.scalars(select(AgencyPresence).where(AgencyPresence.hall_id == hall.id))
    }
    found: dict[str, Letter] = {}
    for service_id, prefix in first.items():
        row = on.get(service_id)
        if row is None:
            continue
        letter = found.setdefault(prefix, Letter(prefix))
        agency = local.get(row.service.agency_id) or agency_name(row.service.agency)
        if agency not in letter.agencies:
            letter.agencies.append(agency)
        letter.services.append((row.service.slug, service_name(row)))
    for letter in found.values():
        letter.services.sort(key=lambda pair: pair[1].lower())
    return [found[prefix] for prefix in sorted(found, key=lambda text: (len(text), text))]


def place_of_lease(lease_id: int) -> tuple[int | None, int | None] | None:
    """Return (hall, no agency) of a block of numbers, None when there is none."""
    with read() as session:
        lease = session.get(NumberLease, lease_id)
        return (lease.hall_id, None) if lease else None


def sheets(session: Session, hall: Hall) -> list[Sheet]:
    """Return the newest sheets of a hall, the newest first."""
    query = select(NumberLease).where(NumberLease.hall_id == hall.id, NumberLease.device == PAPER)
    leases = session.scalars(query.order_by(NumberLease.id.desc()).limit(SHEETS_SHOWN)).all()
    return _sheets(session, hall, leases)


def sheet(session: Session, lease_id: int) -> Sheet | None:
    """Return one sheet, None when this region has none with that id."""
    lease = session.get(NumberLease, lease_id)
    if lease is None or lease.device != PAPER:
        return None
    return _sheets(session, session.get_one(Hall, lease.hall_id), [lease])[0]


def _sheets(session: Session, hall: Hall, leases: Sequence[NumberLease]) -> list[Sheet]:
    known = {letter.prefix: letter for letter in letters(session, hall)}
    typed: dict[tuple[object, ...], dict[int, Ticket]] = defaultdict(dict)
    days = {lease.local_day for lease in leases}
    tickets = session.scalars(
        select(Ticket)
        .where(Ticket.hall_id == hall.id, Ticket.local_day.in_(days), Ticket.channel == "paper")
        .options(joinedload(Ticket.counter)),
        execution_options={"populate_existing": True},
    ).all()
    for ticket in tickets:
        typed[ticket.local_day, ticket.prefix][ticket.number] = ticket
    names = {
        row.service_id: service_name(row)
        for row in session.scalars(
            select(RegionService).where(RegionService.service_id.in_({t.service_id for t in tickets}))
        )
    }
    rule = current_rule(session, hall.id)
    return [
        Sheet(
            lease=lease,
            hall=hall,
            letter=known.get(lease.prefix) or Letter(lease.prefix),
            typed={
                number: ticket
                for number, ticket in typed[lease.local_day, lease.prefix].items()
                if lease.first <= number <= lease.last
            },
            names=names,
            rule=rule,
        )
        for lease in leases
    ]
