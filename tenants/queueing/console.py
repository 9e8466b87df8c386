"""A counter as its officer sees it: who is there, who comes next and since when, who is parked or missed the call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, undefer

from mpp.crypto.masks import mask_phone
from mpp.tenancy.region import current_region
from tenants.hall.limits import Limits
from tenants.hall.models import Counter, CounterState, Hall
from tenants.people.acting import Represented, represented
from tenants.queueing import line
from tenants.queueing.alerts import open_alerts
from tenants.queueing.counted import Counted, counted_today
from tenants.queueing.memory import last_call
from tenants.queueing.models import ACTIVE_STATES, HallAlert, Ticket, TicketState
from tenants.queueing.presence import away, closes_soon
from tenants.queueing.queries import service_names
from tenants.queueing.rule import Rule
from tenants.queueing.rules import current_rule
from tenants.queueing.visits import further
from tenants.queueing.words import call_words, class_words
from tenants.services.models import RegionService
from tenants.services.view import service_name

NEXT_SHOWN = 3
# People in line whom the officer may call one by one; more are counted.
LINE_SHOWN = 40
MISSED_SHOWN = 12
# The officer is told so long before the counter closes by itself.
MINUTES_WARNED = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in line, parked or called, as the officer sees them; `seconds` since they arrived, or were parked."""

    ticket: Ticket
    service: str
    seconds: int
    # "Lansia", or None.
    priority: str | None = None


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
    # Their telephone number, covered; empty without one.
    phone: str
    # Who stands in for them, and by what right.
    stands_in: Represented | None
    # Why the rule chose them.
    why: str | None
    called_seconds: int
    serving_seconds: int | None
    # The line in the order of the rule; `coming` are the first of it.
    queue: list[Waiting]
    lines: list[Line]
    people: int
    done_today: int
    # The counter's last call: what a press on this screen has seen.
    last_call: int
    held: list[Waiting]
    missed: list[Waiting]
    # Calls for help from other counters of the hall, and whether one from here is open. The caller's own stands on
    # no list: who sits across the counter reads this screen too.
    alerts: list[HallAlert]
    asked: bool
    counted: Counted
    # What this visit still wants elsewhere.
    further: list[str]
    recalls_left: int
    # Minutes until the counter closes by itself, when that is soon.
    closes_in: int | None
    quick_minutes: int | None

    @property
    def coming(self) -> list[Waiting]:
        """The next ones."""
        return self.queue[:NEXT_SHOWN]


def console(session: Session, counter: Counter) -> Console:
    """Return what the officer at `counter` sees now."""
    region = current_region()
    now, day = region.now(), region.today()
    rule = current_rule(session, counter.hall_id)
    here = line.callable_here(Ticket, counter.id, rule, day)
    waiting = line.in_order(select(Ticket).where(here), Ticket, counter.id, rule, day, line.moment(now))
    queue = list(session.scalars(waiting.limit(LINE_SHOWN)))
    current = session.scalar(
        select(Ticket)
        .where(Ticket.counter_id == counter.id, Ticket.state.in_(ACTIVE_STATES))
        .options(undefer(Ticket.phone)),
        execution_options={"populate_existing": True},
    )
    rows = session.execute(
        select(Ticket.service_id, func.count(), func.min(line.began(Ticket)))
        .where(here)
        .group_by(Ticket.service_id)
    ).all()
    held = _today(session, counter, TicketState.ON_HOLD)
    missed = [t for t in _today(session, counter, TicketState.NO_SHOW) if not t.reactivated][:MISSED_SHOWN]
    visit = current.visit_services if current else []
    shown = [*queue, *held, *missed, *([current] if current else [])]
    names = service_names(session, {t.service_id for t in shown} | {row[0] for row in rows} | set(visit))

    def seen(ticket: Ticket, since: dt.datetime, until: dt.datetime | None = None) -> Waiting:
        return Waiting(
            ticket,
            names.get(ticket.service_id, ""),
            _since(since, until or now),
            class_words(ticket.priority_class),
        )

    alerts = open_alerts(session, Limits(counter.hall_id))
    lines = [Line(names.get(service, ""), people, _since(first, now)) for service, people, first in rows]
    return Console(
        counter=counter,
        current=seen(current, current.arrived_at, current.called_at) if current else None,
        phone=mask_phone(current.phone) if current else "",
        stands_in=represented(session, current.id) if current else None,
        why=call_words(session, current) if current else None,
        called_seconds=_since(current.called_at, now) if current else 0,
        serving_seconds=_since(current.serving_at, now) if current and current.serving_at else None,
        queue=[seen(ticket, ticket.arrived_at) for ticket in queue],
        lines=sorted(lines, key=lambda line: -line.longest),
        people=sum(line.people for line in lines),
        last_call=last_call(session, counter.id, day),
        done_today=_done(session, counter, day),
        held=[seen(ticket, ticket.held_at or ticket.arrived_at) for ticket in held],
        missed=[seen(ticket, ticket.ended_at or ticket.arrived_at) for ticket in missed],
        alerts=[alert for alert in alerts if alert.counter_id != counter.id],
        asked=any(alert.counter_id == counter.id for alert in alerts),
        counted=counted_today(session, counter.hall_id),
        further=[names.get(service, "") for service in further(current)] if current else [],
        recalls_left=max(0, rule.recall_max + 1 - current.calls) if current else 0,
        closes_in=_closes_in(session, counter, current, rule, now),
        quick_minutes=rule.quick_minutes if counter.quick else None,
    )


def targets(session: Session, hall: Hall) -> tuple[list[tuple[str, str]], list[Counter]]:
    """Return where somebody may be sent: the services (slug, name) that a hall's counters serve, and who calls."""
    pairs = line.served_pairs(current_rule(session, hall.id)).where(Counter.hall_id == hall.id).subquery()
    rows = session.scalars(
        select(RegionService).where(
            RegionService.enabled, RegionService.service_id.in_(select(pairs.c.service_id))
        )
    )
    services = [(row.service.slug, service_name(row)) for row in rows]
    counters = session.scalars(
        select(Counter)
        .where(Counter.hall_id == hall.id, Counter.retired_at.is_(None), Counter.state == CounterState.OPEN)
        .where(Counter.officer_id.is_not(None))
        .order_by(Counter.number)
    )
    gone = away(session, hall.id, current_region().now())
    there = [counter for counter in counters if counter.id not in gone]
    return sorted(services, key=lambda pair: pair[1].lower()), there


def _today(session: Session, counter: Counter, state: TicketState) -> list[Ticket]:
    """Tickets of the hall in a state, this counter's own first, the newest change first."""
    query = (
        select(Ticket)
        .where(Ticket.hall_id == counter.hall_id, Ticket.local_day == current_region().today())
        .where(Ticket.state == state)
        .options(joinedload(Ticket.counter))
        .order_by(
            (Ticket.counter_id == counter.id).desc(), func.coalesce(Ticket.ended_at, Ticket.held_at).desc()
        )
        .limit(LINE_SHOWN)
    )
    return list(session.scalars(query))


def _done(session: Session, counter: Counter, day: dt.date) -> int:
    query = select(func.count()).select_from(Ticket)
    own = query.where(Ticket.counter_id == counter.id, Ticket.local_day == day)
    return session.scalar(own.where(Ticket.state == TicketState.COMPLETED)) or 0


def _closes_in(
    session: Session, counter: Counter, current: Ticket | None, rule: Rule, now: dt.datetime
) -> int | None:
    return None if current is not None else closes_soon(session, counter, rule, now, MINUTES_WARNED)


def _since(moment: dt.datetime | None, now: dt.datetime) -> int:
    return max(0, int((now - moment).total_seconds())) if moment else 0
