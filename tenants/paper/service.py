"""Lending a block of numbers to sheets of paper, and typing back what was given out and done on them."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

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
from tenants.queueing.taking import take_ticket

# The device of every sheet: a block stands on paper, whoever carries it.
PAPER = "lembar kertas"
LEAST, MOST = 5, 60
# A button pressed twice makes no second block.
TWICE = dt.timedelta(seconds=10)
# Clocks on walls and wrists differ; more than this before the printing is a slip of the pen.
SLACK = dt.timedelta(minutes=15)
NO_NAME = "Tanpa nama"


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
class _Moments:
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
    key = key_of(lease_id, line.number)
    with read() as session:
        lease = session.get(NumberLease, lease_id)
        if lease is None or lease.device != PAPER:
            raise LeaseError("Blok nomor kertas ini tidak ada.")
        known = _ticket(session, key)
        if known is not None:
            return Entered(known, new=False)
        moments = _checked(session, lease, line)
    made: list[int] = []

    def then(session: Session, ticket: Ticket) -> None:
        _done(session, lease, ticket, line, moments)
        made.append(ticket.id)

    leased = Leased(lease_id, PAPER, line.number, moments.came)
    try:
        ticket = take_ticket(
            line.service, line.holder.strip() or NO_NAME, None, key, "paper",
            priority_class=line.priority_class, leased=leased, then=then,
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


def _done(session: Session, lease: NumberLease, ticket: Ticket, line: Line, moments: _Moments) -> None:
    """Write what happened on paper: no state in between is ever seen, so no counter calls the number meanwhile."""
    told = {"number": ticket.label, "outcome": line.outcome}
    audit.record(session, action="paper.enter", subject=f"hall:{lease.hall_id}", data=told)
    if line.outcome is None:
        return
    began = max(moments.began, ticket.arrived_at) if moments.began else None
    ended = max(moments.ended, began or ticket.arrived_at) if moments.ended else None
    at = {"call": began, "start": began, "cancel": ended}
    ticket.counter_id = line.counter_id
    for kind, state in STEPS[line.outcome]:
        ticket.state = state
        when = at.get(kind, ended)
        data = {"paper": lease.id, "at": when.isoformat() if when else None}
        note(session, ticket, kind, data=data, key=f"{ticket.idempotency_key}-{kind}")
    if began is not None:
        ticket.called_at, ticket.calls = began, 1
        ticket.serving_at = began if line.outcome is Outcome.SERVED else None
    # Without a time of its own the end is the typing; durations count only where the call has a time too.
    ticket.ended_at = ended or (began if line.outcome is Outcome.NO_SHOW else None) or func.clock_timestamp()
    session.flush()
    session.refresh(ticket)


def _checked(session: Session, lease: NumberLease, line: Line) -> _Moments:
    """Return the moments of a line, or raise what can't be true of it."""
    if not lease.first <= line.number <= lease.last:
        raise LineError("Nomor ini bukan dari lembar ini.", "number")
    if line.outcome is None and lease.local_day < current_region().today():
        raise LineError("Harinya sudah lewat. Pilih hasilnya.", "outcome")
    if line.counter_id is not None:
        counter = session.get(Counter, line.counter_id)
        if counter is None or counter.hall_id != lease.hall_id:
            raise LineError("Loket ini tidak ada di gedung ini.", "counter")
    came = _moment(lease, line.came, "came")
    if came < lease.created_at - SLACK:
        raise LineError(f"Lembar ini baru dicetak {clock(lease.created_at)}.", "came")
    began = _moment(lease, line.began, "began") if line.began else None
    ended = _moment(lease, line.ended, "ended") if line.ended else None
    if line.outcome is None and (began or ended or line.counter_id):
        raise LineError("Pilih hasilnya, atau kosongkan loket dan jamnya.", "outcome")
    if line.outcome is Outcome.SERVED and began and not ended:
        raise LineError("Isi juga jam selesai, atau kosongkan jam mulai.", "ended")
    if began and began < came:
        raise LineError("Jam mulai lebih awal daripada jam datang.", "began")
    if ended and ended < (began or came):
        raise LineError("Jam selesai lebih awal daripada jam sebelumnya.", "ended")
    return _Moments(came, began, ended)


def _moment(lease: NumberLease, time: dt.time, field: str) -> dt.datetime:
    moment = dt.datetime.combine(lease.local_day, time, tzinfo=current_region().zone)
    if moment > current_region().now():
        raise LineError(f"Jam {clock(time, zone=False)} belum tiba. Periksa jamnya.", field)
    return moment
