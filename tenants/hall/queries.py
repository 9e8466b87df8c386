"""What the administrator reads of halls: buildings, weeks, closures, agencies, counters and who may sit there."""

from __future__ import annotations

import datetime as dt
from collections import Counter as Tally
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from mpp.accounts.models import Role, Staff
from mpp.database.session import read
from tenants.catalogue.models import Agency
from tenants.hall.limits import ANYWHERE, Limits
from tenants.hall.models import AgencyPresence, Closure, Counter, CounterState, Hall


@dataclass(frozen=True, slots=True)
class HallRow:
    """A hall in the list, with how many counters stand in it (retired ones aside) and how many are open."""

    hall: Hall
    counters: int
    open: int


def hall_rows(limits: Limits = ANYWHERE) -> list[HallRow]:
    """Return the halls of the region that `limits` reach, those in use first."""
    with read() as session:
        states = session.execute(
            select(Counter.hall_id, Counter.state, func.count())
            .where(Counter.retired_at.is_(None))
            .group_by(Counter.hall_id, Counter.state)
        ).all()
        halls = session.scalars(select(Hall).order_by(Hall.active.desc(), Hall.id)).all()
    total: Tally[int] = Tally()
    opened: Tally[int] = Tally()
    for hall_id, state, count in states:
        total[hall_id] += count
        opened[hall_id] += count if state == CounterState.OPEN else 0
    return [HallRow(hall, total[hall.id], opened[hall.id]) for hall in halls if limits.hall(hall.id)]


def hall_by_id(hall_id: int) -> Hall | None:
    """Return a hall of this region with its weekly hours, None when there is none."""
    with read() as session:
        return session.get(Hall, hall_id, options=[selectinload(Hall.hours)])


def closures(hall_id: int, since: dt.date) -> list[Closure]:
    """Return a hall's special days that end on `since` or later, soonest first."""
    with read() as session:
        query = select(Closure).where(Closure.hall_id == hall_id, Closure.ends_on >= since)
        return list(session.scalars(query.order_by(Closure.starts_on, Closure.id)))


def agencies_here() -> list[Agency]:
    """Return the agencies present in any hall of the region, by name."""
    with read() as session:
        here = select(AgencyPresence.agency_id)
        return list(session.scalars(select(Agency).where(Agency.id.in_(here)).order_by(Agency.name)))


def place_names() -> dict[str, dict[int, str]]:
    """Return the names of halls and agencies that staff may be limited to: {"hall": {1: …}, "agency": {…}}."""
    with read() as session:
        halls = {hall.id: hall.name for hall in session.scalars(select(Hall))}
    return {"hall": halls, "agency": {agency.id: agency.short_name for agency in agencies_here()}}


def place_of_hall(hall_id: int) -> tuple[int | None, int | None] | None:
    """Return (hall, no agency) of a hall, None when there is none: what staff limited to a place are held to."""
    with read() as session:
        return (hall_id, None) if session.get(Hall, hall_id) else None


def place_of_counter(counter_id: int) -> tuple[int | None, int | None] | None:
    """Return (hall, agency) of a counter, None when there is none."""
    with read() as session:
        counter = session.get(Counter, counter_id)
        return (counter.hall_id, counter.agency_id) if counter else None


def presences(hall_id: int) -> list[AgencyPresence]:
    """Return the agencies present in a hall, by the catalogue's order."""
    with read() as session:
        query = select(AgencyPresence).where(AgencyPresence.hall_id == hall_id)
        return list(session.scalars(query.order_by(AgencyPresence.agency_id)))


def presence(hall_id: int, agency_slug: str) -> AgencyPresence | None:
    """Return an agency's presence in a hall, None when it is not there."""
    with read() as session:
        return session.scalar(
            select(AgencyPresence)
            .join(Agency, Agency.id == AgencyPresence.agency_id)
            .where(AgencyPresence.hall_id == hall_id, Agency.slug == agency_slug)
        )


def absent_agencies(hall_id: int) -> list[Agency]:
    """Return the national agencies that are not in a hall yet, by name."""
    with read() as session:
        here = select(AgencyPresence.agency_id).where(AgencyPresence.hall_id == hall_id)
        return list(session.scalars(select(Agency).where(Agency.id.not_in(here)).order_by(Agency.name)))


def counters(hall_id: int, *, retired: bool = False) -> list[Counter]:
    """Return the counters of a hall by number: those in use, or those retired."""
    with read() as session:
        query = select(Counter).where(Counter.hall_id == hall_id)
        query = query.where(Counter.retired_at.is_not(None) if retired else Counter.retired_at.is_(None))
        options = (
            joinedload(Counter.officer),
            selectinload(Counter.services),
            selectinload(Counter.officers),
        )
        return list(session.scalars(query.options(*options).order_by(Counter.number)))


def counter_by_id(counter_id: int) -> Counter | None:
    """Return a counter of this region with its services and officers, None when there is none."""
    with read() as session:
        options = [
            joinedload(Counter.officer), selectinload(Counter.services), selectinload(Counter.officers),
            joinedload(Counter.hall),
        ]  # fmt: skip
        return session.get(Counter, counter_id, options=options)


def officer_choices(limits: Limits = ANYWHERE) -> list[Staff]:
    """Return the active staff inside `limits` who may be given a counter, by name; admins may sit anywhere anyway."""
    with read() as session:
        query = select(Staff).where(Staff.active, Staff.role == Role.OFFICER.value)
        found = session.scalars(query.order_by(func.lower(Staff.name)))
        return [person for person in found if limits.holds(person)]


def next_number(hall_id: int) -> int:
    """Return the number that a new counter of a hall would have."""
    with read() as session:
        return (session.scalar(select(func.max(Counter.number)).where(Counter.hall_id == hall_id)) or 0) + 1


def free_prefix(hall_id: int) -> str:
    """Return the first letter that no agency of a hall uses, empty when all are taken. I and O look like digits."""
    with read() as session:
        used = set(session.scalars(select(Counter.prefix).where(Counter.hall_id == hall_id)))
    return next((letter for letter in "ABCDEFGHJKLMNPQRSTUVWXYZ" if letter not in used), "")
