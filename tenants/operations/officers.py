"""Staff who leave or change their work: their sessions end and their counter is free, in one transaction."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, or_, select, true
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts import staff
from mpp.accounts.links import Post
from mpp.accounts.models import Staff, StaffAccount
from mpp.database.session import write
from tenants.hall.models import Counter, CounterOfficer, CounterState
from tenants.queueing.signal import announce


def deactivate(staff_id: int, *, by: int) -> StaffAccount:
    """Shut a member of staff out at once and free the counter. Raises StaffError."""
    with write() as session:
        person = staff.deactivate(session, staff_id, by=by)
        _stand_up(session, staff_id)
        session.execute(delete(CounterOfficer).where(CounterOfficer.staff_id == staff_id))
    return person


def edit(staff_id: int, *, name: str, post: Post, seen: str, by: int) -> Staff:
    """Change name and post; who no longer may sit at a counter leaves it. Raises StaffError, ChangedMeanwhileError."""
    with write() as session:
        person, moved = staff.edit(session, staff_id, name=name, post=post, seen=seen, by=by)
        if moved:
            _stand_up(session, staff_id)
            # Counters given by name are an officer's; those outside a new hall or agency are given up.
            outside = _outside(post)
            if outside is not None:
                gone = delete(CounterOfficer).where(CounterOfficer.staff_id == staff_id, outside)
                session.execute(gone)
    return person


def _outside(post: Post) -> ColumnElement[bool] | None:
    """Return the condition of given counters that the post no longer covers, None when it covers all."""
    if post.role not in staff.SITTERS:
        return true()
    limits = []
    if post.hall_id is not None:
        limits.append(Counter.hall_id != post.hall_id)
    if post.agency_id is not None:
        limits.append(Counter.agency_id != post.agency_id)
    if not limits:
        return None
    return CounterOfficer.counter_id.in_(select(Counter.id).where(or_(*limits)))


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
