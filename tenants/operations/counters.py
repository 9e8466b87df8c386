"""Opening, pausing, closing and retiring counters, without taking them from under people's feet."""

from __future__ import annotations

import enum
from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.database.session import write
from mpp.tenancy.content import touch
from mpp.tenancy.region import current_region
from tenants.hall.counters import CounterFacts, locked_counter, save_counter
from tenants.hall.errors import InUseError
from tenants.hall.limits import ANYWHERE, Limits
from tenants.hall.models import Counter, CounterState
from tenants.hall.serving import pairs_now, served_now
from tenants.queueing.models import ACTIVE_STATES, Ticket, TicketEvent, TicketState
from tenants.queueing.releasing import release_for
from tenants.queueing.signal import announce

LONGEST_NOTE = 80


class Act(enum.StrEnum):
    """What an administrator may do to a counter's state, by its word in the audit log."""

    OPEN = "open"
    PAUSE = "pause"
    CLOSE = "close"


STATES = {Act.OPEN: CounterState.OPEN, Act.PAUSE: CounterState.PAUSED, Act.CLOSE: CounterState.CLOSED}


def set_state(counter_id: int, act: Act, note: str | None = None) -> Counter:
    """Open, pause or close a counter; `note` is shown to citizens. Closing frees it for another officer.

    Raises UnknownHallError, and InUseError on closing while somebody is being called or served there.
    """
    with write() as session:
        counter = locked_counter(session, counter_id)
        if act is Act.CLOSE:
            _refuse_active(session, counter, "menutup loket, atau jeda saja loket ini")
            counter.officer_id = counter.officer_since = None
            release_for(session, counter.id)
        state, text = STATES[act].value, " ".join((note or "").split())[:LONGEST_NOTE] or None
        before = counter.state
        counter.state, counter.state_note = state, None if act is Act.OPEN else text
        counter.active_at = func.now()
        data = {"number": counter.number, "before": before, "note": counter.state_note}
        audit.record(session, action=f"counter.{act.value}", subject=f"counter:{counter.id}", data=data)
        announce(session, counter.hall_id)
        touch(session)
    return counter


def save(counter_id: int, facts: CounterFacts, limits: Limits = ANYWHERE, *, seen: str) -> Counter:
    """Change a counter; `limits` are the admin's.

    Who was sent to it for what it no longer serves may be called by others.
    Raises HallError, ChangedMeanwhileError, and InUseError while people wait for what only this counter serves.
    """
    return save_counter(counter_id, facts, limits, seen=seen, dropped=_let_go)


def _let_go(session: Session, counter: Counter, services: Collection[int]) -> None:
    stranded = _stranded(session, counter, services)
    if stranded:
        raise InUseError(
            f"{stranded} orang masih menunggu layanan yang hanya dilayani loket ini. "
            "Layani mereka dahulu, atau beri layanan itu kepada loket lain.",
            "services",
        )
    release_for(session, counter.id, services)


def retire(counter_id: int) -> Counter:
    """Take a counter out of use for good; its history stays. Raises InUseError while people depend on it."""
    with write() as session:
        counter = locked_counter(session, counter_id)
        _refuse_active(session, counter, "mempensiunkan loket")
        stranded = _stranded(session, counter, served_now(session, counter.id))
        if stranded:
            raise InUseError(
                f"{stranded} orang masih menunggu layanan yang hanya dilayani loket ini. "
                "Layani mereka dahulu, atau beri layanan itu kepada loket lain."
            )
        release_for(session, counter.id)
        counter.retired_at = func.now()
        counter.state, counter.state_note = CounterState.CLOSED.value, None
        counter.officer_id = counter.officer_since = None
        data = {"number": counter.number}
        audit.record(session, action="counter.retire", subject=f"counter:{counter.id}", data=data)
        announce(session, counter.hall_id)
        touch(session)
    return counter


def delete(counter_id: int) -> int:
    """Delete a counter that was never used and return its number. Raises InUseError once a ticket came to it."""
    with write() as session:
        counter = locked_counter(session, counter_id)
        if used(session, counter.id):
            raise InUseError(
                "Loket ini pernah melayani orang, jadi tidak bisa dihapus: riwayat nomornya harus tetap terbaca. "
                "Pensiunkan saja."
            )
        number, hall_id = counter.number, counter.hall_id
        session.delete(counter)
        audit.record(
            session, action="counter.delete", subject=f"counter:{counter_id}", data={"number": number}
        )
        announce(session, hall_id)
        touch(session)
    return number


def used(session: Session, counter_id: int) -> bool:
    """Whether any ticket has ever come to a counter."""
    ticket = select(Ticket.id).where(Ticket.counter_id == counter_id).limit(1)
    event = select(TicketEvent.id).where(TicketEvent.counter_id == counter_id).limit(1)
    return session.scalar(ticket) is not None or session.scalar(event) is not None


def _refuse_active(session: Session, counter: Counter, what: str) -> None:
    """The counter is locked, and calling to it needs its row: nobody is called while this decides."""
    ticket = session.scalar(
        select(Ticket).where(Ticket.counter_id == counter.id, Ticket.state.in_(ACTIVE_STATES))
    )
    if ticket is not None:
        raise InUseError(f"Loket ini sedang melayani {ticket.label}. Selesaikan dahulu sebelum {what}.")


def _stranded(session: Session, counter: Counter, services: Collection[int]) -> int:
    """How many people wait today for those of `services` that no other counter of the hall may call."""
    others = pairs_now().where(Counter.hall_id == counter.hall_id, Counter.id != counter.id)
    elsewhere = {service for _counter, service in session.execute(others)}
    waiting = (
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.hall_id == counter.hall_id, Ticket.local_day == current_region().today())
        .where(Ticket.state == TicketState.WAITING.value, Ticket.service_id.in_(set(services) - elsewhere))
    )
    return session.scalar(waiting) or 0
