"""What the hall's display shows now, as one value: the first page, the event stream and polling all use it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from mpp.i18n import clock
from mpp.tenancy.region import current_region
from tenants.hall.models import Counter, CounterState, Hall
from tenants.hall.serving import pairs_now
from tenants.lobby.counters import CounterNow, Room, counters_in_use, room_of
from tenants.portal.models import Announcement
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.queueing.speech import units_for
from tenants.queueing.upcoming import upcoming
from tenants.sound.queries import Sound, sound_of

CALLS_SHOWN = 5
NEXT_SHOWN = 6
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
class Aloud:
    """A call whose person has not come yet, as voices say it.

    `said`: one list of units ("id/satu") for each language of the hall. `at`: when, in milliseconds.
    """

    id: int
    number: str
    counter: int
    at: int
    said: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A hall's display at one moment. `version` changes with everything that is shown, and only then."""

    version: str
    calling: Call | None
    last: tuple[Call, ...]
    # Every call that waits for its person, oldest first.
    aloud: tuple[Aloud, ...]
    counters: tuple[CounterNow, ...]
    people: int
    # Whom the counters would call next by the hall's rule.
    next: tuple[str, ...]
    running: tuple[str, ...]
    sound: Sound
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


def board(session: Session, hall: Hall, zone: str | None = None) -> Board:
    """Return what the display of `hall` shows now; with `zone` only that zone's counters, calls and people."""
    region = current_region()
    counters, room = counters_in_use(session, hall.id, zone), room_of(session, hall.id)
    ids = [counter.id for counter in counters]
    active = [room.active[counter] for counter in ids if counter in room.active]
    recent = _recent(session, hall, ids)
    sound = sound_of(session, hall.id)
    calls, aloud = _calls(session, {t.id: t for t in (*active, *recent)}, counters, room, sound)
    # Whoever has not come yet stands large, the newest call first.
    large = next((call for call in calls if call.waiting), calls[0] if calls else None)
    people = _waiting(session, hall, counters if zone else None)
    event = session.scalar(select(func.max(TicketEvent.id)).where(TicketEvent.hall_id == hall.id))
    now = region.now()
    shown: dict[str, Any] = {
        "calling": large,
        "last": tuple([call for call in calls if call is not large][:CALLS_SHOWN]),
        "aloud": aloud,
        "counters": tuple(room.now(counter) for counter in counters),
        "people": people,
        "next": _next(session, hall, counters, room.gone),
        "running": _running(session, hall),
        "sound": sound,
    }
    # Events get their ids in the order of writing, not of commit: the digest sees also a late one.
    digest = hashlib.blake2b(repr(shown).encode(), digest_size=8).hexdigest()
    return Board(version=f"{event or 0}-{digest}", at=clock(now), now=int(now.timestamp() * 1000), **shown)


def _next(session: Session, hall: Hall, counters: Sequence[Counter], gone: Container[int]) -> tuple[str, ...]:
    """The numbers that come up at the counters that take people; before the first has opened, at all of them."""
    working = [
        counter
        for counter in counters
        if counter.state == CounterState.OPEN and counter.officer_id is not None and counter.id not in gone
    ]
    return upcoming(session, hall.id, working or counters, NEXT_SHOWN)


def _waiting(session: Session, hall: Hall, counters: Sequence[Counter] | None) -> int:
    """How many wait in the hall, or for these counters."""
    conditions = [
        Ticket.hall_id == hall.id,
        Ticket.local_day == current_region().today(),
        Ticket.state == TicketState.WAITING,
    ]
    if counters is not None:
        pairs = pairs_now().where(Counter.id.in_([counter.id for counter in counters])).subquery()
        served = select(pairs.c.service_id)
        conditions.append(Ticket.service_id.in_(served))
    return session.scalar(select(func.count()).select_from(Ticket).where(*conditions)) or 0


def _recent(session: Session, hall: Hall, counters: Sequence[int]) -> Sequence[Ticket]:
    """The tickets of the day that these counters called last, the newest first."""
    query = select(Ticket).where(
        Ticket.hall_id == hall.id,
        Ticket.local_day == current_region().today(),
        Ticket.called_at.is_not(None),
        Ticket.counter_id.in_(counters),
    )
    return session.scalars(
        query.order_by(Ticket.called_at.desc()).limit(CALLS_SHOWN + 1),
        execution_options={"populate_existing": True},
    ).all()


def _calls(
    session: Session,
    tickets: dict[int, Ticket],
    counters: Sequence[Counter],
    room: Room,
    sound: Sound,
) -> tuple[list[Call], tuple[Aloud, ...]]:
    """The calls of these tickets, newest first, and those to be said; a number called again moves up."""
    if not tickets:
        return [], ()
    rows = session.execute(
        select(TicketEvent.id, TicketEvent.ticket_id, TicketEvent.at)
        .ext(distinct_on(TicketEvent.ticket_id))
        .where(TicketEvent.ticket_id.in_(tickets), TicketEvent.kind.in_(CALL_KINDS))
        # What was called from paper and typed back is no call of now.
        .where(TicketEvent.data["paper"].is_(None))
        .order_by(TicketEvent.ticket_id, TicketEvent.id.desc())
    ).all()
    by_id = {counter.id: counter for counter in counters}
    calls, aloud = [], []
    for event_id, ticket_id, at in sorted(rows, reverse=True):
        ticket = tickets[ticket_id]
        counter = by_id.get(ticket.counter_id or 0)
        if counter is not None:
            waiting = ticket.state == TicketState.CALLED
            calls.append(Call(event_id, ticket.label, str(counter.number), room.agency(counter), waiting))
            if waiting:
                said = _said(ticket.label, counter.number, sound.languages)
                moment = int(at.timestamp() * 1000)
                aloud.append(Aloud(event_id, ticket.label, counter.number, moment, said))
    return calls, tuple(reversed(aloud))


def _said(label: str, counter: int, languages: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(f"{language}/{unit}" for unit in units_for(label, counter, language)) for language in languages
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
