"""What citizens are told of each counter now: one state, the same on the display, the portal and the phone."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.tenancy.region import current_region
from tenants.hall.models import AgencyPresence, Counter, CounterState
from tenants.queueing.models import ACTIVE_STATES, Ticket, TicketState
from tenants.queueing.presence import away

# Notes of a pause that are told shortly as a rest.
RESTING = re.compile("istirahat|salat|sholat|makan", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CounterNow:
    """A counter: free, calling, serving, paused, resting, absent (open, but no officer to be seen) or closed.

    `note`: why it is paused or closed, in the words of whoever did it.
    """

    number: int
    name: str
    agency: str
    state: str
    ticket: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Room:
    """What the counters of a hall are judged by at one moment: `gone` are the ids of those without their officer."""

    active: dict[int, Ticket]
    agencies: dict[int, str]
    gone: Container[int]

    def agency(self, counter: Counter) -> str:
        """Return what the agency of a counter is called here."""
        return self.agencies.get(counter.agency_id) or counter.agency.short_name

    def now(self, counter: Counter) -> CounterNow:
        """Return a counter of the hall as citizens see it."""
        ticket = self.active.get(counter.id)
        return CounterNow(
            number=counter.number,
            name=counter.name,
            agency=self.agency(counter),
            state=self._state(counter, ticket),
            ticket=ticket.label if ticket else None,
            note=None if counter.state == CounterState.OPEN else counter.state_note,
        )

    def _state(self, counter: Counter, ticket: Ticket | None) -> str:
        if ticket is not None:
            return "calling" if ticket.state == TicketState.CALLED else "serving"
        if counter.state == CounterState.OPEN:
            return "absent" if counter.officer_id is None or counter.id in self.gone else "free"
        if counter.state == CounterState.PAUSED and RESTING.search(counter.state_note or ""):
            return "resting"
        return counter.state


def room_of(session: Session, hall_id: int) -> Room:
    """Return what the counters of a hall are judged by now."""
    region = current_region()
    active = session.scalars(
        select(Ticket).where(
            Ticket.hall_id == hall_id, Ticket.local_day == region.today(), Ticket.state.in_(ACTIVE_STATES)
        ),
        execution_options={"populate_existing": True},
    )
    presences = session.scalars(select(AgencyPresence).where(AgencyPresence.hall_id == hall_id))
    return Room(
        active={ticket.counter_id: ticket for ticket in active if ticket.counter_id is not None},
        agencies={row.agency_id: row.local_name or row.agency.short_name for row in presences},
        gone=away(session, hall_id, region.now()),
    )


def counters_in_use(session: Session, hall_id: int, zone: str | None = None) -> Sequence[Counter]:
    """Return the counters of a hall that are in use, by number; with `zone` only those that stand there."""
    query = select(Counter).where(Counter.hall_id == hall_id, Counter.retired_at.is_(None))
    if zone is not None:
        query = query.where(Counter.zone == zone)
    return session.scalars(
        query.order_by(Counter.number), execution_options={"populate_existing": True}
    ).all()


def counters_now(
    session: Session, hall_id: int, counters: Sequence[Counter] | None = None
) -> list[CounterNow]:
    """Return the counters in use of a hall (or those of them at hand) as they are now, in their order."""
    room = room_of(session, hall_id)
    return [room.now(c) for c in (counters_in_use(session, hall_id) if counters is None else counters)]
