"""A leak: whom it concerns, and what they and the lembaga are told within 72 hours (Pasal 46 UU 27/2022).

Nothing goes out by itself. What is prepared lies as drafts; a person reads them and lets them go.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Column, Table, select
from sqlalchemy.orm import Session, undefer

from mpp import audit, outbox
from mpp.crypto.masks import whole_phone
from mpp.crypto.types import same
from mpp.database.registry import region_tables
from mpp.i18n import clock, full_date
from mpp.outbox import OutboxEntry
from mpp.privacy.kinds import REMOVED, Kind, Whose, all_kinds
from mpp.tenancy.region import current_region
from tenants.people.models import Profile
from tenants.privacy.models import Leak, LeakNotice
from tenants.queueing.models import Ticket
from tenants.waiting.models import TicketMessage

TIME = dt.timedelta(hours=72)
JOB = "leak.tell"
# A draft's day in the outbox: never, until somebody lets it go.
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
AT_ONCE = 500
# By which column a row of each table is dated.
MOMENTS = ("issued_at", "created_at", "at", "posted_at", "started_at", "arrived_at")


class LeakError(Exception):
    """The leak as described concerns nothing here."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What leaked: between two moments (aware), the rows of one table, some telephones or some tickets."""

    since: dt.datetime
    until: dt.datetime
    table: str | None = None
    phones: Sequence[str] = ()
    codes: Sequence[str] = ()

    @property
    def named(self) -> bool:
        """Whether single people are named."""
        return bool(self.phones or self.codes)


@dataclass(slots=True)
class Concerned:
    """Whom a leak concerns: one notice each, by profile or by ticket; and rows that name nobody any more."""

    kinds: list[Kind]
    profiles: list[int] = field(default_factory=list)
    tickets: list[int] = field(default_factory=list)
    rows: int = 0
    without_phone: int = 0
    nobody: int = 0

    @property
    def people(self) -> int:
        """How many notices."""
        return len(self.profiles) + len(self.tickets)


def tables() -> dict[str, Table]:
    """Return the tables of this region that hold something about citizens."""
    held = {name for kind in all_kinds() if kind.whose is Whose.CITIZEN for name in kind.columns}
    return {
        table.name: table
        for table in region_tables()
        if table.name in held and next(_links(table), None) is not None
    }


def concerned(session: Session, scope: Scope) -> Concerned:
    """Return whom the leak concerns. Raises LeakError for a table without people.

    A leaked table concerns everybody who stood in it before it was closed (`until`); without a table those of whom
    something was written between the two moments; named telephones and tickets concern just those.
    """
    known = tables()
    if scope.table is not None and scope.table not in known:
        raise LeakError(f"bukan tabel tentang warga: {scope.table} (ada: {', '.join(sorted(known))})")
    chosen = {"ticket", "profile"} if scope.named else {scope.table} if scope.table else set(known)
    kinds = [k for k in all_kinds() if k.whose is Whose.CITIZEN and chosen & set(k.columns)]
    found = Concerned(kinds)
    tickets, profiles = _named(session, scope) if scope.named else _written(session, scope, known, found)
    _people(session, tickets, profiles, found)
    return found


def prepare(
    session: Session, scope: Scope, found: Concerned, known_at: dt.datetime, how: str, handling: str
) -> Leak:
    """Keep the leak with a draft for each person, and the job that will tell them, which waits to be let go."""
    leak = Leak(
        since=scope.since, until=scope.until, known_at=known_at, due_at=known_at + TIME,
        what="; ".join(kind.name for kind in found.kinds), how=how, handling=handling,
    )  # fmt: skip
    session.add(leak)
    session.flush()
    for key, ids in (("profile_id", found.profiles), ("ticket_id", found.tickets)):
        session.add_all(LeakNotice(leak_id=leak.id, **{key: one}) for one in ids)
    session.add(OutboxEntry(kind=JOB, payload={"leak": leak.id}, not_before=NEVER))
    told = {"people": found.people, "rows": found.rows}
    audit.record(session, action="leak.prepare", subject=f"leak:{leak.id}", data=told)
    session.flush()
    return leak


def release(session: Session, leak_id: int) -> int:
    """Let the drafts of a leak go out; return how many. Raises LeakError when there is nothing to let go."""
    leak = session.get(Leak, leak_id, with_for_update=True, populate_existing=True)
    waiting = select(OutboxEntry).where(
        OutboxEntry.kind == JOB, OutboxEntry.payload["leak"].as_integer() == leak_id
    )
    row = session.scalar(waiting.where(OutboxEntry.done_at.is_(None)).with_for_update())
    if leak is None or row is None or leak.released_at is not None:
        raise LeakError("tidak ada draf yang menunggu untuk kebocoran ini")
    leak.released_at = row.not_before = dt.datetime.now(tz=dt.UTC)
    audit.record(session, action="leak.release", subject=f"leak:{leak.id}")
    return len(session.scalars(select(LeakNotice.id).where(LeakNotice.leak_id == leak_id)).all())


def tell(session: Session, leak_id: int) -> None:
    """Tell one batch of people, and post the next: on their data page, and by a message where a number can have one."""
    leak = session.get_one(Leak, leak_id)
    open_ = select(LeakNotice).where(LeakNotice.leak_id == leak_id, LeakNotice.told_at.is_(None))
    notices = session.scalars(
        open_.order_by(LeakNotice.id).limit(AT_ONCE).with_for_update(skip_locked=True)
    ).all()
    for notice in notices:
        notice.told_at = dt.datetime.now(tz=dt.UTC)
        if notice.ticket_id is not None:
            message = TicketMessage(
                ticket_id=notice.ticket_id, kind=f"leak {leak.id}", channel="console", body=to_person(leak)
            )  # fmt: skip
            session.add(message)
            session.flush()
            outbox.post(session, "message.send", message=message.id)
    if len(notices) == AT_ONCE:
        outbox.post(session, JOB, leak=leak_id)


def addresses(session: Session, found: Concerned) -> Iterator[dict[str, str]]:
    """Return name and telephone of everybody concerned, for the people who must reach them; never for a log."""
    profiles = select(Profile).where(Profile.id.in_(found.profiles)).options(undefer(Profile.phone))
    for profile in session.scalars(profiles.order_by(Profile.id)):
        yield _address(f"profile:{profile.id}", profile.name, profile.phone)
    tickets = select(Ticket).where(Ticket.id.in_(found.tickets)).options(undefer(Ticket.phone))
    for ticket in session.scalars(tickets.order_by(Ticket.id)):
        yield _address(f"ticket:{ticket.id}", ticket.holder, ticket.phone)


def to_person(leak: Leak) -> str:
    """Return the notice to a person: what Pasal 46 ayat (2) asks for, in plain words, without a name."""
    hall = f"MPP {current_region().name}"
    return (
        f"{hall} memberitahukan bahwa data pribadi Anda terungkap kepada yang tidak berhak. "
        f"Data yang terungkap: {leak.what}. Kapan: antara {_moment(leak.since)} dan {_moment(leak.until)}. "
        f"Bagaimana: {_sentence(leak.how)} Yang sudah dan sedang kami lakukan: {_sentence(leak.handling)} "
        "Waspadai pesan atau telepon yang mengaku petugas dan meminta kode atau uang; kami tidak pernah memintanya. "
        "Lihat data Anda di halaman “Data saya”."
    )


def to_institution(leak: Leak, found: Concerned) -> str:
    """Return the letter to the lembaga that Pasal 58 UU 27/2022 names."""
    lines = [
        "Pemberitahuan kegagalan pelindungan data pribadi",
        "(Pasal 46 Undang-Undang Nomor 27 Tahun 2022)",
        "",
        f"Pengendali: Pemerintah {current_region().name} (kode {current_region().code}), Mal Pelayanan Publik",
        f"Diketahui: {_moment(leak.known_at)}",
        f"Batas pemberitahuan (3 x 24 jam): {_moment(leak.due_at)}",
        "",
        "a. Data pribadi yang terungkap",
        *(f"   - {kind.name}: {kind.purpose}" for kind in found.kinds),
        f"   Subjek data: {found.people} orang ({found.without_phone} tanpa nomor HP, diberi tahu lewat halamannya)",
        f"   Baris yang tidak lagi menunjuk siapa pun: {found.nobody}",
        "",
        "b. Kapan dan bagaimana terungkap",
        f"   Antara {_moment(leak.since)} dan {_moment(leak.until)}",
        f"   {_sentence(leak.how)}",
        "",
        "c. Upaya penanganan dan pemulihan",
        f"   {_sentence(leak.handling)}",
        "",
        "Pemberitahuan kepada subjek data disiapkan bersamaan dengan surat ini.",
    ]
    return "\n".join(lines) + "\n"


def _links(table: Table) -> Iterator[Column[object]]:
    """The columns by which a row leads to a ticket or profile; of those tables themselves the key."""
    if table.name in {"ticket", "profile"}:
        yield table.c.id
        return
    for column in table.columns:
        if any(key.column.table.name in {"ticket", "profile"} for key in column.foreign_keys):
            yield column


def _written(
    session: Session, scope: Scope, known: dict[str, Table], found: Concerned
) -> tuple[set[int], set[int]]:
    tickets: set[int] = set()
    profiles: set[int] = set()
    for table in [known[scope.table]] if scope.table else known.values():
        moment = next((table.c[name] for name in MOMENTS if name in table.c), None)
        when = [] if moment is None else [moment <= scope.until]
        if scope.table is None and moment is not None:
            when.append(moment >= scope.since)
        elif scope.table is None:
            continue
        for column in _links(table):
            of = table if table.name in {"ticket", "profile"} else _target(column)
            ids = session.scalars(select(column).where(column.is_not(None), *when)).all()
            found.rows += len(ids)
            (tickets if of.name == "ticket" else profiles).update(int(one) for one in ids)  # type: ignore[call-overload]  # keys are numbers
    return tickets, profiles


def _target(column: Column[object]) -> Table:
    return next(iter(column.foreign_keys)).column.table


def _named(session: Session, scope: Scope) -> tuple[set[int], set[int]]:
    tickets = set(session.scalars(select(Ticket.id).where(Ticket.code.in_(scope.codes))))
    profiles: set[int] = set()
    for phone in scope.phones:
        tickets.update(session.scalars(select(Ticket.id).where(same(Ticket.phone_index, phone))))
        profiles.update(session.scalars(select(Profile.id).where(same(Profile.phone_index, phone))))
    return tickets, profiles


def _people(session: Session, tickets: set[int], profiles: set[int], found: Concerned) -> None:
    """Turn rows into people: one notice for each profile, and for each telephone of guests, by its newest ticket."""
    found.rows = found.rows or len(tickets) + len(profiles)
    rows = session.execute(
        select(Ticket.id, Ticket.profile_id, Ticket.phone_index, Ticket.holder)
        .where(Ticket.id.in_(tickets))
        .order_by(Ticket.id.desc())
    ).all()
    seen: set[bytes] = set()
    for ticket_id, profile_id, phone_index, holder in rows:
        if profile_id is not None:
            profiles.add(profile_id)
        elif phone_index is not None:
            if bytes(phone_index) not in seen:
                seen.add(bytes(phone_index))
                found.tickets.append(ticket_id)
        elif holder == REMOVED:
            found.nobody += 1
        else:
            found.without_phone += 1
            found.tickets.append(ticket_id)
    living = select(Profile.id).where(Profile.id.in_(profiles), Profile.erased_at.is_(None))
    found.profiles = sorted(session.scalars(living))
    found.nobody += len(profiles) - len(found.profiles)


def _address(key: str, name: str | None, phone: str | None) -> dict[str, str]:
    return {"whose": key, "name": name or "", "phone": whole_phone(phone) if phone else ""}


def _moment(moment: dt.datetime) -> str:
    return f"{full_date(moment)} pukul {clock(moment)}"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith(".") else f"{text}."
