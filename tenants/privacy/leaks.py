"""A leak of a region's tables: its profiles, the guests of its numbers, and who was helped."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Mapping

from sqlalchemy import Table, select
from sqlalchemy.orm import Session, undefer

from mpp import outbox
from mpp.crypto.masks import whole_phone
from mpp.database.registry import region_tables
from mpp.outbox import OutboxEntry
from mpp.privacy.kinds import REMOVED, Whose, all_kinds
from mpp.privacy.leaks import Concerned, LeakError, LeakPlace, Scope
from mpp.tenancy.region import current_region
from tenants.hall.models import Hall
from tenants.people.acting_models import Helping, TicketActing
from tenants.people.models import Profile
from tenants.privacy import leak_people
from tenants.privacy.leak_people import Whom
from tenants.privacy.models import Leak, LeakNotice
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.policies import new_code, new_key
from tenants.services.models import RegionService
from tenants.waiting.models import TicketMessage

# No counter has this letter: the numbers of the drill.
PREFIX = "LATIHAN"


class _Region(LeakPlace):
    leak, notice, outbox = Leak, LeakNotice, OutboxEntry

    @property
    def sender(self) -> str:
        """The region's hall."""
        return f"MPP {current_region().name}"

    @property
    def controller(self) -> str:
        """The region's government."""
        region = current_region()
        return f"Pemerintah {region.name} (kode {region.code}), Mal Pelayanan Publik"

    def tables(self) -> Mapping[str, Table]:
        """Return the tables of this region that hold something about citizens."""
        held = {name for kind in all_kinds() if kind.whose is Whose.CITIZEN for name in kind.columns}
        return {
            table.name: table for table in region_tables() if table.name in held and leak_people.leads(table)
        }

    def concerned(self, session: Session, scope: Scope) -> Concerned:
        """Return whom the leak concerns. Raises LeakError for a table without people."""
        if scope.table is not None:
            self.known(scope.table)
        known = self.tables()
        chosen = {"ticket", "profile"} if scope.named else {scope.table} if scope.table else set(known)
        kinds = [k for k in all_kinds() if k.whose is Whose.CITIZEN and chosen & set(k.columns)]
        found = Concerned(kinds, {"profile_id": [], "ticket_id": []})
        _people(session, _named(session, scope) if scope.named else _written(session, scope, known), found)
        return found

    def summary(self, found: Concerned) -> str:
        """Return the counts of profiles and of guests."""
        profiles, guests = (len(found.whom[key]) for key in ("profile_id", "ticket_id"))
        line = f"dengan akun {profiles}, tamu {guests} (tanpa nomor HP {found.without_phone})"
        return f"{line}, hanya nomor HP {len(found.by_hand)} (hubungi sendiri)" if found.by_hand else line

    def addresses(self, session: Session, found: Concerned) -> Iterator[dict[str, str]]:
        """Return name and telephone of everybody concerned."""
        profiles = (
            select(Profile).where(Profile.id.in_(found.whom["profile_id"])).options(undefer(Profile.phone))
        )
        for profile in session.scalars(profiles.order_by(Profile.id)):
            yield _address(f"profile:{profile.id}", profile.name, profile.phone)
        guests = found.whom["ticket_id"]
        given = select(TicketActing.ticket_id, Helping.phone).join(Helping)
        given = given.where(TicketActing.ticket_id.in_(guests))
        helped = {row.ticket_id: row.phone for row in session.execute(given)}
        tickets = select(Ticket).where(Ticket.id.in_(guests)).options(undefer(Ticket.phone))
        for ticket in session.scalars(tickets.order_by(Ticket.id)):
            yield _address(f"ticket:{ticket.id}", ticket.holder, ticket.phone or helped.get(ticket.id))
        for phone in found.by_hand:
            yield _address("", None, phone)

    def send(self, session: Session, notice: LeakNotice, text: str) -> None:
        """Send a message by the number; who has a profile reads it on the page."""
        if notice.ticket_id is not None:
            message = TicketMessage(
                ticket_id=notice.ticket_id, kind=f"leak {notice.leak_id}", channel="console", body=text
            )
            session.add(message)
            session.flush()
            outbox.post(session, "message.send", message=message.id)

    def make_people(self, session: Session, people: int) -> Scope:
        """Add so many numbers of made-up people."""
        hall = session.scalar(select(Hall.id).order_by(Hall.id).limit(1))
        service = session.scalar(select(RegionService.service_id).order_by(RegionService.id).limit(1))
        if hall is None or service is None:
            raise LeakError("daerah ini belum punya gedung atau layanan untuk latihan")
        now, start = dt.datetime.now(tz=dt.UTC), secrets.randbelow(1000)
        codes = [new_code() for _person in range(people)]
        session.add_all(
            Ticket(
                code=code, idempotency_key=new_key(), hall_id=hall, service_id=service,
                local_day=current_region().today(), prefix=PREFIX, number=start + number,
                state=TicketState.COMPLETED.value, holder=f"Orang Latihan {number}",
                phone=f"0812-9999-{number:04d}", channel="web",
            )
            for number, code in enumerate(codes)
        )  # fmt: skip
        session.flush()
        return Scope(now - dt.timedelta(hours=2), now, codes=codes)


REGION = _Region()


def _written(session: Session, scope: Scope, known: Mapping[str, Table]) -> Whom:
    whom = Whom()
    for table in [known[scope.table]] if scope.table else known.values():
        when = scope.written(table)
        if when is not None:
            leak_people.add(session, whom, table, when)
    return whom


def _named(session: Session, scope: Scope) -> Whom:
    whom = Whom(set(session.scalars(select(Ticket.id).where(Ticket.code.in_(scope.codes)))))
    leak_people.name(session, whom, scope.phones)
    leak_people.number(session, whom, scope.numbers)
    whom.rows = len(whom.tickets) + len(whom.profiles) + len(whom.phones)
    return whom


def _people(session: Session, whom: Whom, found: Concerned) -> None:
    """Turn rows into people: one notice for each profile, and for each telephone of guests, by its newest ticket."""
    profiles = whom.profiles
    found.rows, found.by_hand = whom.rows, sorted(whom.phones)
    rows = session.execute(
        select(Ticket.id, Ticket.profile_id, Ticket.phone_index, Ticket.holder)
        .where(Ticket.id.in_(whom.tickets))
        .order_by(Ticket.id.desc())
    ).all()
    seen: set[bytes] = set()
    for ticket_id, profile_id, phone_index, holder in rows:
        if profile_id is not None:
            profiles.add(profile_id)
        elif phone_index is not None:
            if bytes(phone_index) not in seen:
                seen.add(bytes(phone_index))
                found.whom["ticket_id"].append(ticket_id)
        elif holder == REMOVED:
            found.nobody += 1
        else:
            found.without_phone += 1
            found.whom["ticket_id"].append(ticket_id)
    living = select(Profile.id).where(Profile.id.in_(profiles), Profile.erased_at.is_(None))
    found.whom["profile_id"] = sorted(session.scalars(living))
    found.nobody += len(profiles) - len(found.whom["profile_id"])


def _address(key: str, name: str | None, phone: str | None) -> dict[str, str]:
    return {"whose": key, "name": name or "", "phone": whole_phone(phone) if phone else ""}
