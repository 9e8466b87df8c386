"""What a call decided between two people: the inputs of the rule that the call stored, and each as they stood then.

A call keeps no list of those it passed over: whoever waited, early or late, one or three hundred, gets the reason that
decided about them, reckoned by the rule itself from their ticket and its history.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.queueing.models import Entry, Ticket, TicketEvent, TicketState
from tenants.queueing.rule import Horizons, Rule, Why, decided, order

# The values of the rule that say who goes first.
TERMS = ("target_priority", "target_booked", "target_walk_in", "max_priority_streak", "max_overtake")


def inputs(
    rule: Rule, now: dt.datetime, streak: int, lines: Mapping[int, dt.datetime | None]
) -> dict[str, Any]:
    """Return what a call stores: the rule's values, its moment, the streak before it, services with their horizons."""
    return {
        **{name: getattr(rule, name) for name in TERMS},
        "now": now.isoformat(),
        "streak": streak,
        "lines": {str(service): late and late.isoformat() for service, late in lines.items()},
    }


@dataclass(frozen=True, slots=True)
class Stood:
    """Somebody in line as they stood at one moment; a Standing of the rule."""

    id: int
    number: int
    kind: str
    arrived_at: dt.datetime
    due_at: dt.datetime | None
    queued_at: dt.datetime
    service_id: int
    # The only counter that may call them, None for any that serves them.
    for_counter_id: int | None
    state: str
    # The correction by which an officer had made them a priority person, if one had.
    raised: TicketEvent | None
    # What they are without a priority class: booked or walk-in.
    plain: str

    def unraised(self) -> Stood:
        """Return them as they would have stood without the officer's correction."""
        return replace(self, kind=self.plain)


@dataclass(frozen=True, slots=True)
class Decision:
    """The inputs with which a counter chose."""

    rule: Rule
    now: dt.datetime
    streak: int
    horizons: Horizons
    services: frozenset[int]
    counter_id: int | None

    def could_call(self, person: Stood) -> bool:
        """Whether the counter could have called somebody who waited."""
        return person.service_id in self.services and person.for_counter_id in {None, self.counter_id}

    def earlier(self, person: Stood, other: Stood) -> bool:
        """Whether the rule calls a person before another."""
        return order([person, other], self.rule, self.now, self.streak, self.horizons)[0] is person

    def why(self, first: Stood, second: Stood) -> Why:
        """Return what puts the first before the second."""
        return decided(first, second, self.rule, self.now, self.streak, self.horizons)


def decision_of(call: TicketEvent) -> Decision | None:
    """Return the inputs of a call, None for one that stored none."""
    kept = call.data.get("rule", {})
    if "lines" not in kept:
        return None
    return Decision(
        rule=Rule(**{name: kept[name] for name in TERMS}),
        now=dt.datetime.fromisoformat(kept["now"]),
        streak=kept["streak"],
        horizons={int(key): dt.datetime.fromisoformat(late) for key, late in kept["lines"].items() if late},
        services=frozenset(int(key) for key in kept["lines"]),
        counter_id=call.counter_id,
    )


def stood(session: Session, ticket: Ticket, call: TicketEvent | None = None) -> Stood | None:
    """Return a ticket as it stood just before a call, or as it stands now; None when it had not been taken yet.

    Each change is a row that says what was before it: what came after the call is undone.
    """
    rows = session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    ).all()
    before = [event for event in rows if call is None or event.id < call.id]
    after = rows[len(before) :]
    if not before:
        return None
    priority_class = _undone(after, "reclassify", "from", ticket.priority_class)
    plain = Entry.BOOKED if ticket.entry == Entry.BOOKED else Entry.WALK_IN
    return Stood(
        id=ticket.id,
        number=ticket.number,
        kind=Entry.PRIORITY if priority_class else plain,
        arrived_at=ticket.arrived_at,
        due_at=ticket.due_at,
        queued_at=_queued(ticket, before, after),
        service_id=_undone(after, "transfer", "from_service", ticket.service_id),
        for_counter_id=_sent_to(before),
        state=before[-1].state,
        raised=_raised(before),
        plain=plain,
    )


def _undone(after: Sequence[TicketEvent], kind: str, field: str, present: Any) -> Any:
    """What a value was before the first of the later changes of it."""
    return next((event.data[field] for event in after if event.kind == kind and field in event.data), present)


def _queued(ticket: Ticket, before: Sequence[TicketEvent], after: Sequence[TicketEvent]) -> dt.datetime:
    """Since when they stood in that line."""
    if not any(_joined(event) for event in after):
        return ticket.queued_at
    return next((event.at for event in reversed(before) if _joined(event)), ticket.arrived_at)


def _joined(event: TicketEvent) -> bool:
    """Whether a change put somebody into a line anew; being let go by a closing counter does not."""
    moved = event.kind in {"resume", "reactivate"} or "from_service" in event.data
    return moved and event.state == TicketState.WAITING


def _sent_to(before: Sequence[TicketEvent]) -> int | None:
    """The counter to which they had been sent."""
    for event in reversed(before):
        if "to_counter" in event.data:
            sent: int | None = event.data["to_counter"]
            return sent
        if _joined(event):
            return None
    return None


def _raised(before: Sequence[TicketEvent]) -> TicketEvent | None:
    corrected = [event for event in before if event.kind == "reclassify"]
    for event in reversed(corrected):
        if event.data.get("raised"):
            return event
        if event.data["to"] is None:
            return None
    return None
