"""Erasing a national account: seven days in which its owner can call it off, then all of it, in every region.

Each region's part is a job in that region's own outbox, which knows the person by the region's own name for them; a
region that is suspended does its part when it is back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import Column, delete, select, update
from sqlalchemy.orm import Session

from mpp import audit, outbox
from mpp.accounts.realm import realm
from mpp.citizens import account, agreements, messages, proofs
from mpp.citizens.family_models import FamilyMember
from mpp.citizens.models import Citizen
from mpp.citizens.powers_models import PowerOfAttorney
from mpp.citizens.realm import nation
from mpp.database.registry import platform_tables
from mpp.database.session import central_read, central_write, serve, write
from mpp.identity.models import CitizenSubject
from mpp.privacy.models import CitizenErasure
from mpp.tenancy.models import RegionRecord, RegionState

LASTS = dt.timedelta(days=7)
# The job in a region's outbox; done by tenants.privacy.jobs.
REGIONAL = "privacy.erase_subject"
# By these columns a row is the citizen's own and goes; by any other it is somebody else's, who keeps it.
OWN = frozenset({"account_id", "citizen_id", "giver_id"})
OTHERS = frozenset({"family_member.member_id", "power_of_attorney.holder_id", "acting_use.actor_id"})


def ask(citizen_id: int, at: int) -> CitizenErasure:
    """Begin the seven days from the browser of session `at`; asked twice they begin once. Raises NeedProofError."""
    with proofs.changing(citizen_id, at) as change:
        known = _open(change.session, citizen_id)
        if known is not None:
            return known
        wish = CitizenErasure(account_id=citizen_id, due_at=dt.datetime.now(tz=dt.UTC) + LASTS)
        change.session.add(wish)
        messages.tell(change.session, change.citizen, messages.Message.ERASURE_WAITS)
        change.tell("citizen.erasure_asked")
        return wish


def call_off(citizen_id: int) -> bool:
    """Keep the account after all; False when nothing was under way."""
    with nation(), central_write() as session:
        wish = _open(session, citizen_id, lock=True)
        if wish is None:
            return False
        wish.ended_at = dt.datetime.now(tz=dt.UTC)
        audit.record(session, action="citizen.erasure_off", subject=realm().subject(citizen_id))
        return True


def under_way(citizen_id: int) -> CitizenErasure | None:
    """Return the erasure that waits for its day, None for none."""
    with nation(), central_read() as session:
        return _open(session, citizen_id)


def do_due(session: Session, now: dt.datetime) -> int:
    """Erase the accounts whose days are over at `now` (aware), in the transaction at hand; return how many."""
    due = select(CitizenErasure).where(CitizenErasure.ended_at.is_(None), CitizenErasure.due_at <= now)
    wishes = session.scalars(due.with_for_update(skip_locked=True).limit(50)).all()
    for wish in wishes:
        _erase(session, wish.account_id, now)
        wish.ended_at, wish.done = now, True
    return len(wishes)


def columns() -> Iterator[Column[object]]:
    """Return every column of the nation's tables that points to a citizen, but that of the wish itself."""
    for table in platform_tables():
        for column in table.columns:
            points = any(key.column.table is Citizen.__table__ for key in column.foreign_keys)
            if points and table is not CitizenErasure.__table__:
                yield column


def _erase(session: Session, citizen_id: int, now: dt.datetime) -> None:
    _tell_regions(session, citizen_id)
    account.close(session, citizen_id)
    for column in columns():
        if column.name in OWN:
            session.execute(delete(column.table).where(column == citizen_id))
    holding = PowerOfAttorney.holder_id == citizen_id, PowerOfAttorney.returned_at.is_(None)
    listed = FamilyMember.member_id == citizen_id, FamilyMember.ended_at.is_(None)
    session.execute(update(PowerOfAttorney).where(*holding).values(returned_at=now))
    # What others have typed of the person ends as when they take them out themselves.
    over = update(FamilyMember).where(*listed).values(agreements.ended())
    session.execute(over.execution_options(synchronize_session=False))
    audit.record(session, action="citizen.erased", subject=f"citizen:{citizen_id}")


def _tell_regions(session: Session, citizen_id: int) -> None:
    """Post each region's part. Before anything goes here: what fails now is done again, and does no harm twice."""
    query = (
        select(RegionRecord, CitizenSubject.subject)
        .join(CitizenSubject, CitizenSubject.region_id == RegionRecord.id)
        .where(CitizenSubject.citizen_id == citizen_id, RegionRecord.state != RegionState.REGISTERED)
    )
    for record, subject in session.execute(query).all():
        with serve(record.as_region()), write() as regional:
            outbox.post(regional, REGIONAL, subject=subject)


def _open(session: Session, citizen_id: int, *, lock: bool = False) -> CitizenErasure | None:
    query = select(CitizenErasure).where(
        CitizenErasure.account_id == citizen_id, CitizenErasure.ended_at.is_(None)
    )
    query = query.with_for_update() if lock else query
    return session.scalar(query.execution_options(populate_existing=True))
