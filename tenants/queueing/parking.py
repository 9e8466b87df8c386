"""Leaving a line and coming back to it: parking, another service or counter, and who missed the call.

Number and original arrival stay: a visit keeps its place however often it changes line.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mpp.tenancy.region import current_region
from tenants.hall.calendar import Reason
from tenants.hall.hours import service_status
from tenants.hall.models import Counter, CounterService, CounterState
from tenants.hall.serving import pairs_now
from tenants.queueing import line
from tenants.queueing.errors import IllegalMoveError, NotFoundError, NotOfferedError
from tenants.queueing.history import changed, done_before, note, once
from tenants.queueing.models import ACTIVE_STATES, Ticket, TicketState
from tenants.queueing.moves import clean_reason, held, illegal, move, seat_of, ticket_now
from tenants.queueing.policies import Officer
from tenants.queueing.presence import unattended
from tenants.queueing.rules import current_rule
from tenants.services.models import RegionService
from tenants.services.queries import enabled_service

# What a ticket no longer has once it stands in a line again.
IN_LINE: dict[str, Any] = {
    "state": TicketState.WAITING,
    "counter_id": None,
    "called_at": None,
    "serving_at": None,
    "held_at": None,
    "ended_at": None,
    "calls": 0,
    "queued_at": func.clock_timestamp(),
}


def hold(ticket_id: int, officer: Officer, reason: str, key: str | None = None) -> Ticket:
    """Park the person at this counter, who fetches a paper for example: the counter is free meanwhile.

    Raises NoReasonError, IllegalMoveError, NotYourCounterError, NotFoundError.
    """
    why = clean_reason(reason, "Tulis alasan menunda, misalnya “melengkapi berkas”.")
    values = {"state": TicketState.ON_HOLD, "held_at": func.clock_timestamp()}
    condition = (Ticket.state.in_(ACTIVE_STATES),)
    return once(lambda s: move(s, ticket_id, officer, "hold", condition, values, reason=why, key=key))


def resume(ticket_id: int, officer: Officer, *, here: bool = False, key: str | None = None) -> Ticket:
    """Take a parked person back: into the line by original arrival, or with `here` to this officer's free counter.

    Anybody of the hall's staff may. Raises IllegalMoveError, NotFoundError.
    """

    def act(session: Session) -> Ticket:
        before = done_before(session, key, "resume", ticket_id)
        if before is not None:
            return before
        values = _serving_at(session, ticket_id, officer) if here else {**IN_LINE, "for_counter_id": None}
        parked = update(Ticket).where(Ticket.id == ticket_id, Ticket.state == TicketState.ON_HOLD)
        ticket = changed(session, parked.values(**values).returning(Ticket))
        if ticket is None:
            raise illegal(ticket_now(session, ticket_id))
        note(session, ticket, "resume", key=key)
        return ticket

    return once(act)


def transfer(
    ticket_id: int,
    officer: Officer,
    *,
    service: str | None = None,
    counter_id: int | None = None,
    reason: str = "",
    key: str | None = None,
) -> Ticket:
    """Send the person at this counter, or parked by it, to another service (slug), to one counter, or to both.

    Raises NoReasonError, NotOfferedError, IllegalMoveError, NotYourCounterError, NotFoundError.
    """
    why = clean_reason(reason, "Tulis alasan mengalihkan, supaya loket tujuan tahu.")

    def act(session: Session) -> Ticket:
        before = done_before(session, key, "transfer", ticket_id)
        if before is not None:
            return before
        seen = held(session, ticket_id, officer)
        left = seen.counter_id
        service_id = _target_service(session, seen, service)
        if counter_id is not None:
            _check_target(session, seen, counter_id, service_id)
        elif service_id == seen.service_id:
            raise IllegalMoveError("Pilih layanan atau loket tujuan yang lain.")
        visit = seen.visit_services or [seen.service_id]
        if service_id not in visit:
            visit = [*visit, service_id]
        condition = (Ticket.state.in_((*ACTIVE_STATES, TicketState.ON_HOLD)), Ticket.counter_id == left)
        values = {
            **IN_LINE, "service_id": service_id, "for_counter_id": counter_id, "visit_services": visit,
        }  # fmt: skip
        data = {"from_service": seen.service_id, "to_service": service_id, "to_counter": counter_id}
        # Only WAITING is where the ticket goes; a second press finds no ticket at this counter.
        return move(
            session, ticket_id, officer, "transfer", condition, values,
            reason=why, data=data, key=key, counter_id=left,
        )  # fmt: skip

    return once(act)


def reactivate(ticket_id: int, reason: str, key: str | None = None) -> Ticket:
    """Put somebody who missed the call back in line by original arrival: once, on the same day, by any staff.

    Raises NoReasonError, IllegalMoveError, NotFoundError.
    """
    why = clean_reason(reason, "Tulis alasan memulihkan, misalnya “sedang di toilet”.")

    def act(session: Session) -> Ticket:
        before = done_before(session, key, "reactivate", ticket_id)
        if before is not None:
            return before
        missed = update(Ticket).where(Ticket.id == ticket_id, Ticket.state == TicketState.NO_SHOW)
        missed = missed.where(~Ticket.reactivated, Ticket.local_day == current_region().today())
        ticket = changed(
            session, missed.values(**IN_LINE, reactivated=True, for_counter_id=None).returning(Ticket)
        )
        if ticket is not None:
            note(session, ticket, "reactivate", why, key=key)
            return ticket
        ticket = ticket_now(session, ticket_id)
        if ticket.state != TicketState.NO_SHOW:
            raise illegal(ticket)
        if ticket.reactivated:
            raise IllegalMoveError(f"{ticket.label} sudah pernah dipulihkan. Ambilkan nomor baru.")
        raise IllegalMoveError(f"{ticket.label} nomor hari lain. Ambilkan nomor baru.")

    return once(act)


def check_served(session: Session, hall_id: int, service_id: int) -> None:
    """Raise NotOfferedError when no counter of a hall serves this."""
    pairs = line.served_pairs(current_rule(session, hall_id)).where(Counter.hall_id == hall_id).subquery()
    if service_id not in set(session.scalars(select(pairs.c.service_id))):
        raise NotOfferedError("Belum ada loket di gedung ini yang melayani itu.")


def _serving_at(session: Session, ticket_id: int, officer: Officer) -> dict[str, Any]:
    counter = session.scalar(
        select(Counter)
        .where(seat_of(officer), Counter.state == CounterState.OPEN, Counter.retired_at.is_(None))
        .with_for_update(of=Counter)
    )
    ticket = ticket_now(session, ticket_id)
    if counter is None or counter.hall_id != ticket.hall_id:
        raise IllegalMoveError("Buka loket Anda dahulu, lalu lanjutkan orang ini.")
    if ticket.service_id not in set(
        session.scalars(line.served_by(counter.id, current_rule(session, counter.hall_id)))
    ):
        raise IllegalMoveError(f"Loket Anda tidak melayani urusan {ticket.label}. Kembalikan ke antrean.")
    busy = session.scalar(
        select(Ticket).where(Ticket.counter_id == counter.id, Ticket.state.in_(ACTIVE_STATES))
    )
    if busy is not None:
        raise IllegalMoveError(f"{busy.label} masih di loket Anda. Selesaikan dahulu.")
    return {
        "state": TicketState.SERVING,
        "counter_id": counter.id,
        "serving_at": func.clock_timestamp(),
        "held_at": None,
    }


def _target_service(session: Session, ticket: Ticket, slug: str | None) -> int:
    if slug is None:
        return ticket.service_id
    service = enabled_service(session, slug)
    if service is None:
        raise NotFoundError("Layanan ini tidak ada di sini.")
    check_served(session, ticket.hall_id, service.service_id)
    _check_today(session, ticket, service)
    return service.service_id


def _check_today(session: Session, ticket: Ticket, service: RegionService) -> None:
    """Refuse to send somebody to an agency that is not here today, or has gone: they would wait in vain.

    Where an officer of it sits after all, hours decide nothing; and who comes later today can be waited for.
    """
    pairs = pairs_now().where(Counter.hall_id == ticket.hall_id, Counter.officer_id.is_not(None))
    if session.execute(pairs.where(CounterService.service_id == service.service_id).limit(1)).first():
        return
    status = service_status(session, ticket.hall, service, current_region().now())
    if not status.available and status.code is not Reason.BEFORE_HOURS:
        raise NotOfferedError(f"{status.reason} Tidak ada petugas layanan itu di loket. Pilih layanan lain.")


def _check_target(session: Session, ticket: Ticket, counter_id: int, service_id: int) -> None:
    counter = session.scalar(
        select(Counter).where(Counter.id == counter_id).with_for_update(of=Counter, read=True, key_share=True)
    )
    if counter is None or counter.hall_id != ticket.hall_id or counter.retired_at is not None:
        raise NotFoundError("Loket tujuan tidak ada.")
    if counter.id == ticket.counter_id and service_id == ticket.service_id:
        raise IllegalMoveError("Orang ini sudah di loket itu. Pilih loket lain.")
    why = unattended(session, counter)
    if why is not None:
        raise IllegalMoveError(f"{counter.name} {why}. Pilih loket lain, atau layanannya saja.")
    if service_id not in set(
        session.scalars(line.served_by(counter_id, current_rule(session, ticket.hall_id)))
    ):
        raise NotOfferedError(f"{counter.name} tidak melayani urusan itu.")
