"""What the receptionist reads: halls, services with what they mean now, and the room at a glance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from mpp.tenancy.region import current_region
from tenants.hall.limits import Limits
from tenants.hall.models import Hall
from tenants.lobby.board import board
from tenants.lobby.choices import Choice, choices
from tenants.lobby.counters import CounterNow
from tenants.queueing.alerts import open_alerts
from tenants.queueing.counted import Counted, counted_today
from tenants.queueing.models import HallAlert, Ticket, TicketState
from tenants.queueing.presence import Standing, left_standing
from tenants.queueing.queries import service_names
from tenants.queueing.words import class_words

LISTED = 20


@dataclass(frozen=True, slots=True)
class Offered:
    """The services of a hall by agency; `elsewhere` are those given a number for in another hall."""

    query: str
    suggestion: str | None
    groups: list[tuple[str, list[Choice]]]
    elsewhere: list[Choice]

    @property
    def empty(self) -> bool:
        """Whether nothing fits the wish."""
        return not self.groups and not self.elsewhere


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who missed the call or was parked: `since` when."""

    ticket: Ticket
    service: str
    since: dt.datetime | None
    priority: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """People waiting for one service, and since when the first of them."""

    service: str
    people: int
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class Room:
    """A hall now: counters, lines, who missed a call, who is parked, and what an officer's hand did past the rule."""

    counters: Sequence[CounterNow]
    people: int
    lines: list[Line]
    missed: list[Person]
    held: list[Person]
    by_hand: Counted
    # Numbers at counters that somebody must look after.
    standing: list[Standing]

    def counted(self, *states: str) -> int:
        """How many counters are in one of these states."""
        return sum(1 for counter in self.counters if counter.state in states)


def halls(session: Session) -> list[Hall]:
    """Return the halls in use, in the order of their making."""
    return list(session.scalars(select(Hall).where(Hall.active).order_by(Hall.id)))


def offered(session: Session, hall: Hall, query: str, moment: dt.datetime) -> Offered:
    """Return what a number can be given for in a hall, or what `query` finds of it, offered ones first."""
    found = choices(session, query, moment, hall)
    groups, elsewhere = [], []
    for agency, group in found.groups:
        here = [choice for choice in group if choice.hall == hall.name]
        elsewhere += [choice for choice in group if choice.hall != hall.name]
        if here:
            groups.append((agency, here))
    return Offered(query, found.suggestion, groups, elsewhere)


def room(session: Session, hall: Hall) -> Room:
    """Return the hall at a glance."""
    shown, day = board(session, hall), current_region().today()
    today = (Ticket.hall_id == hall.id, Ticket.local_day == day)
    waiting = session.execute(
        select(Ticket.service_id, func.count(), func.min(Ticket.arrived_at))
        .where(*today, Ticket.state == TicketState.WAITING)
        .group_by(Ticket.service_id)
    ).all()
    apart = session.scalars(
        select(Ticket)
        .where(*today, Ticket.state.in_((TicketState.ON_HOLD, TicketState.NO_SHOW)))
        .options(joinedload(Ticket.counter))
        .order_by(func.coalesce(Ticket.ended_at, Ticket.held_at).desc()),
        execution_options={"populate_existing": True},
    ).all()
    names = service_names(session, {row[0] for row in waiting} | {t.service_id for t in apart})

    def person(ticket: Ticket) -> Person:
        since = ticket.held_at if ticket.state == TicketState.ON_HOLD else ticket.ended_at
        return Person(ticket, names.get(ticket.service_id, ""), since, class_words(ticket.priority_class))

    lines = [Line(names.get(service, ""), people, first) for service, people, first in waiting]
    return Room(
        counters=shown.counters,
        people=sum(line.people for line in lines),
        lines=sorted(lines, key=lambda line: (-line.people, line.service)),
        missed=[person(t) for t in apart if t.state == TicketState.NO_SHOW and not t.reactivated][:LISTED],
        held=[person(t) for t in apart if t.state == TicketState.ON_HOLD][:LISTED],
        by_hand=counted_today(session, hall.id),
        standing=left_standing(session, hall, current_region().now()),
    )


def alerts(session: Session, limits: Limits, staff_id: int) -> list[HallAlert]:
    """Return the calls for help that somebody should answer: inside their limits, none of their own."""
    return [alert for alert in open_alerts(session, limits) if alert.raised_by != staff_id]


def alert(session: Session, alert_id: int) -> HallAlert | None:
    """Return a call for help of this region, answered or not."""
    return session.get(HallAlert, alert_id, options=[joinedload(HallAlert.counter)], populate_existing=True)
