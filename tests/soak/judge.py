"""The verdict: the clients' ledger against the database, line by line."""

from __future__ import annotations

import re
import time
from collections import Counter as Tally
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp.accounts.models import Staff
from mpp.audit import AuditEntry
from mpp.database.session import read
from mpp.outbox import OutboxEntry
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing.models import ACTIVE_STATES, Ticket, TicketEvent
from tests.queueing.histories import assert_legal
from tests.soak.kept import PREFIX
from tests.soak.ledger import Ledger
from tests.support.hall import at

SECONDS_FOR_JOBS = 120


@dataclass
class Verdict:
    """What was found; every list should be empty."""

    tickets: int = 0
    calls: int = 0
    events: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    illegal: list[str] = field(default_factory=list)
    open_jobs: list[str] = field(default_factory=list)
    job_seconds: list[float] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled or left."""
        return not (self.lost or self.doubled or self.illegal or self.open_jobs)


def judge(app: Platform, regions: list[Region], ledger: Ledger, logs: Path) -> Verdict:
    """Compare everything, once the platform is calm."""
    verdict = Verdict()
    for region in regions:
        with at(app, region):
            _jobs(region.slug, verdict)
        with at(app, region), read() as session:
            tickets = list(session.scalars(select(Ticket).where(Ticket.prefix != PREFIX).order_by(Ticket.id)))
            events = list(session.scalars(select(TicketEvent).order_by(TicketEvent.id)))
            _numbers(region.slug, tickets, ledger, verdict)
            _acts(region.slug, events, ledger, verdict)
            _histories(region.slug, tickets, events, verdict)
            _seats(region.slug, session, ledger, verdict)
        verdict.tickets += len(tickets)
        verdict.events += len(events)
        verdict.calls += sum(event.kind == "call" for event in events)
    verdict.crashes = _crashes(logs)
    return verdict


def _numbers(slug: str, tickets: list[Ticket], ledger: Ledger, verdict: Verdict) -> None:
    """Every number that was given stands there under the same name, and no other does."""
    by_code = {ticket.code: ticket for ticket in tickets}
    given = [line for line in ledger.tickets if line.slug == slug]
    for line in given:
        found = by_code.get(line.code)
        if found is None or found.label != line.label or found.idempotency_key != line.key:
            verdict.lost.append(f"{slug} {line.label} {line.code}")
    for code, times in Tally(line.code for line in given).items():
        if times > 1:
            verdict.doubled.append(f"{slug} {code} given to {times} people")
    known = {line.key for line in given}
    verdict.doubled += [
        f"{slug} {t.label}: nobody holds it" for t in tickets if t.idempotency_key not in known
    ]
    series: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for ticket in tickets:
        series[ticket.hall_id, ticket.local_day, ticket.prefix].append(ticket.number)
    for name, numbers in series.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
            verdict.doubled += [
                f"{slug} {name}: {n} twice" for n, times in Tally(numbers).items() if times > 1
            ]
            verdict.lost += [f"{slug} {name}: no {n}" for n in missing]


def _acts(slug: str, events: list[TicketEvent], ledger: Ledger, verdict: Verdict) -> None:
    """Every press that was answered happened once, and nothing happened that nobody pressed."""
    by_key = {event.event_key: event for event in events if event.event_key}
    pressed = {act.key: act.kind for act in ledger.acts if act.slug == slug}
    for key, kind in pressed.items():
        event = by_key.get(key)
        if event is None or event.kind != kind:
            verdict.lost.append(f"{slug} {kind} {key}")
    for event in events:
        if event.kind == "call" and event.event_key not in pressed and event.event_key not in ledger.empty:
            verdict.doubled.append(f"{slug} call of ticket {event.ticket_id}: nobody pressed")


def _seats(slug: str, session: Session, ledger: Ledger, verdict: Verdict) -> None:
    """Every take-over that was answered stands in the audit log, and no other does."""
    who = dict(session.execute(select(Staff.id, Staff.email)).all())
    rows = session.execute(
        select(AuditEntry.actor_id, AuditEntry.subject, AuditEntry.action).where(
            AuditEntry.action.in_(("counter.sit", "counter.take_over"))
        )
    ).all()
    told = [(slug, who.get(row[0] or 0, ""), int(row[1].partition(":")[2]), row[2]) for row in rows]
    # Where nobody sat any more it is a plain sitting down.
    found = Tally(line[:3] for line in told)
    verdict.lost += [
        f"{slug} seat {line}"
        for line, times in ledger.seats.items()
        if line[0] == slug and found[line] < times
    ]
    verdict.doubled += [
        f"{slug} seat {line}: nobody pressed"
        for line in told
        if line[3] == "counter.take_over" and line[:3] not in ledger.asked_seats
    ]


def _histories(slug: str, tickets: list[Ticket], events: list[TicketEvent], verdict: Verdict) -> None:
    histories: dict[int, list[TicketEvent]] = defaultdict(list)
    for event in events:
        histories[event.ticket_id].append(event)
    for ticket in tickets:
        try:
            assert_legal(histories[ticket.id], ticket)
        except AssertionError as error:
            verdict.illegal.append(f"{slug} {ticket.label}: {error}")
    active = Tally(ticket.counter_id for ticket in tickets if ticket.state in ACTIVE_STATES)
    verdict.illegal += [f"{slug} counter {c}: {n} people at once" for c, n in active.items() if n > 1]
    # Between two calls of a counter, the first person has left it.
    here: dict[int, int | None] = {}
    for event in events:
        if event.counter_id and event.kind in {"call", "complete", "no_show", "hold", "transfer"}:
            if event.kind == "call" and here.get(event.counter_id) not in {None, event.ticket_id}:
                verdict.illegal.append(f"{slug} counter {event.counter_id} called over a person")
            here[event.counter_id] = event.ticket_id if event.kind == "call" else None


def _jobs(slug: str, verdict: Verdict) -> None:
    """Wait until every row of the outbox is done; the clock's newest may come at any moment."""
    until = time.monotonic() + SECONDS_FOR_JOBS
    while True:
        with read() as session:
            fresh = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, 5)
            query = select(OutboxEntry).where(OutboxEntry.done_at.is_(None), OutboxEntry.created_at < fresh)
            left = list(session.scalars(query, execution_options={"populate_existing": True}))
            session.rollback()
        if not left or time.monotonic() > until:
            break
        time.sleep(1)
    with read() as session:
        waited = OutboxEntry.done_at - func.greatest(OutboxEntry.created_at, OutboxEntry.not_before)
        done = session.scalars(select(func.extract("epoch", waited)).where(OutboxEntry.done_at.is_not(None)))
        verdict.job_seconds += [float(seconds) for seconds in done]
    verdict.open_jobs += [f"{slug} {row.kind} {row.id}: {row.attempts} tries, {row.error}" for row in left]


def _crashes(logs: Path) -> list[str]:
    """The last line of each traceback that a process of ours wrote; PostgreSQL going away must be none."""
    found: Tally[str] = Tally()
    for log in logs.glob("*.log*"):
        for part in log.read_text("utf-8", "replace").split("Traceback (most recent call last):")[1:]:
            ends = [
                line
                for line in part.splitlines()
                if re.match(r"[A-Za-z_.]+(Error|Exception|Exit|Timeout)\b", line)
            ]
            found[f"{log.name}: {(ends or ['?'])[-1][:160]}"] += 1
    return [f"{times} x {what}" for what, times in found.most_common()]
