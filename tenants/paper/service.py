"""Lending a block of numbers to sheets of paper, and typing back what was given out and done on them."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.database.session import read
from mpp.i18n import clock
from mpp.tenancy.region import current_region
from tenants.hall.models import Counter
from tenants.paper.errors import LineError
from tenants.queueing.errors import FormReusedError, LeaseError
from tenants.queueing.history import note
from tenants.queueing.leases import Leased, lease_numbers
from tenants.queueing.models import NumberLease, Ticket, TicketState
from tenants.queueing.policies import NO_NAME
from tenants.queueing.taking import take_ticket

# The device of every sheet: a block stands on paper, whoever carries it.
PAPER = "lembar kertas"
LEAST, MOST = 5, 60
# A button pressed twice makes no second block.
TWICE = dt.timedelta(seconds=10)
# Clocks on walls and wrists differ; more than this before the printing is a slip of the pen.
SLACK = dt.timedelta(minutes=15)


class Outcome(enum.StrEnum):
    """What became of somebody while there was only paper."""

    SERVED = "served"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


# The rows of history that each outcome stands for, in order, and the state after each.
STEPS: dict[Outcome, tuple[tuple[str, TicketState], ...]] = {
    Outcome.SERVED: (
        ("call", TicketState.CALLED),
        ("start", TicketState.SERVING),
        ("complete", TicketState.COMPLETED),
    ),
    Outcome.NO_SHOW: (("call", TicketState.CALLED), ("no_show", TicketState.NO_SHOW)),
    Outcome.CANCELLED: (("cancel", TicketState.CANCELLED),),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One number as it stands on the sheet. Times are the region's, on the day of the block; None: not written."""

    number: int
    service: str
    came: dt.time
    holder: str = ""
    priority_class: str | None = None
    # None: still waiting; the number joins the line by its time of arrival.
    outcome: Outcome | None = None
    counter_id: int | None = None
    began: dt.time | None = None
    ended: dt.time | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """The ticket of a number. `new` False: somebody had typed it before, and that stands."""

    ticket: Ticket
    new: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """The sheet of a line: of which hall and day, its numbers, how histories name it, and when it was printed (aware).

    `printed_at` None: it lay in a drawer, so people may have come at any hour of that day.
    """

    hall_id: int
    day: dt.date
    numbers: range
    mark: int | str
    printed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Moments:
    """When somebody came, was called, and had done (aware); None: not written."""

    came: dt.datetime
    began: dt.datetime | None
    ended: dt.datetime | None


def lend_block(hall_id: int, prefix: str, count: int) -> NumberLease:
    """Lend today's next `count` numbers of a letter to paper; pressed twice it is one block. Raises LeaseError."""
    if not LEAST <= count <= MOST:
        raise LeaseError(f"Satu lembar berisi {LEAST} sampai {MOST} nomor.")
    with read() as session:
        known = session.scalar(
            select(NumberLease)
            .where(NumberLease.hall_id == hall_id, NumberLease.prefix == prefix, NumberLease.device == PAPER)
            .where(NumberLease.last - NumberLease.first + 1 == count)
            .where(NumberLease.created_at > func.now() - TWICE)
            .limit(1)
        )
    return known or lease_numbers(hall_id, prefix, count, PAPER)


def key_of(lease_id: int, number: int) -> str:
    """Return the key of a number on paper: whoever types it, and however often, it is one ticket."""
    return f"kertas-{lease_id:08d}-{number:04d}"


def enter(lease_id: int, line: Line) -> Entered:
    """Make the ticket of a number given on paper, with what became of it, once.

    Raises LineError, LeaseError, BadHolderError, NotFoundError, NotOfferedError; then nothing was stored.
    """
    with read() as session:
        lease = session.get(NumberLease, lease_id)
        if lease is None or lease.device != PAPER:
            raise LeaseError("Blok nomor kertas ini tidak ada.")
    numbers = range(lease.first, lease.last + 1)
    origin = Origin(lease.hall_id, lease.local_day, numbers, lease.id, lease.created_at)
    return enter_line(
        origin, line, key_of(lease_id, line.number),
        lambda came: {"leased": Leased(lease_id, PAPER, line.number, came)},
    )  # fmt: skip


def enter_line(
    origin: Origin, line: Line, key: str, paper: Callable[[dt.datetime], dict[str, Any]]
) -> Entered:
    """Make the ticket of a line of a sheet, with what became of it, once for its `key`.

    `paper` gives what `take_ticket` is told of the paper, from the moment of arrival. Raises what `enter` raises.
    """
    with read() as session:
        known = _ticket(session, key)
        if known is not None:
            return Entered(known, new=False)
        counters = set(session.scalars(select(Counter.id).where(Counter.hall_id == origin.hall_id)))
    moments = _checked(origin, line, counters)
    made: list[int] = []

    def then(session: Session, ticket: Ticket) -> None:
        _done(session, origin, ticket, line, moments)
        made.append(ticket.id)

    try:
        ticket = take_ticket(
            line.service, line.holder.strip() or NO_NAME, None, key, "paper",
            priority_class=line.priority_class, hall_id=origin.hall_id, then=then, **paper(moments.came),
        )  # fmt: skip
    except FormReusedError:
        # A second typist was faster by a hair, with another service.
        with read() as session:
            known = _ticket(session, key)
        if known is None:
            raise
        return Entered(known, new=False)
    return Entered(ticket, new=bool(made))


def _ticket(session: Session, key: str) -> Ticket | None:
    return session.scalar(
        select(Ticket).where(Ticket.idempotency_key == key), execution_options={"populate_existing": True}
    )


def _done(session: Session, origin: Origin, ticket: Ticket, line: Line, moments: Moments) -> None:
    """Write what happened on paper: no state in between is ever seen, so no counter calls the number meanwhile."""
    told = {"number": ticket.label, "outcome": line.outcome}
    audit.record(session, action="paper.enter", subject=f"hall:{origin.hall_id}", data=told)
    if line.outcome is None:
        return
    began = max(moments.began, ticket.arrived_at) if moments.began else None
    ended = max(moments.ended, began or ticket.arrived_at) if moments.ended else None
    at = {"call": began, "start": began, "cancel": ended}
    ticket.counter_id = line.counter_id
    for kind, state in STEPS[line.outcome]:
        ticket.state = state
        when = at.get(kind, ended)
        data = {"paper": origin.mark, "at": when.isoformat() if when else None}
        note(session, ticket, kind, data=data, key=f"{ticket.idempotency_key}-{kind}")
    if began is not None:
        ticket.called_at, ticket.calls = began, 1
        ticket.serving_at = began if line.outcome is Outcome.SERVED else None
    # Without a time of its own the end is the typing; durations count only where the call has a time too.
    ticket.ended_at = ended or (began if line.outcome is Outcome.NO_SHOW else None) or func.clock_timestamp()
    session.flush()
    session.refresh(ticket)


def _checked(origin: Origin, line: Line, counters: Collection[int]) -> Moments:
    """Return the moments of a line, or raise what can't be true of it."""
    if line.number not in origin.numbers:
        raise LineError("Nomor ini bukan dari lembar ini.", "number")
    if line.outcome is None and origin.day < current_region().today():
        raise LineError("Harinya sudah lewat. Pilih hasilnya.", "outcome")
    if line.counter_id is not None and line.counter_id not in counters:
        raise LineError("Loket ini tidak ada di gedung ini.", "counter")
    came = _moment(origin, line.came, "came")
    if origin.printed_at and came < origin.printed_at - SLACK:
        raise LineError(f"Lembar ini baru dicetak {clock(origin.printed_at)}.", "came")
    began = _moment(origin, line.began, "began") if line.began else None
    ended = _moment(origin, line.ended, "ended") if line.ended else None
    if line.outcome is None and (began or ended or line.counter_id):
        raise LineError("Pilih hasilnya, atau kosongkan loket dan jamnya.", "outcome")
    if line.outcome is Outcome.SERVED and began and not ended:
        raise LineError("Isi juga jam selesai, atau kosongkan jam mulai.", "ended")
    if began and began < came:
        raise LineError("Jam mulai lebih awal daripada jam datang.", "began")
    if ended and ended < (began or came):
        raise LineError("Jam selesai lebih awal daripada jam sebelumnya.", "ended")
    return Moments(came, began, ended)


def _moment(origin: Origin, time: dt.time, field: str) -> dt.datetime:
    moment = dt.datetime.combine(origin.day, time, tzinfo=current_region().zone)
    if moment > current_region().now():
        raise LineError(f"Jam {clock(time, zone=False)} belum tiba. Periksa jamnya.", field)
    return moment
