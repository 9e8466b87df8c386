"""Staff who leave or change their work: their sessions end and their counter is free, in one transaction."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts import staff
from mpp.accounts.models import Role, Staff
from mpp.database.session import write
from tenants.hall.models import Counter, CounterOfficer, CounterState
from tenants.queueing.signal import announce


def deactivate(staff_id: int, *, by: int) -> Staff:
    """Shut a member of staff out at once and free the counter. Raises StaffError."""
    with write() as session:
        person = staff.deactivate(session, staff_id, by=by)
        _stand_up(session, staff_id)
        session.execute(delete(CounterOfficer).where(CounterOfficer.staff_id == staff_id))
    return person


def edit(staff_id: int, *, name: str, role: Role, seen: str, by: int) -> Staff:
    """Change name and role; who no longer sits at counters frees theirs. Raises StaffError, ChangedMeanwhileError."""
    with write() as session:
        person = staff.edit(session, staff_id, name=name, role=role, seen=seen, by=by)
        if role is Role.RECEPTIONIST:
            _stand_up(session, staff_id)
            session.execute(delete(CounterOfficer).where(CounterOfficer.staff_id == staff_id))
    return person


def _stand_up(session: Session, staff_id: int) -> None:
    """The person being served stays with the counter: whoever sits down next goes on."""
    counter = session.scalar(
        select(Counter).where(Counter.officer_id == staff_id).with_for_update(of=Counter)
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if counter is None:
        return
    counter.officer_id = counter.officer_since = None
    counter.state, counter.state_note = CounterState.CLOSED.value, None
    announce(session, counter.hall_id)
    data = {"number": counter.number}
    audit.record(session, action="counter.freed", subject=f"counter:{counter.id}", data=data)
