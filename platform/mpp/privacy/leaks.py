"""A leak: whom it concerns, and what they and the lembaga are told within 72 hours (Pasal 46 UU 27/2022).

Nothing goes out by itself. What is prepared lies as drafts; a person reads them and lets them go. Here stands what is
the same everywhere; whose tables they are and how their people are reached, each `LeakPlace` says: the nation's
(mpp.privacy.national_leaks) and a region's (tenants.privacy.leaks).
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, func, or_, select, update
from sqlalchemy.orm import Session

from mpp import audit, outbox
from mpp.i18n import clock, full_date
from mpp.outbox import CentralOutboxEntry, OutboxEntry
from mpp.privacy.dossier import CENTRE_ZONE
from mpp.privacy.kinds import Kind
from mpp.privacy.models import LeakColumns, LeakNoticeColumns
from mpp.tenancy.region import ZONE_LABELS, region_or_none

TIME = dt.timedelta(hours=72)
JOB = "leak.tell"
# A draft's day in the outbox: never, until somebody lets it go.
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
AT_ONCE = 500
# By which column a row of each table is dated, and by which it is known to have been used later.
MOMENTS = ("issued_at", "created_at", "at", "posted_at", "started_at", "arrived_at", "asked_at", "stated_at")
SEEN = "seen_at"


class LeakError(Exception):
    """The leak as described concerns nothing here."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What leaked: between two moments (aware), the rows of one table, some telephones, tickets, or NIK and KK."""

    since: dt.datetime
    until: dt.datetime
    table: str | None = None
    phones: Sequence[str] = ()
    codes: Sequence[str] = ()
    numbers: Sequence[str] = ()

    @property
    def named(self) -> bool:
        """Whether single people are named."""
        return bool(self.phones or self.codes or self.numbers)

    def written(self, table: Table) -> list[ColumnElement[bool]] | None:
        """Return which rows of a table it concerns, None for none.

        A leaked table concerns everybody who stood in it before it was closed (`until`); without a table only those
        of whom something was written or used between the two moments.
        """
        moment = next((table.c[name] for name in MOMENTS if name in table.c), None)
        if moment is None:
            return [] if self.table else None
        if self.table:
            return [moment <= self.until]
        after = moment >= self.since
        return [moment <= self.until, or_(after, table.c[SEEN] >= self.since) if SEEN in table.c else after]


@dataclass(slots=True)
class Concerned:
    """Whom a leak concerns: one notice each, by the column of the notice; and rows that name nobody any more."""

    kinds: list[Kind]
    whom: dict[str, list[Any]] = field(default_factory=dict)
    rows: int = 0
    without_phone: int = 0
    nobody: int = 0
    # Telephones of people to whom no row leads a notice: somebody calls them, from the file of addresses.
    by_hand: list[str] = field(default_factory=list)

    @property
    def people(self) -> int:
        """How many people: one notice each, and those whom somebody calls."""
        return sum(map(len, self.whom.values())) + len(self.by_hand)


class LeakPlace(ABC):
    """Where a leak happened: its tables, and how its people are found, named and told."""

    leak: type[LeakColumns]
    notice: type[LeakNoticeColumns]
    outbox: type[OutboxEntry | CentralOutboxEntry]
    # Who tells, who answers for the data, and where a person sees it; in Indonesian.
    page = "Lihat data Anda di halaman “Data saya”."

    @property
    @abstractmethod
    def sender(self) -> str:
        """Who tells the people."""

    @property
    @abstractmethod
    def controller(self) -> str:
        """Who answers for the data (pengendali), as the letter names it."""

    @abstractmethod
    def tables(self) -> Mapping[str, Table]:
        """Return the tables that hold something about people who can be told."""

    @abstractmethod
    def concerned(self, session: Session, scope: Scope) -> Concerned:
        """Return whom the leak concerns. Raises LeakError for a table without people."""

    @abstractmethod
    def summary(self, found: Concerned) -> str:
        """Return the people by how they are reached, as counts in one line."""

    @abstractmethod
    def addresses(self, session: Session, found: Concerned) -> Iterator[dict[str, str]]:
        """Return name and telephone of everybody concerned, for the people who must reach them; never for a log."""

    @abstractmethod
    def send(self, session: Session, notice: Any, text: str) -> None:
        """Send a notice to whoever has a channel; everybody else reads it on their page."""

    @abstractmethod
    def make_people(self, session: Session, people: int) -> Scope:
        """Add so many made-up people for the drill; return the leak that concerns just them. Raises LeakError."""

    def known(self, table: str) -> None:
        """Refuse a table that holds nobody. Raises LeakError."""
        if table not in self.tables():
            raise LeakError(f"bukan tabel tentang orang: {table} (ada: {', '.join(sorted(self.tables()))})")


def prepare(
    session: Session, place: LeakPlace, scope: Scope, found: Concerned, known_at: dt.datetime, how: str, handling: str
) -> LeakColumns:  # fmt: skip
    """Keep the leak with a draft for each person, and the job that will tell them, which waits to be let go."""
    leak = place.leak(
        since=scope.since, until=scope.until, known_at=known_at, due_at=known_at + TIME,
        what="; ".join(kind.name for kind in found.kinds), how=how, handling=handling,
    )  # fmt: skip
    session.add(leak)
    session.flush()
    for key, ids in found.whom.items():
        session.add_all(place.notice(leak_id=leak.id, **{key: one}) for one in ids)
    session.add(place.outbox(kind=JOB, payload={"leak": leak.id}, not_before=NEVER))
    told = {"people": found.people, "rows": found.rows}
    audit.record(session, action="leak.prepare", subject=f"leak:{leak.id}", data=told)
    session.flush()
    return leak


def release(session: Session, place: LeakPlace, leak_id: int) -> int:
    """Let the drafts of a leak go out; return how many. Raises LeakError when there is nothing to let go."""
    leak = session.get(place.leak, leak_id, with_for_update=True, populate_existing=True)
    now, entry = dt.datetime.now(tz=dt.UTC), place.outbox
    waiting = entry.kind == JOB, entry.payload["leak"].as_integer() == leak_id, entry.done_at.is_(None)
    let_go = (
        update(entry).where(*waiting, entry.not_before == NEVER).values(not_before=now).returning(entry.id)
    )
    if leak is None or leak.released_at is not None or session.scalar(let_go) is None:
        raise LeakError("tidak ada draf yang menunggu untuk kebocoran ini")
    leak.released_at = now
    audit.record(session, action="leak.release", subject=f"leak:{leak.id}")
    return counts(session, place, leak_id)[0]


def tell(session: Session, place: LeakPlace, leak_id: int) -> None:
    """Tell one batch of people, and post the next: on their data page, and by a message where there is a channel."""
    leak, notice = session.get_one(place.leak, leak_id), place.notice
    open_ = select(notice).where(notice.leak_id == leak_id, notice.told_at.is_(None))
    drafts = session.scalars(open_.order_by(notice.id).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for draft in drafts:
        draft.told_at = dt.datetime.now(tz=dt.UTC)
        place.send(session, draft, to_person(place, leak))
    if len(drafts) == AT_ONCE:
        outbox.post(session, JOB, leak=leak_id)


def counts(session: Session, place: LeakPlace, leak_id: int) -> tuple[int, int]:
    """Return how many people a leak concerns, and how many of them have been told."""
    notice = place.notice
    query = select(func.count(), func.count(notice.told_at)).where(notice.leak_id == leak_id)
    people, told = session.execute(query).one()
    return people, told


def to_person(place: LeakPlace, leak: LeakColumns) -> str:
    """Return the notice to a person: what Pasal 46 ayat (2) asks for, in plain words, without a name."""
    return (
        f"{place.sender} memberitahukan bahwa data pribadi Anda terungkap kepada yang tidak berhak. "
        f"Data yang terungkap: {leak.what}. Kapan: antara {moment(leak.since)} dan {moment(leak.until)}. "
        f"Bagaimana: {_sentence(leak.how)} Yang sudah dan sedang kami lakukan: {_sentence(leak.handling)} "
        "Waspadai pesan atau telepon yang mengaku petugas dan meminta kode atau uang; kami tidak pernah memintanya. "
        f"{place.page}"
    )


def to_institution(place: LeakPlace, leak: LeakColumns, found: Concerned) -> str:
    """Return the letter to the lembaga that Pasal 58 UU 27/2022 names."""
    lines = [
        "Pemberitahuan kegagalan pelindungan data pribadi",
        "(Pasal 46 Undang-Undang Nomor 27 Tahun 2022)",
        "",
        f"Pengendali: {place.controller}",
        f"Diketahui: {moment(leak.known_at)}",
        f"Batas pemberitahuan (3 x 24 jam): {moment(leak.due_at)}",
        "",
        "a. Data pribadi yang terungkap",
        *(f"   - {kind.name}: {kind.purpose}" for kind in found.kinds),
        f"   Subjek data: {found.people} orang ({found.without_phone} tanpa nomor HP, diberi tahu lewat halamannya)",
        f"   Baris yang tidak lagi menunjuk siapa pun: {found.nobody}",
        "",
        "b. Kapan dan bagaimana terungkap",
        f"   Antara {moment(leak.since)} dan {moment(leak.until)}",
        f"   {_sentence(leak.how)}",
        "",
        "c. Upaya penanganan dan pemulihan",
        f"   {_sentence(leak.handling)}",
        "",
        "Pemberitahuan kepada subjek data disiapkan bersamaan dengan surat ini.",
    ]
    return "\n".join(lines) + "\n"


def moment(at: dt.datetime) -> str:
    """Return day and hour as people read them: in the region's zone, WIB at the centre."""
    if region_or_none() is not None:
        return f"{full_date(at)} pukul {clock(at)}"
    local = at.astimezone(CENTRE_ZONE)
    return f"{full_date(local)} pukul {clock(local)} {ZONE_LABELS[CENTRE_ZONE.key]}"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith(".") else f"{text}."
