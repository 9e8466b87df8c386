"""A morning as a node in the building would have recorded it: acts with keys, which can be sent again at will."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select

from mpp.database.session import read, write
from tenants.hall.models import QueueRule
from tenants.queueing import service
from tenants.queueing.errors import IllegalMoveError, TooOftenError
from tenants.queueing.exceptions import Raised
from tenants.queueing.leases import Leased
from tenants.queueing.models import NumberLease, QueueCall, Ticket, TicketEvent
from tenants.queueing.policies import Officer
from tenants.queueing.rule import Rule
from tests.queueing.histories import assert_legal
from tests.support.hall import counters_of, more_counters, seat

SERVICE, OTHER = "ktp-el-baru", "kk-baru"
NODE = "simpul-gedung"
PEOPLE = 16


@dataclass(frozen=True)
class Act:
    """What was done: `of` is the key of the call, or of the taking, whose ticket it is about, `priority` its class."""

    kind: str
    key: str
    desk: int = 0
    of: str = ""
    number: int = 0
    priority: str | None = None


@dataclass(frozen=True)
class Place:
    """A hall to which the morning is sent: the block lent to the node, and counters with their officers."""

    lease: NumberLease
    desks: list[tuple[int, Officer]]


def prepare() -> Place:
    """A block of numbers for the node and two counters, in the region at hand."""
    desks = [(counter, seat(counter)) for counter in more_counters(SERVICE, 2)]
    counter = counters_of(SERVICE)[0]
    with write() as session:
        # Acts follow each other faster than people: one may be called again at once.
        values = asdict(replace(Rule(), recall_gap_seconds=0))
        session.add(QueueRule(hall_id=counter.hall_id, reason="uji", **values))
    return Place(service.lease_numbers(counter.hall_id, counter.prefix, PEOPLE, NODE), desks)


def record(place: Place, seed: int) -> list[Act]:
    """Live a morning in a hall, and return what was done in its order."""
    dice, acts = random.Random(seed), Recorder(place)
    at: list[str | None] = [None for _desk in place.desks]
    serving: set[int] = set()
    waiting_numbers = list(range(PEOPLE))
    for _round in range(PEOPLE * 12):
        if waiting_numbers and dice.random() < 0.3:
            acts.take(waiting_numbers.pop(0), dice.choice([None, None, None, "elderly"]))
            continue
        if dice.random() < 0.05:
            acts.cancel(dice)
            continue
        desk = dice.randrange(len(place.desks))
        call = at[desk]
        if call is None:
            at[desk] = acts.call(desk)
            serving.discard(desk)
        elif desk in serving:
            if acts.step(dice.choice(["complete", "transfer", "go_on"]), desk, call):
                at[desk] = None
        else:
            kind = dice.choice(["start", "start", "start", "no_show", "hold", "recall", "reclassify"])
            acts.step(kind, desk, call)
            if kind == "start":
                serving.add(desk)
            if kind in {"start", "recall", "reclassify"}:
                continue
            at[desk] = None
            if dice.random() < 0.7:
                acts.step("reactivate" if kind == "no_show" else "resume", desk, call)
    return acts.done


class Recorder:
    """Does an act and writes it down when it happened."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.done: list[Act] = []
        self.back: set[int] = set()
        self.taken: list[str] = []

    def take(self, step: int, priority: str | None) -> None:
        """Give the next number of the block."""
        act = Act("take", f"ambil-{step:012d}", number=step, priority=priority)
        self._do(act)
        self.taken.append(act.key)

    def cancel(self, dice: random.Random) -> None:
        """Let somebody go who waits or is parked."""
        if self.taken:
            of = dice.choice(self.taken)
            if self._do(Act("cancel", f"batal-{len(self.done):012d}", of=of)) is not None:
                self.taken.remove(of)

    def call(self, desk: int) -> str | None:
        """Call whoever is next; None when nobody waits."""
        act = Act("call", f"panggil-{len(self.done):012d}", desk)
        return act.key if self._do(act) is not None else None

    def step(self, kind: str, desk: int, call: str) -> bool:
        """Go on with the person of a call, if they can; somebody comes back from a missed call once."""
        ticket = _ticket(call)
        if kind == "reactivate" and ticket in self.back:
            return False
        if kind == "reactivate":
            self.back.add(ticket)
        priority = _other_class(ticket) if kind == "reclassify" else None
        return self._do(Act(kind, f"{kind}-{len(self.done):012d}", desk, call, priority=priority)) is not None

    def _do(self, act: Act) -> Ticket | None:
        try:
            ticket = play(self.place, act)
        except (IllegalMoveError, TooOftenError):
            return None
        if ticket is not None:
            self.done.append(act)
        return ticket


def play(place: Place, act: Act) -> Ticket | None:
    """Send one act to the hall at hand."""
    counter, officer = place.desks[act.desk]
    if act.kind == "take":
        lease = place.lease
        came = lease.created_at + dt.timedelta(milliseconds=act.number)
        leased = Leased(lease.id, NODE, lease.first + act.number, came)
        # Every third comes for two services.
        more = [OTHER] if act.number % 3 == 0 else []
        return service.take_ticket(
            SERVICE, "S.A.", None, act.key, "kiosk", priority_class=act.priority, more=more, leased=leased
        )
    if act.kind == "call":
        return service.call_next(counter, officer, act.key)
    moves: dict[str, Callable[[int], Ticket]] = {
        "start": lambda ticket: service.start(ticket, officer, act.key),
        "complete": lambda ticket: service.complete(ticket, officer, act.key, "cukup hari ini"),
        "go_on": lambda ticket: service.go_on(ticket, officer, act.key),
        "recall": lambda ticket: service.recall(ticket, officer, act.key),
        "reclassify": lambda ticket: service.reclassify(
            ticket, officer, act.priority, act.key, category=Raised.SEEN
        ),
        "cancel": lambda ticket: service.leave(_code(ticket), act.key),
        "no_show": lambda ticket: service.no_show(ticket, officer, act.key),
        "hold": lambda ticket: service.hold(ticket, officer, "berkas", act.key),
        "resume": lambda ticket: service.resume(ticket, officer, key=act.key),
        "reactivate": lambda ticket: service.reactivate(ticket, "di toilet", act.key),
        "transfer": lambda ticket: service.transfer(
            ticket, officer, service=_other(ticket), reason="urusan lain", key=act.key
        ),
    }
    return moves[act.kind](_ticket(act.of))


def replay(place: Place, acts: Sequence[Act]) -> None:
    """Send a whole morning, act by act."""
    for act in acts:
        play(place, act)


def state(place: Place) -> dict[str, Any]:
    """Everything that the hall now holds of the morning, in words that two halls share; histories are legal."""
    with read() as session:
        session.rollback()
        session.expire_all()
        tickets = session.scalars(select(Ticket).order_by(Ticket.number)).all()
        events = session.scalars(select(TicketEvent).order_by(TicketEvent.id)).all()
        calls = session.scalars(select(QueueCall.event_id)).all()
        desks = {counter: at for at, (counter, _officer) in enumerate(place.desks)}
        found: dict[str, Any] = {"calls": len(calls)}
        for ticket in tickets:
            own = [event for event in events if event.ticket_id == ticket.id]
            assert_legal(own, ticket)
            place_now = desks.get(ticket.counter_id) if ticket.counter_id else None
            found[str(ticket.number)] = (
                ticket.state, ticket.service.slug, place_now, ticket.calls, ticket.priority_class,
                [(event.kind, event.state, event.event_key) for event in own],
            )  # fmt: skip
    keys = [event.event_key for event in events if event.event_key]
    assert len(keys) == len(set(keys)) == sum(event.kind != "issue" for event in events)
    return found


def _ticket(key: str) -> int:
    with read() as session:
        called = select(TicketEvent.ticket_id).where(TicketEvent.event_key == key)
        return session.scalars(called.union(select(Ticket.id).where(Ticket.idempotency_key == key))).one()


def _code(ticket_id: int) -> str:
    with read() as session:
        return session.get_one(Ticket, ticket_id).code


def _other_class(ticket_id: int) -> str | None:
    """The class to which somebody is corrected: priority or not, whichever they are not."""
    with read() as session:
        now = session.get_one(Ticket, ticket_id, populate_existing=True).priority_class
        return None if now else "disability"


def _other(ticket_id: int) -> str:
    """The service to which somebody is sent; asked again later it is the one to which they went."""
    with read() as session:
        return OTHER if session.get_one(Ticket, ticket_id).service.slug == SERVICE else SERVICE
