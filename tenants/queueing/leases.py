"""Blocks of numbers lent to a device in the hall, which gives them out also while the line to the centre is cut.

They come from the same series as all numbers, so nobody else can have them; a number comes back as a ticket once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mpp import audit
from mpp.database.session import write
from mpp.tenancy.region import current_region
from tenants.hall.models import Counter
from tenants.queueing.errors import KeyTakenError, LeaseError
from tenants.queueing.models import NumberLease, Ticket, TicketSeries

LONGEST_BLOCK = 200


@dataclass(frozen=True, slots=True)
class Leased:
    """A number that a device has given out: of which block, by which device, to whom when (aware)."""

    lease_id: int
    device: str
    number: int
    arrived_at: dt.datetime


def lease_numbers(hall_id: int, prefix: str, count: int, device: str) -> NumberLease:
    """Lend today's next `count` numbers of a letter to a device. Raises LeaseError."""
    if not 1 <= count <= LONGEST_BLOCK:
        raise LeaseError(f"Satu blok berisi 1 sampai {LONGEST_BLOCK} nomor.")
    with write() as session:
        used = select(Counter.id).where(Counter.hall_id == hall_id, Counter.prefix == prefix)
        if session.scalar(used.where(Counter.retired_at.is_(None)).limit(1)) is None:
            raise LeaseError("Tidak ada loket dengan huruf ini di gedung itu.")
        day = current_region().today()
        last = advance(session, hall_id, prefix, day, count)
        lease = NumberLease(
            hall_id=hall_id, prefix=prefix, local_day=day, first=last - count + 1, last=last, device=device
        )
        session.add(lease)
        session.flush()
        told = {"prefix": prefix, "first": lease.first, "last": last, "device": device}
        audit.record(session, action="queue.lease", subject=f"hall:{hall_id}", data=told)
        return lease


def advance(session: Session, hall_id: int, prefix: str, day: dt.date, count: int = 1) -> int:
    """Take the next `count` numbers of a series and return the last of them.

    The upsert locks the series until the commit: numbers have no gap, and later ones are never earlier.
    """
    series = insert(TicketSeries).values(hall_id=hall_id, prefix=prefix, local_day=day, last_number=count)
    number: int | None = session.scalar(
        series.on_conflict_do_update(
            index_elements=[TicketSeries.hall_id, TicketSeries.prefix, TicketSeries.local_day],
            set_={"last_number": TicketSeries.last_number + count},
        ).returning(TicketSeries.last_number)
    )
    assert number is not None
    return number


def hall_of(session: Session, leased: Leased) -> int:
    """Return the hall whose numbers a device has given out. Raises LeaseError."""
    lease = session.get(NumberLease, leased.lease_id)
    if lease is None:
        raise LeaseError("Nomor ini tidak dipinjamkan kepada perangkat itu.")
    return lease.hall_id


def check_leased(
    session: Session, leased: Leased, hall_id: int, prefix: str, key: str
) -> tuple[dt.date, dt.datetime]:
    """Return the local day and the moment of arrival of a leased number, whose ticket may be made now.

    A device's clock may be wrong: the moment lies between the lease and now. The series stays locked, so that of
    two replays one waits, and learns that `key` has made the ticket. Raises LeaseError, KeyTakenError.
    """
    lease = session.get(NumberLease, leased.lease_id)
    if lease is None or lease.device != leased.device or not lease.first <= leased.number <= lease.last:
        raise LeaseError("Nomor ini tidak dipinjamkan kepada perangkat itu.")
    if (lease.hall_id, lease.prefix) != (hall_id, prefix):
        raise LeaseError("Huruf nomor ini bukan huruf layanan itu.")
    series = select(TicketSeries).where(
        TicketSeries.hall_id == hall_id,
        TicketSeries.prefix == prefix,
        TicketSeries.local_day == lease.local_day,
    )
    session.execute(series.with_for_update(of=TicketSeries))
    used = select(Ticket.idempotency_key).where(
        Ticket.hall_id == hall_id, Ticket.local_day == lease.local_day, Ticket.prefix == prefix
    )
    by = session.scalar(used.where(Ticket.number == leased.number))
    if by == key:
        raise KeyTakenError
    if by is not None:
        raise LeaseError("Nomor ini sudah dipakai.")
    now = dt.datetime.now(tz=dt.UTC)
    return lease.local_day, min(max(leased.arrived_at, lease.created_at), now)
