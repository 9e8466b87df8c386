"""What the hall's display shows now, as one value: the first page, the event stream and polling all use it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from mpp.i18n import clock
from mpp.tenancy.region import current_region
from tenants.hall.models import AgencyPresence, Counter, CounterState, Hall
from tenants.portal.models import Announcement
from tenants.queueing.models import ACTIVE_STATES, Ticket, TicketEvent, TicketState

CALLS_SHOWN = 6
NOTICES_SHOWN = 5
CALL_KINDS = ("call", "recall")


@dataclass(frozen=True, slots=True)
class Call:
    """A number called to a counter. `id` grows with each call, also of the same number."""

    id: int
    number: str
    counter: str
    place: str
    waiting: bool


@dataclass(frozen=True, slots=True)
class CounterNow:
    """A counter: free, calling, serving, paused, absent (open without officer) or closed."""

    number: int
    name: str
    agency: str
    state: str
    ticket: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Board:
    """A hall's display at one moment. `version` changes with everything that is shown, and only then."""

    version: str
    calling: Call | None
    last: tuple[Call, ...]
    counters: tuple[CounterNow, ...]
    people: int
    running: tuple[str, ...]
    at: str
    # The server's time in milliseconds: a display's own clock is not trusted.
    now: int

    def as_json(self) -> str:
        """Return the value for the event stream and for polling, in one line."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


def hall_by_slug(session: Session, slug: str) -> Hall | None:
    """Return the hall in use with this slug."""
    return session.scalar(select(Hall).where(Hall.slug == slug, Hall.active))


def hall_by_id(session: Session, hall_id: int) -> Hall | None:
    """Return the hall in use with this id."""
    return session.scalar(select(Hall).where(Hall.id == hall_id, Hall.active))


def board(session: Session, hall: Hall) -> Board:
    """Return what the display of `hall` shows now."""
    region = current_region()
    counters = _counters(session, hall)
    agencies = _agency_names(session, hall)
    active = _tickets(session, hall, Ticket.state.in_(ACTIVE_STATES))
    recent = _tickets(session, hall, Ticket.called_at.is_not(None), CALLS_SHOWN + 1)
    calls = _calls(session, {t.id: t for t in (*active, *recent)}, counters, agencies)
    # Whoever has not come yet stands large, the newest call first.
    large = next((call for call in calls if call.waiting), calls[0] if calls else None)
    people = session.scalar(
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.hall_id == hall.id, Ticket.local_day == region.today())
        .where(Ticket.state == TicketState.WAITING)
    )
    event = session.scalar(select(func.max(TicketEvent.id)).where(TicketEvent.hall_id == hall.id))
    now = region.now()
    by_counter = {t.counter_id: t for t in active}
    shown: dict[str, Any] = {
        "calling": large,
        "last": tuple([call for call in calls if call is not large][:CALLS_SHOWN]),
        "counters": tuple(_now(c, by_counter.get(c.id), agencies) for c in counters),
        "people": people or 0,
        "running": _running(session, hall),
    }
    # Events get their ids in the order of writing, not of commit: the digest sees also a late one.
    digest = hashlib.blake2b(repr(shown).encode(), digest_size=8).hexdigest()
    return Board(version=f"{event or 0}-{digest}", at=clock(now), now=int(now.timestamp() * 1000), **shown)


def _counters(session: Session, hall: Hall) -> Sequence[Counter]:
    return session.scalars(
        select(Counter)
        .where(Counter.hall_id == hall.id, Counter.retired_at.is_(None))
        .order_by(Counter.number),
        execution_options={"populate_existing": True},
    ).all()


def _agency_names(session: Session, hall: Hall) -> dict[int, str]:
    """What each agency is called here, by its id."""
    rows = session.scalars(select(AgencyPresence).where(AgencyPresence.hall_id == hall.id))
    return {row.agency_id: row.local_name or row.agency.short_name for row in rows}


def _tickets(session: Session, hall: Hall, condition: Any, most: int | None = None) -> Sequence[Ticket]:
    query = select(Ticket).where(
        Ticket.hall_id == hall.id, Ticket.local_day == current_region().today(), condition
    )
    if most is not None:
        query = query.order_by(Ticket.called_at.desc()).limit(most)
    return session.scalars(query, execution_options={"populate_existing": True}).all()


def _calls(
    session: Session, tickets: dict[int, Ticket], counters: Sequence[Counter], agencies: dict[int, str]
) -> list[Call]:
    """The calls of these tickets, newest first; a number called again moves up."""
    if not tickets:
        return []
    rows = session.execute(
        select(func.max(TicketEvent.id), TicketEvent.ticket_id)
        .where(TicketEvent.ticket_id.in_(tickets), TicketEvent.kind.in_(CALL_KINDS))
        .group_by(TicketEvent.ticket_id)
    ).all()
    by_id = {counter.id: counter for counter in counters}
    found = []
    for event_id, ticket_id in sorted(rows, reverse=True):
        ticket = tickets[ticket_id]
        counter = by_id.get(ticket.counter_id or 0)
        if counter is not None:
            place = agencies.get(counter.agency_id) or counter.agency.short_name
            waiting = ticket.state == TicketState.CALLED
            found.append(Call(event_id, ticket.label, str(counter.number), place, waiting))
    return found


def _now(counter: Counter, ticket: Ticket | None, agencies: dict[int, str]) -> CounterNow:
    if ticket is not None:
        state = "calling" if ticket.state == TicketState.CALLED else "serving"
    elif counter.state == CounterState.OPEN:
        state = "free" if counter.officer_id is not None else "absent"
    else:
        state = counter.state
    return CounterNow(
        number=counter.number,
        name=counter.name,
        agency=agencies.get(counter.agency_id) or counter.agency.short_name,
        state=state,
        ticket=ticket.label if ticket else None,
        note=counter.state_note if counter.state == CounterState.PAUSED else None,
    )


def _running(session: Session, hall: Hall) -> tuple[str, ...]:
    """The hall's own line, then the notices of the day, in Indonesian: everybody in the hall reads them."""
    today = current_region().today()
    notices = session.scalars(
        select(Announcement)
        .where(Announcement.published, Announcement.starts_on <= today)
        .where(or_(Announcement.ends_on.is_(None), Announcement.ends_on >= today))
        .where(or_(Announcement.hall_id.is_(None), Announcement.hall_id == hall.id))
        .order_by((Announcement.kind == "important").desc(), Announcement.starts_on.desc(), Announcement.id)
        .limit(NOTICES_SHOWN)
    )
    own = " ".join((hall.running_text or "").split())
    return (*([own] if own else []), *(f"{n.title.rstrip('.')}. {' '.join(n.body.split())}" for n in notices))
