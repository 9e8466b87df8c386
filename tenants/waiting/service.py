"""The outlook of each hall, kept in this process; what a ticket's holder is told, and the log of it."""

from __future__ import annotations

import datetime as dt
import threading
import time
from dataclasses import dataclass, field

from sqlalchemy import case, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mpp import outbox
from mpp.database.session import read, write
from mpp.i18n import gettext as _
from mpp.tenancy.region import current_region
from tenants.hall.calendar import HallCalendar
from tenants.hall.hours import load_calendar
from tenants.hall.models import Hall
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.rules import current_rule
from tenants.waiting import queries
from tenants.waiting.durations import Samples
from tenants.waiting.elsewhere import instead
from tenants.waiting.engine import Outlook, simulate
from tenants.waiting.history import past_days
from tenants.waiting.loading import Known, load, serves_of
from tenants.waiting.models import LATE, TicketMessage, WaitAnnouncement
from tenants.waiting.ranges import Range, rounded

# Events come in bursts; a figure in minutes need not follow each of them.
SECONDS_CALM = 3.0
# Without any event time itself changes the figures.
SECONDS_FRESH = 30.0
SECONDS_PAST = 600.0
SECONDS_LAYOUT = 60.0
# Less than this and nobody should leave the hall.
WORTH_LEAVING = 15 * 60
UNLIKELY = 0.5
SECONDS_LEFT = 60.0


@dataclass(frozen=True, slots=True)
class Told:
    """What the holder of a ticket reads. `range` None: no figure is honest. `late`: likely not before closing."""

    range: Range | None
    method: str
    place: int | None
    # When to be in the hall (aware), where that is some time off.
    come_at: dt.datetime | None
    late: bool
    p50: float = 0.0
    p80: float = 0.0
    # For who is late: when and where else.
    instead: str = ""


@dataclass(slots=True)
class _Kept:
    version: tuple[int, str] | None = None
    at: float = float("-inf")
    outlook: Outlook | None = None
    waiting: frozenset[int] = frozenset()
    past: Samples | None = None
    past_at: float = float("-inf")
    past_day: dt.date | None = None
    layout: tuple[HallCalendar, dict[int, frozenset[int]]] | None = None
    layout_at: float = float("-inf")
    # Held by the thread that reckons.
    turn: threading.Lock = field(default_factory=threading.Lock)


_kept: dict[tuple[int, int], _Kept] = {}
_lock = threading.Lock()


def forget() -> None:
    """Forget every outlook: another database stands under the same names now."""
    with _lock:
        _kept.clear()


def forget_moment() -> None:
    """Reckon anew at the next question; what is known of past days is kept for this day."""
    for kept in list(_kept.values()):
        kept.at = kept.layout_at = float("-inf")


def outlook(session: Session, hall: Hall, about: int | None = None) -> Outlook | None:
    """Return how the hall will go on, a few seconds old at most after an event; None while it is closed.

    `about` is a ticket that waits: who has just taken a number is not shown an outlook from before.
    """
    key = (current_region().id, hall.id)
    with _lock:
        kept = _kept.setdefault(key, _Kept())
    now = time.monotonic()
    if now - kept.at < SECONDS_CALM and (about is None or about in kept.waiting):
        return kept.outlook
    # Of many phones at once one reckons; the others read what was true some seconds ago.
    mine = kept.turn.acquire(blocking=False)
    if not mine and now - kept.at < SECONDS_FRESH and (about is None or about in kept.waiting):
        return kept.outlook
    try:
        version = queries.version(session, hall.id)
        if version == kept.version and now - kept.at < SECONDS_FRESH:
            return kept.outlook
        found = _reckon(session, hall, kept, now)
        kept.outlook, kept.version, kept.at = found, version, now
        return found
    finally:
        if mine:
            kept.turn.release()


def _reckon(session: Session, hall: Hall, kept: _Kept, now: float) -> Outlook | None:
    moment = current_region().now()
    layout, past = kept.layout, kept.past
    if (
        layout is None
        or now - kept.layout_at > SECONDS_LAYOUT
        or not layout[0].first <= moment.date() <= layout[0].last
    ):
        layout = load_calendar(session, hall, moment.date(), 2), serves_of(session, hall)
        kept.layout, kept.layout_at = layout, now
    if past is None or now - kept.past_at > SECONDS_PAST or kept.past_day != moment.date():
        past = past_days(session, hall.id)
        kept.past, kept.past_at, kept.past_day = past, now, moment.date()
    state = load(session, hall, Known(*layout, past), moment)
    kept.waiting = frozenset(person.id for person in state.waiting) if state is not None else frozenset()
    return simulate(state) if state is not None else None


def told(session: Session, ticket: Ticket) -> Told | None:
    """Return what the holder of a waiting ticket is told, None when it does not wait."""
    if ticket.state != TicketState.WAITING:
        return None
    moment = current_region().now()
    known = outlook(session, ticket.hall, ticket.id)
    place = known.place.get(ticket.id) if known else None
    wait = known.waits.get(ticket.id) if known else None
    beyond = known is not None and ticket.id in known.beyond.people
    if beyond or (wait is not None and wait.served < UNLIKELY):
        other = instead(session, ticket.hall, ticket.service_id, moment)
        return Told(None, "simulation", place, None, late=True, instead=other)
    if wait is not None:
        come = moment + dt.timedelta(seconds=wait.p10)
        come -= dt.timedelta(minutes=come.minute % 5, seconds=come.second, microseconds=come.microsecond)
        return Told(
            rounded(wait.p50, wait.p80), "simulation", place,
            come if wait.p10 >= WORTH_LEAVING else None, late=False, p50=wait.p50, p80=wait.p80,
        )  # fmt: skip
    last = queries.last_entrant(session, ticket, moment)
    left = last - (moment - ticket.queued_at).total_seconds() if last is not None else 0.0
    # Nobody can be promised "at once" by somebody else's wait.
    if left < SECONDS_LEFT:
        return Told(None, "nothing", place, None, late=False)
    return Told(rounded(left, left * 1.4), "last_entrant", place, None, late=False, p50=left, p80=left * 1.4)


def newcomer(session: Session, hall: Hall, service_id: int) -> Range | None:
    """Return what somebody who comes now may count on for a service, None when nothing honest can be said."""
    known = outlook(session, hall)
    wait = known.newcomers.get(service_id) if known else None
    return rounded(wait.p50, wait.p80) if wait and wait.served >= UNLIKELY else None


def show(ticket: Ticket, what: Told) -> None:
    """Log what is shown to the holder of a ticket, once for each change of it: a range, or that it is too late.

    What was shown last is what the last row says, whichever process showed it.
    """
    if what.range is None and not what.late:
        return
    shown = (0, 0, LATE) if what.range is None else (what.range.low, what.range.high, what.method)
    with read() as session:
        if _last_shown(session, ticket.id)[1:] == shown:
            return
    with write() as session:
        turn, *before = _last_shown(session, ticket.id)
        if tuple(before) == shown:
            return
        facts = {
            "turn": turn + 1, "method": shown[2], "p50": round(what.p50), "p80": round(what.p80),
            "low": shown[0], "high": shown[1],
        }  # fmt: skip
        # Only while they wait: what is shown to somebody just called was no word about a wait.
        row = select(
            Ticket.id, Ticket.hall_id, Ticket.service_id, func.statement_timestamp(),
            *(literal(value, WaitAnnouncement.__table__.c[name].type) for name, value in facts.items()),
        ).where(Ticket.id == ticket.id, Ticket.state == TicketState.WAITING)  # fmt: skip
        # Of two pages of one ticket that show a change at once, one logs it.
        session.execute(
            insert(WaitAnnouncement)
            .from_select(["ticket_id", "hall_id", "service_id", "at", *facts], row)
            .on_conflict_do_nothing(index_elements=["ticket_id", "turn"])
        )


def _last_shown(session: Session, ticket_id: int) -> tuple[int, int, int, str]:
    """Turn, ends and method of the last announcement to a ticket; turn 0 when there was none."""
    last = session.execute(
        select(WaitAnnouncement.turn, WaitAnnouncement.low, WaitAnnouncement.high, WaitAnnouncement.method)
        .where(WaitAnnouncement.ticket_id == ticket_id)
        .order_by(WaitAnnouncement.turn.desc())
        .limit(1)
    ).one_or_none()
    return (last[0], last[1], last[2], last[3]) if last else (0, 0, 0, "")


def score(session: Session) -> int:
    """Compare the announcements whose wait is over with what came; return how many."""
    over = queries.next_event().subquery()
    # A call that was on its way while this was logged came at once.
    seconds = func.greatest(func.extract("epoch", over.c.at - WaitAnnouncement.at), 0)
    scored = session.execute(
        update(WaitAnnouncement)
        .where(WaitAnnouncement.id == over.c.id)
        .values(
            real=case((over.c.kind == "call", func.round(seconds)), else_=None),
            scored_at=func.clock_timestamp(),
        ),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(scored, "rowcount", 0))


def call_near(session: Session, hall: Hall) -> int:
    """Promise one message to each waiting person with a phone whose turn is near; return how many."""
    known = outlook(session, hall)
    most = current_rule(session, hall.id).near_calls
    near = {key: place for key, place in known.place.items() if place <= most} if known else {}
    if not near:
        return 0
    tickets = session.scalars(
        select(Ticket)
        .where(Ticket.id.in_(near), Ticket.phone.is_not(None), Ticket.state == TicketState.WAITING)
        .where(~select(TicketMessage.id).where(TicketMessage.ticket_id == Ticket.id).exists())
    ).all()
    count = 0
    for ticket in tickets:
        body = _(
            "Nomor %(number)s: tinggal %(place)s panggilan lagi. Mohon bersiap di dekat loket.",
            number=ticket.label, place=near[ticket.id],
        )  # fmt: skip
        made = session.scalar(
            insert(TicketMessage)
            .values(ticket_id=ticket.id, kind="near", channel="console", body=body)
            .on_conflict_do_nothing(index_elements=["ticket_id", "kind"])
            .returning(TicketMessage.id)
        )
        if made is not None:
            outbox.post(session, "message.send", message=made)
            count += 1
    return count


def messages(session: Session, ticket_id: int) -> list[TicketMessage]:
    """Return what was sent about a ticket, oldest first."""
    query = select(TicketMessage).where(
        TicketMessage.ticket_id == ticket_id, TicketMessage.sent_at.is_not(None)
    )
    return list(session.scalars(query.order_by(TicketMessage.id)))
