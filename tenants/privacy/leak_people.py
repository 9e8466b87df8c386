"""From rows of a region to the people in them: by foreign keys, by a help's telephone, by what a file belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, or_, select
from sqlalchemy.orm import Session

from mpp.crypto import normal
from mpp.crypto.types import same
from mpp.storage.models import StoredFile
from tenants.people.acting_models import Helping, TicketActing
from tenants.people.models import Profile
from tenants.privacy.models import RightsRequest
from tenants.queueing.models import Ticket

PEOPLE = frozenset({Ticket.__tablename__, Profile.__tablename__})
# So many telephones or NIK in one question.
AT_ONCE = 500


@dataclass(slots=True)
class Whom:
    """People of rows: by a number or a profile; and telephones that stand in no row of those."""

    tickets: set[int] = field(default_factory=set)
    profiles: set[int] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    rows: int = 0


def leads(table: Table) -> bool:
    """Whether the rows of a table lead to somebody."""
    return table.name in {*PEOPLE, StoredFile.__tablename__} or next(_links(table), None) is not None


def add(session: Session, whom: Whom, table: Table, when: Sequence[ColumnElement[bool]]) -> None:
    """Add the people of the rows of a table."""
    if table.name == StoredFile.__tablename__:
        _of_files(session, whom, when)
        return
    if table.name == Helping.__tablename__:
        _of_helps(session, whom, when)
    for column in _links(table):
        ids = session.scalars(select(column).where(column.is_not(None), *when)).all()
        whom.rows += len(ids)
        of = table if table.name in PEOPLE else _target(column)
        (whom.tickets if of is Ticket.__table__ else whom.profiles).update(ids)


def name(session: Session, whom: Whom, phones: Collection[str]) -> None:
    """Add the people of telephones that stand anywhere here; others are dropped."""
    wanted = {normal.phone(phone) for phone in phones}
    for part in _parts(wanted):
        _of_helps(session, whom, [or_(*(same(Helping.phone_index, phone) for phone in part))])
        _owners(session, whom, part)


def number(session: Session, whom: Whom, niks: Collection[str]) -> None:
    """Add the profiles that bear these NIK, however they are typed."""
    for part in _parts(niks):
        theirs = or_(*(same(Profile.nik_index, nik) for nik in part))
        whom.profiles.update(session.scalars(select(Profile.id).where(theirs)))


def _of_helps(session: Session, whom: Whom, when: Sequence[ColumnElement[bool]]) -> None:
    """Who was helped: by the telephone they gave when somebody has it, else by the number taken."""
    query = (
        select(Helping.phone, TicketActing.ticket_id)
        .outerjoin(TicketActing, TicketActing.helping_id == Helping.id)
        .where(or_(Helping.phone.is_not(None), TicketActing.ticket_id.is_not(None)), *when)
    )
    rows = session.execute(query).all()
    whom.rows += len(rows)
    given = {phone for phone, _ticket in rows if phone is not None}
    owned = {phone for part in _parts(given) for phone in _owners(session, whom, part)}
    for row in rows:
        if row.phone in owned:
            continue
        if row.ticket_id is not None:
            whom.tickets.add(row.ticket_id)
        else:
            whom.phones.add(row.phone)


def _owners(session: Session, whom: Whom, phones: Collection[str]) -> set[str]:
    """Add numbers and profiles that bear these telephones (+62…); return which of them somebody bears."""
    found: set[str] = set()
    for kind, ids in ((Ticket, whom.tickets), (Profile, whom.profiles)):
        theirs = or_(*(same(kind.phone_index, phone) for phone in phones))
        for key, phone in session.execute(select(kind.id, kind.phone).where(theirs)):
            ids.add(key)
            found.update([phone] if phone else [])
    return found


def _of_files(session: Session, whom: Whom, when: Sequence[ColumnElement[bool]]) -> None:
    subjects = session.scalars(select(StoredFile.subject).where(*when)).all()
    whom.rows += len(subjects)
    keys: dict[str, set[int]] = {"ticket": whom.tickets, "profile": whom.profiles, "request": set()}
    for subject in subjects:
        kind, _colon, key = subject.partition(":")
        if kind in keys:
            keys[kind].add(int(key))
    asked = select(RightsRequest.ticket_id, RightsRequest.profile_id)
    for ticket_id, profile_id in session.execute(asked.where(RightsRequest.id.in_(keys["request"]))):
        whom.tickets.update([ticket_id] if ticket_id is not None else [])
        whom.profiles.update([profile_id] if profile_id is not None else [])


def _links(table: Table) -> Iterator[Column[Any]]:
    """The columns by which a row leads to a ticket or profile; of those tables themselves the key."""
    if table.name in PEOPLE:
        yield table.c.id
        return
    for column in table.columns:
        if any(key.column.table.name in PEOPLE for key in column.foreign_keys):
            yield column


def _target(column: Column[Any]) -> Table:
    return next(iter(column.foreign_keys)).column.table


def _parts(values: Collection[str]) -> Iterator[set[str]]:
    every = sorted(values)
    for start in range(0, len(every), AT_ONCE):
        yield set(every[start : start + AT_ONCE])
