"""How long people kept counters on recent days and on this one, as samples for the simulation."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mpp.tenancy.region import current_region
from tenants.catalogue.models import ServiceStandard
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.services.models import RegionService
from tenants.waiting.durations import LONGEST_GAP, Samples

# Recent days say how long a service takes; older ones tell of other officers and other rules.
DAYS = 21
MOST_CALLS = 1500
MOST_SAMPLES = 60
MOST_ABSENT = 200
MOST_GAPS = 300
ENDED = (TicketState.COMPLETED, TicketState.NO_SHOW)
# Nobody walks to a counter for longer.
LONGEST_WALK = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is over: for whom, at which counter, from when to when (aware)."""

    service: int
    counter: int | None
    came: dt.datetime
    called: dt.datetime
    ended: dt.datetime
    absent: bool

    @property
    def seconds(self) -> float:
        """From the call to the end."""
        return max(0.0, (self.ended - self.called).total_seconds())


def kept_from(called: dt.datetime, serving: dt.datetime | None) -> dt.datetime:
    """Return since when a call has kept its counter: who was parked meanwhile left it free for others."""
    return called if serving is None else max(called, serving - LONGEST_WALK)


def past_days(session: Session, hall_id: int) -> Samples:
    """Return what earlier days say about a hall's services; `today` stays empty.

    A visit that the end of the day had to close says nothing of its length: somebody forgot to press "Selesai".
    """
    today = current_region().today()
    forgotten = exists().where(TicketEvent.ticket_id == Ticket.id, TicketEvent.kind == "close_day")
    tickets = session.execute(
        select(
            Ticket.service_id, Ticket.counter_id, Ticket.arrived_at, Ticket.called_at, Ticket.serving_at,
            Ticket.ended_at, Ticket.state == TicketState.NO_SHOW,
        )
        .where(Ticket.hall_id == hall_id, Ticket.local_day < today)
        .where(Ticket.local_day >= today - dt.timedelta(days=DAYS), Ticket.state.in_(ENDED))
        .where(Ticket.called_at.is_not(None), Ticket.ended_at.is_not(None), ~forgotten)
        .order_by(Ticket.local_day.desc(), Ticket.called_at.desc())
        .limit(MOST_CALLS)
    )  # fmt: skip
    calls = [
        Call(service, counter, came, kept_from(called, serving), ended, absent)
        for service, counter, came, called, serving, ended, absent in tickets
        if called is not None and ended is not None
    ]
    minutes = session.execute(
        select(RegionService.service_id, ServiceStandard.service_minutes).join(
            ServiceStandard, ServiceStandard.id == RegionService.standard_id
        )
    )
    served, absent_seconds = _taken(calls)
    return Samples(
        served={service: found[:MOST_SAMPLES] for service, found in served.items()},
        national_minutes={row[0]: row[1] for row in minutes},
        called=len(calls),
        absent=len(absent_seconds),
        absent_seconds=absent_seconds[:MOST_ABSENT],
        gaps=_gaps(calls)[:MOST_GAPS],
    )


def with_today(past: Samples, calls: Sequence[Call]) -> Samples:
    """Return the samples of past days with today's calls of the same hall."""
    served, absent = _taken(calls)
    return replace(
        past,
        today=served,
        called=past.called + len(calls),
        absent=past.absent + len(absent),
        absent_seconds=[*absent, *past.absent_seconds][:MOST_ABSENT],
        gaps=[*_gaps(calls), *past.gaps][:MOST_GAPS],
    )


def _taken(calls: Sequence[Call]) -> tuple[dict[int, list[float]], list[float]]:
    """Seconds of those who came, by service, and of those who did not."""
    served: dict[int, list[float]] = defaultdict(list)
    absent = []
    for call in calls:
        if call.absent:
            absent.append(call.seconds)
        else:
            served[call.service].append(call.seconds)
    return served, absent


def _gaps(calls: Sequence[Call]) -> list[float]:
    """Seconds from an end to the next call at the same counter, where the next person was waiting already."""
    by_counter: dict[int | None, list[Call]] = defaultdict(list)
    for call in calls:
        by_counter[call.counter].append(call)
    gaps = []
    for own in by_counter.values():
        own.sort(key=lambda call: call.called)
        for before, after in pairwise(own):
            gap = (after.called - before.ended).total_seconds()
            # A longer one is a pause, a break or a night.
            if after.came <= before.ended and 0 <= gap <= LONGEST_GAP:
                gaps.append(gap)
    return gaps
