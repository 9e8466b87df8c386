"""The numbers that a hall's counters would call next, by the real rule; what the display announces as coming up."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.tenancy.region import current_region
from tenants.hall.models import Counter
from tenants.queueing import line
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.rule import NOBODY, PRIORITY, Horizons, Rule, held_back, order
from tenants.queueing.rules import current_rule


@dataclass(frozen=True, slots=True)
class InLine:
    """Somebody waiting, as far as the rule looks; `only` is the one counter that may call, if there is one."""

    id: int
    label: str
    number: int
    kind: str
    service_id: int
    arrived_at: dt.datetime
    due_at: dt.datetime | None
    queued_at: dt.datetime
    only: int | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """Open counters of one letter that serve the same: they choose in the same order, one after the other."""

    prefix: str
    serves: frozenset[int]
    counters: tuple[int, ...]


def upcoming(session: Session, hall_id: int, counters: Collection[Counter], most: int) -> tuple[str, ...]:
    """Return at most `most` numbers that these counters of a hall would call next, the soonest first. Five reads."""
    region = current_region()
    now, day, rule = region.now(), region.today(), current_rule(session, hall_id)
    rows = session.execute(
        select(
            Ticket.id, Ticket.prefix, Ticket.number, Ticket.priority_class, Ticket.entry, Ticket.service_id,
            Ticket.arrived_at, Ticket.due_at, Ticket.queued_at, Ticket.for_counter_id,
        ).where(Ticket.hall_id == hall_id, Ticket.local_day == day, Ticket.state == TicketState.WAITING)
    ).all()  # fmt: skip
    if not rows or not counters:
        return ()
    people = [
        InLine(
            r.id, f"{r.prefix}-{r.number:03d}", r.number, PRIORITY if r.priority_class else r.entry,
            r.service_id, r.arrived_at, r.due_at, r.queued_at, r.for_counter_id,
        )
        for r in rows
    ]  # fmt: skip
    alike = _alike(session, counters, rule)
    streaks = line.streaks(session, hall_id, rule, day)
    horizons = line.horizons_now(session, hall_id, rule, day, now)
    return tuple(person.label for person in following(people, alike, rule, now, streaks, horizons, most))


def following(  # what the rule looks at, and how many are asked for
    people: Sequence[InLine],
    alike: Sequence[Alike],
    rule: Rule,
    now: dt.datetime,
    streaks: Mapping[str, int],
    horizons: Horizons = NOBODY,
    most: int = 6,
) -> list[InLine]:
    """Return whom the counters would call, each counter once before any of them twice. Pure.

    Which counter is free first is not known: those of one round stand in the order of the rule.
    """
    row = dict(streaks)
    lines = {
        these: order([p for p in people if _callable(p, these)], rule, now, horizons=horizons)
        for these in alike
    }
    found: list[InLine] = []
    taken: set[int] = set()
    while len(found) < most:
        chosen: list[InLine] = []
        for these, ordered in lines.items():
            for _counter in these.counters:
                person = _first(ordered, taken, rule, row.get(these.prefix, 0))
                if person is None:
                    break
                taken.add(person.id)
                chosen.append(person)
                row[these.prefix] = row.get(these.prefix, 0) + 1 if person.kind == PRIORITY else 0
        if not chosen:
            break
        found += order(chosen, rule, now, horizons=horizons)
    return found[:most]


def _callable(person: InLine, these: Alike) -> bool:
    return person.service_id in these.serves and (person.only is None or person.only in these.counters)


def _first(ordered: Sequence[InLine], taken: set[int], rule: Rule, streak: int) -> InLine | None:
    """Who is called of an order made without a streak: who is not held back by it, else the first."""
    left = [person for person in ordered if person.id not in taken]
    return next((person for person in left if not held_back(person, rule, streak)), left[0] if left else None)


def _alike(session: Session, counters: Collection[Counter], rule: Rule) -> list[Alike]:
    pairs = line.served_pairs(rule).subquery()
    here = pairs.c.counter_id.in_([counter.id for counter in counters])
    serves: dict[int, set[int]] = defaultdict(set)
    for counter_id, service_id in session.execute(select(pairs.c.counter_id, pairs.c.service_id).where(here)):
        serves[counter_id].add(service_id)
    groups: dict[tuple[str, frozenset[int]], list[int]] = defaultdict(list)
    for counter in counters:
        if serves[counter.id]:
            groups[counter.prefix, frozenset(serves[counter.id])].append(counter.id)
    return [Alike(prefix, served, tuple(ids)) for (prefix, served), ids in groups.items()]
