"""A leak of the nation's own tables: citizens with an account, the centre's people, and telephones without an account.

Somebody on a family card who has neither account nor telephone is told through the account that wrote them down.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, Table, func, or_, select
from sqlalchemy.orm import Session

from mpp.accounts.models import CentralStaff
from mpp.citizens import messages
from mpp.citizens.family_models import FamilyMember, Household
from mpp.citizens.models import Citizen
from mpp.citizens.powers_models import PowerOfAttorney
from mpp.citizens.realm import KIND as CITIZEN
from mpp.crypto import normal
from mpp.crypto.masks import whole_phone
from mpp.crypto.types import EncryptedPhone, same
from mpp.database.registry import platform_tables
from mpp.database.session import central_read
from mpp.outbox import CentralOutboxEntry
from mpp.privacy.kinds import all_kinds
from mpp.privacy.leaks import Concerned, LeakError, LeakPlace, Scope, to_person
from mpp.privacy.models import NationalLeak, NationalLeakNotice

CENTRE = "central"
# The tables whose rows are people, and the columns of a notice by which they are told.
PEOPLE: Mapping[str, str] = {Citizen.__tablename__: "citizen_id", CentralStaff.__tablename__: "staff_id"}
# What points to one of these concerns the people of that row too.
THROUGH = frozenset({PowerOfAttorney.__tablename__, FamilyMember.__tablename__})
# Where a NIK or the number of a family card stands: whose account holds it, and its index.
NUMBERED = (
    (Citizen.id, Citizen.nik_index),
    (FamilyMember.account_id, FamilyMember.nik_index),
    (Household.account_id, Household.card_index),
)
_FAMILY = cast("Table", FamilyMember.__table__)
# So many telephones or numbers in one question.
PHONES_AT_ONCE = 500


class _National(LeakPlace):
    leak, notice, outbox = NationalLeak, NationalLeakNotice, CentralOutboxEntry
    page = "Punya akun? Lihat data Anda di halaman “Data saya”."
    sender = "MPP Digital"
    controller = "Pemerintah pusat, pengelola MPP Digital"

    def tables(self) -> Mapping[str, Table]:
        """Return the nation's tables that lead to somebody."""
        return {table.name: table for table in platform_tables() if _leads(table)}

    def concerned(self, session: Session, scope: Scope) -> Concerned:
        """Return whom the leak concerns: accounts, the centre's people, and telephones that have no account."""
        if scope.codes:
            raise LeakError("nomor antrean ada di daerah, bukan di pusat")
        if scope.table:
            self.known(scope.table)
        known, people = self.tables(), _People(session)
        chosen = {Citizen.__tablename__} if scope.named else {scope.table} if scope.table else set(known)
        if scope.numbers:
            chosen |= {FamilyMember.__tablename__}
        for name in () if scope.named else sorted(chosen):
            people.add(known[name], scope.written(known[name]))
        people.name({normal.phone(phone) for phone in scope.phones}, known.values())
        people.number(scope.numbers)
        full = {known[name].fullname for name in chosen}
        return people.found(Concerned([kind for kind in all_kinds() if full & set(kind.columns)]))

    def summary(self, found: Concerned) -> str:
        """Return the counts of accounts, people of the centre and telephones without an account."""
        accounts, staff, phones = (len(found.whom[key]) for key in ("citizen_id", "staff_id", "phone"))
        return f"akun {accounts}, petugas pusat {staff}, nomor HP tanpa akun {phones}"

    def addresses(self, session: Session, found: Concerned) -> Iterator[dict[str, str]]:
        """Return name with telephone, or with the centre's people their address of e-mail."""
        for citizen in session.scalars(
            select(Citizen).where(Citizen.id.in_(found.whom["citizen_id"])).order_by(Citizen.id)
        ):
            yield {
                "whose": f"citizen:{citizen.id}", "name": citizen.called,
                "phone": whole_phone(citizen.phone) if citizen.phone else "",
            }  # fmt: skip
        for staff in session.scalars(
            select(CentralStaff).where(CentralStaff.id.in_(found.whom["staff_id"])).order_by(CentralStaff.id)
        ):
            yield {"whose": f"staff:{staff.id}", "name": staff.name, "email": staff.email}
        for phone in found.whom["phone"]:
            yield {"whose": "", "name": "", "phone": whole_phone(phone)}

    def send(self, session: Session, notice: NationalLeakNotice, text: str) -> None:
        """Send a message to the telephone; the centre's people read it on the page of their account."""
        if notice.citizen_id is not None:
            messages.tell(session, session.get_one(Citizen, notice.citizen_id), messages.Message.LEAK, text)
        elif notice.phone is not None:
            messages.post(session, notice.phone, messages.Message.LEAK, text)
            notice.phone = None

    def make_people(self, session: Session, people: int) -> Scope:
        """Add accounts with telephones that no account has."""
        phones = [phone for part in _parts(_made_up()) for phone in part - _owners(session, part).keys()][
            :people
        ]
        if len(phones) < people:
            raise LeakError("tidak cukup nomor HP buatan yang bebas")
        session.add_all(Citizen(name=f"Orang Latihan {n}", phone=phone) for n, phone in enumerate(phones))
        session.flush()
        now = dt.datetime.now(tz=dt.UTC)
        return Scope(now - dt.timedelta(hours=2), now, phones=phones)


NATION = _National()


def told(*, citizen_id: int | None = None, staff_id: int | None = None) -> Sequence[tuple[dt.datetime, str]]:
    """Return the notices that a citizen or somebody of the centre has been given: when (aware) and the words."""
    notice = NationalLeakNotice
    whose = notice.citizen_id == citizen_id if citizen_id is not None else notice.staff_id == staff_id
    query = (
        select(notice.told_at, NationalLeak)
        .join(NationalLeak, NationalLeak.id == notice.leak_id)
        .where(whose, notice.told_at.is_not(None))
    )
    with central_read() as session:
        found = session.execute(query.order_by(notice.id)).all()
        return tuple((at, to_person(NATION, leak)) for at, leak in found if at is not None)


class _People:
    """The people of rows, gathered table by table."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ids: dict[str, set[int]] = {"citizen_id": set(), "staff_id": set()}
        self._numbers: set[str] = set()
        self._rows = 0

    def add(self, table: Table, where: Sequence[ColumnElement[bool]] | None) -> None:
        """Add the people of the rows that a leak concerns, None for none."""
        if where is None:
            return
        self._rows += self._session.scalar(select(func.count()).select_from(table).where(*where)) or 0
        self._gather(table, where)

    def name(self, phones: set[str], tables: Iterable[Table]) -> None:
        """Add the people of telephones that are written down anywhere."""
        if phones:
            written = {
                one for table in tables for column in _numbers(table) for one in self._values(column, [])
            }
            self._numbers.update(phones & (written | _owners(self._session, phones).keys()))
            self._rows += len(self._numbers)

    def number(self, numbers: Collection[str]) -> None:
        """Add who bears these NIK, who is listed with one, and who gave one as the number of a family card."""
        for part in _parts(numbers):
            for key, index in NUMBERED:
                where = or_(*(same(index, number) for number in part))
                self._rows += self._session.scalar(select(func.count(key)).where(where)) or 0
                self._ids["citizen_id"].update(self._session.scalars(select(key).where(where)))
            # Somebody listed with it may have an account or a telephone of their own.
            self._gather(_FAMILY, [or_(*(same(FamilyMember.nik_index, number) for number in part))])

    def found(self, concerned: Concerned) -> Concerned:
        """Return them all: who has an account once, however many rows and telephones led there."""
        owners = _owners(self._session, self._numbers)
        self._ids["citizen_id"].update(owners.values())
        citizens = self._living(Citizen, self._ids["citizen_id"], Citizen.active.is_(True))
        staff = self._living(CentralStaff, self._ids["staff_id"])
        concerned.rows = self._rows
        concerned.nobody = sum(map(len, self._ids.values())) - len(citizens) - len(staff)
        # An account that lost its number to somebody else reads it on its page, like the centre's people.
        parted = self._living(Citizen, set(citizens), Citizen.phone_index.is_(None))
        concerned.without_phone = len(staff) + len(parted)
        concerned.whom = {
            "citizen_id": citizens, "staff_id": staff, "phone": sorted(self._numbers - owners.keys()),
        }  # fmt: skip
        return concerned

    def _gather(self, table: Table, where: Sequence[ColumnElement[bool]]) -> None:
        if table.name in PEOPLE:
            self._ids[PEOPLE[table.name]].update(self._values(table.c.id, where))
            return
        for column, target in _links(table):
            if target.name in PEOPLE:
                self._ids[PEOPLE[target.name]].update(self._values(column, where))
            else:
                self._gather(target, [target.c.id.in_(select(column).where(*where))])
        for column in _numbers(table):
            self._numbers.update(self._values(column, where))
        if "actor_kind" in table.c:
            for kind, key in ((CITIZEN, "citizen_id"), (CENTRE, "staff_id")):
                self._ids[key].update(self._values(table.c.actor_id, [*where, table.c.actor_kind == kind]))

    def _values(self, column: Column[Any], where: Sequence[ColumnElement[bool]]) -> Collection[Any]:
        return self._session.scalars(select(column).where(column.is_not(None), *where)).all()

    def _living(
        self, person: type[Citizen | CentralStaff], ids: set[int], *also: ColumnElement[bool]
    ) -> list[int]:
        return list(
            self._session.scalars(select(person.id).where(person.id.in_(ids), *also).order_by(person.id))
        )


def _links(table: Table) -> Iterator[tuple[Column[Any], Table]]:
    for column in table.columns:
        for key in column.foreign_keys:
            target = key.column.table
            if target.schema == table.schema and target.name in {*PEOPLE, *THROUGH}:
                yield column, target


def _numbers(table: Table) -> list[Column[Any]]:
    """The telephones that a table holds beside the accounts' own, which are asked for by their index."""
    return [] if table.name in PEOPLE else [c for c in table.columns if isinstance(c.type, EncryptedPhone)]


def _leads(table: Table) -> bool:
    return table.name in PEOPLE or bool(
        [*_links(table), *_numbers(table), *(c for c in table.columns if c.name == "actor_kind")]
    )


def _owners(session: Session, phones: Collection[str]) -> dict[str, int]:
    """The accounts that have these telephones (+62…)."""
    owners: dict[str, int] = {}
    for part in _parts(phones):
        theirs = or_(*(same(Citizen.phone_index, phone) for phone in part))
        rows = session.execute(select(Citizen.phone, Citizen.id).where(Citizen.active, theirs))
        owners.update({phone: key for phone, key in rows if phone is not None})
    return owners


def _parts(phones: Collection[str]) -> Iterator[set[str]]:
    every = sorted(phones)
    for start in range(0, len(every), PHONES_AT_ONCE):
        yield set(every[start : start + PHONES_AT_ONCE])


def _made_up() -> list[str]:
    return [f"+628129999{number:04d}" for number in range(10_000)]
