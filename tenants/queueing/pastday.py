"""A real day of a hall as the preview replays it: who stood in line from when on, and when counters took people."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from mpp.audit import AuditEntry
from mpp.tenancy.region import current_region
from tenants.catalogue.models import ServiceStandard
from tenants.hall.calendar import DaySchedule
from tenants.hall.hours import schedule_on
from tenants.hall.models import Counter, Hall
from tenants.hall.serving import links
from tenants.queueing import line
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.queueing.rule import Rule
from tenants.services.models import RegionService

# Where neither the day nor the standard says how long a service takes.
UNKNOWN_SECONDS = 720.0
# Stands for how long a visit took that nobody ended, or that never came about.
UNKNOWN = -1.0
# What ends a call: the counter is free again.
ENDS = ("complete", "no_show", "hold", "transfer", "close_day")
# What puts somebody in line again, or straight back to a counter.
BACK = ("resume", "transfer", "reactivate")
OPENS = ("counter.sit", "counter.take_over", "counter.open")
SHUTS = ("counter.pause", "counter.close", "counter.forgotten", "counter.freed", "counter.retire")
Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who stands in line from `queued_at` on and then keeps a counter for so many seconds.

    `until`: they gave up then. `only` may call them until `free_from`; None: any counter. `called_at`: when they
    really were called, None if never.
    """

    id: int
    number: int
    label: str
    kind: str
    service_id: int
    arrived_at: dt.datetime
    due_at: dt.datetime | None
    queued_at: dt.datetime
    seconds: float
    until: dt.datetime | None = None
    only: int | None = None
    free_from: dt.datetime | None = None
    called_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """A counter as it was that day: its letter, what it serves, and from when to when it took people, in order."""

    id: int
    prefix: str
    serves: frozenset[int]
    spans: tuple[Span, ...]

    def from_moment(self, moment: dt.datetime) -> dt.datetime | None:
        """Return when it next takes people, None when not any more."""
        return next((max(moment, starts) for starts, ends in self.spans if ends > moment), None)


@dataclass(slots=True)
class PastDay:
    """What was read of a day; `busy` are the calls by counter, `taken` the times without one (taken back directly)."""

    visits: list[Visit] = field(default_factory=list)
    busy: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    taken: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    called: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


def past_day(session: Session, hall_id: int, day: dt.date) -> PastDay:
    """Return the tickets of a hall's local day: every stretch in line is a visit, called or not."""
    tickets = session.scalars(
        select(Ticket).where(Ticket.hall_id == hall_id, Ticket.local_day == day).order_by(Ticket.id)
    ).all()
    told: dict[int, list[TicketEvent]] = defaultdict(list)
    events = (
        select(TicketEvent)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(Ticket.hall_id == hall_id, Ticket.local_day == day)
        .order_by(TicketEvent.id)
    )
    for event in session.scalars(events):
        told[event.ticket_id].append(event)
    found = PastDay()
    for ticket in tickets:
        _Story(found, ticket, told[ticket.id]).read()
    usual = _usual(session, found.visits)
    found.visits = [
        visit
        if visit.seconds != UNKNOWN
        else replace(visit, seconds=usual.get(visit.service_id, UNKNOWN_SECONDS))
        for visit in found.visits
    ]
    return found


def desks_of(session: Session, hall: Hall, day: dt.date, rule: Rule, past: PastDay) -> list[Desk]:
    """Return the counters that took people on a day; with `rule` for what the quick ones may call."""
    serves = _by_counter(session, line.served_pairs(rule).where(Counter.hall_id == hall.id))
    linked = _by_counter(session, links().where(Counter.hall_id == hall.id))
    schedule = schedule_on(session, hall, day)
    found = []
    for counter in session.scalars(select(Counter).where(Counter.hall_id == hall.id).order_by(Counter.id)):
        spans = _open(session, counter, day, schedule, past.busy[counter.id])
        # What it called that day and no longer has, or not since it was retired.
        former = past.called[counter.id] - linked[counter.id]
        if spans:
            own = frozenset(serves[counter.id] | former)
            found.append(Desk(counter.id, counter.prefix, own, _without(spans, past.taken[counter.id])))
    return found


class _Story:
    """One ticket's history, read event by event; `since` when it stands in its present line, None: in none."""

    def __init__(self, found: PastDay, ticket: Ticket, events: Sequence[TicketEvent]) -> None:
        self.found, self.ticket, self.events = found, ticket, events
        first = (event.data["from_service"] for event in events if "from_service" in event.data)
        self.service: int = next(first, ticket.service_id)
        self.since: dt.datetime | None = ticket.arrived_at
        self.only: int | None = None
        self.free_from: dt.datetime | None = None

    def read(self) -> None:
        for place, event in enumerate(self.events):
            ends = next((later for later in self.events[place + 1 :] if later.kind in ENDS), None)
            # Nobody ended it: how long it took is not known.
            end = _at(ends) if ends is not None and ends.kind != "close_day" else None
            if event.kind == "call":
                self._called(event, end)
            elif event.kind in BACK:
                self._back(event, end)
            elif event.kind in {"cancel", "close_day"}:
                self._stand(self.ticket.kind, until=_at(event) if event.kind == "cancel" else None)
        self._stand(self.ticket.kind)

    def _called(self, event: TicketEvent, end: dt.datetime | None) -> None:
        at = _at(event)
        seconds = UNKNOWN if end is None else max(0.0, (end - at).total_seconds())
        if event.counter_id is not None:
            self.found.called[event.counter_id].add(self.service)
            self.found.busy[event.counter_id].append((at, max(at, end or at)))
        kind = event.data.get("rule", {}).get("kind") or self.ticket.kind
        self._stand(kind, seconds, called_at=at)

    def _back(self, event: TicketEvent, end: dt.datetime | None) -> None:
        if event.state != TicketState.WAITING:
            # Straight back to a counter, without a call.
            if event.counter_id is not None and end is not None:
                self.found.taken[event.counter_id].append((event.at, end))
        elif event.kind == "transfer" and "from_service" not in event.data:
            # The counter that they were sent to has closed; they stood in line all the time.
            self.free_from = event.at
        else:
            self.since, self.only, self.free_from = event.at, event.data.get("to_counter"), None
            self.service = event.data.get("to_service", self.service)

    def _stand(
        self,
        kind: str,
        seconds: float = UNKNOWN,
        *,
        called_at: dt.datetime | None = None,
        until: dt.datetime | None = None,
    ) -> None:
        """End a stretch in line, if there is one."""
        if self.since is None:
            return
        ticket = self.ticket
        self.found.visits.append(
            Visit(
                len(self.found.visits), ticket.number, ticket.label, str(kind), self.service, ticket.arrived_at,
                ticket.due_at, self.since, seconds, until, self.only, self.free_from, called_at,
            )
        )  # fmt: skip
        self.since = self.only = self.free_from = None


def _at(event: TicketEvent) -> dt.datetime:
    """When it happened; what was typed back from paper says so itself."""
    written = event.data.get("at") if "paper" in event.data else None
    return dt.datetime.fromisoformat(written) if written else event.at


def _usual(session: Session, visits: Iterable[Visit]) -> dict[int, float]:
    """Seconds of a visit by service: the middle of the day's own, else the stated minutes."""
    stated = session.execute(
        select(RegionService.service_id, ServiceStandard.service_minutes).join(
            ServiceStandard, ServiceStandard.id == RegionService.standard_id
        )
    )
    usual = {service: minutes * 60.0 for service, minutes in stated if minutes}
    own: dict[int, list[float]] = defaultdict(list)
    for visit in visits:
        if visit.seconds != UNKNOWN:
            own[visit.service_id].append(visit.seconds)
    return usual | {service: median(seconds) for service, seconds in own.items()}


def _open(
    session: Session, counter: Counter, day: dt.date, schedule: DaySchedule | None, busy: Sequence[Span]
) -> list[Span]:
    """From when to when a counter took people, by the log of its acts; without one, from its first call to its last.

    The hall's break is left out, a call that was made all the same is not.
    """
    region = current_region()
    starts = dt.datetime.combine(day, dt.time.min, tzinfo=region.zone)
    acts = session.execute(
        select(AuditEntry.action, AuditEntry.at)
        .where(AuditEntry.subject == f"counter:{counter.id}", AuditEntry.action.in_((*OPENS, *SHUTS)))
        .where(AuditEntry.at >= starts, AuditEntry.at < starts + dt.timedelta(days=1))
        .order_by(AuditEntry.id)
    ).all()
    last = max((ends for _at, ends in busy), default=starts)
    spans: list[Span] = []
    opened = min((at for at, _ends in busy), default=None) if not acts or acts[0][0] in SHUTS else None
    for action, at in acts:
        if action in OPENS:
            opened = opened or at
        elif opened is not None:
            spans.append((opened, max(opened, at)))
            opened = None
    if opened is not None:
        closes = dt.datetime.combine(day, schedule.closes, tzinfo=region.zone) if schedule and acts else last
        spans.append((opened, min(region.now(), max(closes, last))))
    if schedule and schedule.break_starts and schedule.break_ends:
        rest = (schedule.break_starts, schedule.break_ends)
        ends = [dt.datetime.combine(day, time, tzinfo=region.zone) for time in rest]
        spans = list(_without(spans, [(ends[0], ends[1])]))
    outside = [(at, end) for at, end in busy if not any(s <= at < e for s, e in spans)]
    # A call that took no time at all was a call.
    return _joined([*spans, *((at, max(end, at + dt.timedelta(seconds=1))) for at, end in outside)])


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for starts, ends in sorted(spans):
        if found and starts <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((starts, ends))
    return found


def _without(spans: Sequence[Span], cut: Collection[Span]) -> tuple[Span, ...]:
    """The spans without some times."""
    left = list(spans)
    for begins, ends in cut:
        left = [
            part
            for starts, stops in left
            for part in ((starts, min(stops, begins)), (max(starts, ends), stops))
            if part[0] < part[1]
        ]
    return tuple(sorted(left))


def _by_counter(session: Session, pairs: Select[int, int]) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for counter_id, service_id in session.execute(pairs):
        found[counter_id].add(service_id)
    return found
