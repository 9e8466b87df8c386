"""Whether a hall has changed, what the last person waited, and how true the announcements were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, and_, case, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from mpp.tenancy.region import current_region
from tenants.hall.models import Counter
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.waiting.models import LATE, WaitAnnouncement

ACCURACY_DAYS = 30
ACCURACY_LEAST = 30


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How true a hall's first announcements of the last 30 days were: people scored, share of them called before the
    upper end (who waited until the day was over was not; of those told that it was too late, the share not called), and
    minutes by which the lower end lay above (+) or below (-)
    the real wait on average.
    """

    people: int
    covered: float
    bias: float


def version(session: Session, hall_id: int) -> tuple[int, str]:
    """Return what changes with every event of a hall and every change at its counters."""
    event = select(func.max(TicketEvent.id)).where(TicketEvent.hall_id == hall_id).scalar_subquery()
    seats = func.concat_ws("-", Counter.id, Counter.state, Counter.officer_id, Counter.quick)
    row = session.execute(
        select(func.coalesce(event, 0), func.coalesce(func.string_agg(seats, "|"), "")).where(
            Counter.hall_id == hall_id, Counter.retired_at.is_(None)
        )
    ).one()
    return row[0], row[1]


def last_entrant(session: Session, ticket: Ticket, moment: dt.datetime) -> float | None:
    """Return how many seconds the person called last for the same service waited, if that was within two hours."""
    row = session.execute(
        select(Ticket.queued_at, Ticket.called_at)
        .where(Ticket.hall_id == ticket.hall_id, Ticket.local_day == ticket.local_day)
        .where(Ticket.service_id == ticket.service_id, Ticket.called_at > moment - dt.timedelta(hours=2))
        .order_by(Ticket.called_at.desc())
        .limit(1)
    ).one_or_none()
    return (row[1] - row[0]).total_seconds() if row and row[1] else None


def accuracy(session: Session, hall_ids: Collection[int]) -> dict[int, Accuracy]:
    """Return how true each hall's announcements were; nothing for a hall with fewer than 30 scored ones."""
    told, day = WaitAnnouncement, current_region().today() - dt.timedelta(days=ACCURACY_DAYS)
    since = dt.datetime.combine(day, dt.time.min, tzinfo=current_region().zone)
    # Who waited until the day was over had no call; that the announcement was wrong is known all the same.
    left_over = exists().where(TicketEvent.ticket_id == told.ticket_id, TicketEvent.kind == "close_day")
    # That it is too late holds when no call came.
    within = case(
        (told.method == LATE, case((told.real.is_(None), 1.0), else_=0.0)),
        (told.real <= told.high * 60, 1.0),
        else_=0.0,
    )
    below = case((told.method != LATE, told.low - told.real / 60.0))
    rows = session.execute(
        select(
            told.hall_id, func.count(), func.avg(within),
            func.coalesce(func.avg(below), 0.0),
        )
        .where(told.hall_id.in_(hall_ids), told.at >= since)
        .where(told.turn == 1, or_(told.real.is_not(None), and_(told.scored_at.is_not(None), left_over)))
        .group_by(told.hall_id)
        .having(func.count() >= ACCURACY_LEAST)
    )  # fmt: skip
    return {hall: Accuracy(people, float(covered), float(bias)) for hall, people, covered, bias in rows}


def next_event() -> Select[int, str, dt.datetime]:
    """The first event after an announcement that ends the wait it spoke of, per announcement not scored yet.

    By the order of events: a call that was being made while the announcement was logged has an earlier time.
    """
    before = aliased(TicketEvent)
    waited = (
        select(func.coalesce(func.max(before.id), 0))
        .where(before.ticket_id == WaitAnnouncement.ticket_id, before.at <= WaitAnnouncement.at)
        .where(before.state == TicketState.WAITING)
        .correlate(WaitAnnouncement)
        .scalar_subquery()
    )
    ends = ("call", "cancel", "hold", "transfer", "close_day")
    # Whose one counter has closed stays in line: no `from_service`, nobody has sent them on.
    stays = and_(TicketEvent.kind == "transfer", TicketEvent.data["from_service"].is_(None))
    return (
        select(WaitAnnouncement.id, TicketEvent.kind, TicketEvent.at)
        .join(
            TicketEvent,
            and_(
                TicketEvent.ticket_id == WaitAnnouncement.ticket_id,
                TicketEvent.id > waited,
                TicketEvent.kind.in_(ends),
                ~stays,
            ),
        )
        .where(WaitAnnouncement.scored_at.is_(None))
        .ext(distinct_on(WaitAnnouncement.id))
        .order_by(WaitAnnouncement.id, TicketEvent.id)
    )
