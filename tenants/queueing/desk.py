"""Officers at counters: who sits where, and whether the counter takes people. Every act is in the audit log."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts.models import Role, Staff
from mpp.database.session import write
from tenants.hall.models import Counter, CounterOfficer, CounterState
from tenants.queueing.errors import CounterTakenError, IllegalMoveError, NotFoundError, NotYourCounterError
from tenants.queueing.models import ACTIVE_STATES, Ticket
from tenants.queueing.policies import Officer
from tenants.queueing.releasing import release_for
from tenants.queueing.signal import announce

LONGEST_NOTE = 80


def allowed(officer: Officer) -> ColumnElement[bool]:
    """Return the condition under which a counter may be this officer's.

    An officer's are those given by name, an agency officer's those of the agency, an admin's all; for each of them
    only inside the hall and agency that the account is limited to.
    """
    given = select(CounterOfficer.counter_id).where(CounterOfficer.staff_id == officer.id)
    by_agency = and_(Staff.role == Role.AGENCY_OFFICER.value, Staff.agency_id == Counter.agency_id)
    mine = true() if officer.admin else or_(Counter.id.in_(given), by_agency)
    return (
        exists()
        .where(
            Staff.id == officer.id,
            Staff.active,
            or_(Staff.hall_id.is_(None), Staff.hall_id == Counter.hall_id),
            or_(Staff.agency_id.is_(None), Staff.agency_id == Counter.agency_id),
            mine,
        )
        .correlate(Counter)
    )


def sit(counter_id: int, officer: Officer, *, take_over: bool = False) -> Counter:
    """Sit down at a counter and open it; the officer's former counter closes.

    A person being served stays with the counter. Raises NotFoundError, NotYourCounterError, CounterTakenError
    (another officer sits there and `take_over` was not said), IllegalMoveError (people still at the former one).
    """
    with write() as session:
        # Somebody in two tabs sits down once after the other: the second press sees the seat that the first has taken.
        session.execute(select(Staff.id).where(Staff.id == officer.id).with_for_update(key_share=True))
        rows = _lock(session, or_(Counter.id == counter_id, Counter.officer_id == officer.id))
        counter = next((row for row in rows if row.id == counter_id), None)
        if counter is None or counter.retired_at is not None:
            raise NotFoundError("Loket ini tidak ada.")
        if counter.officer_id == officer.id:
            return counter
        if session.scalar(select(Counter.id).where(Counter.id == counter_id, allowed(officer))) is None:
            raise NotYourCounterError(f"Anda tidak ditugaskan di {counter.name}. Hubungi admin.")
        if counter.officer_id is not None and not take_over:
            raise CounterTakenError(
                f"{counter.name} sedang dipakai petugas lain. Pilih “Ambil alih” bila perlu."
            )
        for former in rows:
            if former.id != counter_id:
                _leave(session, former, "counter.close")
        # The unique index sees each row as it is written: the former seat is given up first.
        session.flush()
        action = "counter.take_over" if counter.officer_id is not None else "counter.sit"
        _record(session, counter, action, former_officer=counter.officer_id)
        counter.officer_id, counter.officer_since, counter.active_at = officer.id, func.now(), func.now()
        counter.state, counter.state_note = CounterState.OPEN, None
        announce(session, counter.hall_id)
        return counter


def pause(counter_id: int, officer: Officer, note: str | None = None) -> Counter:
    """Take no new people for a while; who is being served is finished. `note` is shown to citizens."""
    return _set(counter_id, officer, CounterState.PAUSED, "counter.pause", note)


def resume(counter_id: int, officer: Officer) -> Counter:
    """Take people again."""
    return _set(counter_id, officer, CounterState.OPEN, "counter.open", None)


def close(counter_id: int, officer: Officer) -> Counter:
    """Close the counter and stand up. Raises IllegalMoveError while somebody is being called or served."""
    with write() as session:
        counter = _own(session, counter_id, officer)
        _leave(session, counter, "counter.close")
        return counter


def still_here(counter_id: int, officer: Officer) -> Counter:
    """Note that the officer is there although the line is empty, so that the counter isn't taken for forgotten."""
    with write() as session:
        counter = _own(session, counter_id, officer)
        counter.active_at = func.now()
        return counter


def _set(counter_id: int, officer: Officer, state: CounterState, action: str, note: str | None) -> Counter:
    with write() as session:
        counter = _own(session, counter_id, officer)
        text = " ".join((note or "").split())[:LONGEST_NOTE] or None
        if counter.state != state or counter.state_note != text:
            _record(session, counter, action)
            counter.state, counter.state_note = state, text
            counter.active_at = func.now()
            announce(session, counter.hall_id)
        return counter


def _leave(session: Session, counter: Counter, action: str) -> None:
    active = session.scalar(
        select(Ticket).where(Ticket.counter_id == counter.id, Ticket.state.in_(ACTIVE_STATES))
    )
    if active is not None:
        raise IllegalMoveError(f"Selesaikan dahulu {active.label} di {counter.name}.")
    _record(session, counter, action)
    release_for(session, counter.id)
    counter.officer_id = counter.officer_since = counter.state_note = None
    counter.state = CounterState.CLOSED
    announce(session, counter.hall_id)


def _own(session: Session, counter_id: int, officer: Officer) -> Counter:
    rows = _lock(session, Counter.id == counter_id)
    if not rows or rows[0].retired_at is not None or rows[0].officer_id != officer.id:
        raise NotYourCounterError("Anda tidak sedang duduk di loket ini. Pilih loket Anda dahulu.")
    return rows[0]


def _lock(session: Session, which: ColumnElement[bool]) -> list[Counter]:
    """Lock the counters in order of id, so that two officers swapping seats wait instead of deadlocking."""
    query = select(Counter).where(which).order_by(Counter.id)
    found = session.scalars(query.with_for_update(of=Counter), execution_options={"populate_existing": True})
    return list(found)


def _record(session: Session, counter: Counter, action: str, **data: object) -> None:
    told = {key: value for key, value in data.items() if value is not None}
    audit.record(
        session, action=action, subject=f"counter:{counter.id}", data={"number": counter.number, **told}
    )
