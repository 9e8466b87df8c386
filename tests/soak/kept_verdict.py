"""The keeper's verdict: everybody is there, opens and is found, but for those who left or whose time was over."""

from __future__ import annotations

import time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp.citizens.models import Citizen
from mpp.crypto.types import same
from mpp.database.session import central_read, read
from mpp.identity.models import CitizenSubject
from mpp.outbox import OutboxEntry
from mpp.privacy.kinds import REMOVED
from mpp.privacy.models import CitizenErasure
from mpp.storage.models import StoredFile
from mpp.storage.service import open_file
from mpp.tenancy.region import Region
from tenants.people.models import Profile
from tenants.privacy import files
from tenants.privacy.models import RightsRequest
from tenants.queueing.models import Ticket
from tests.soak import kept
from tests.soak.keeper import Keeper
from tests.soak.ledger import phone_of
from tests.support.hall import at

SECONDS_FOR_CLOSING = 120


def judge(keeper: Keeper) -> None:
    """Look at everybody; what is wrong is added to the keeper's list."""
    _wait_for_closing(keeper)
    for region in keeper.regions:
        with at(keeper.app, region), read() as session:
            for person in session.scalars(select(Profile).order_by(Profile.id)):
                _profile(keeper, region, session, person)
            for ticket in session.scalars(select(Ticket).where(Ticket.prefix == kept.PREFIX)):
                _guest(keeper, region, session, ticket)
            for ticket in session.scalars(select(Ticket).where(Ticket.prefix != kept.PREFIX)):
                if ticket.phone is not None and ticket.phone != kept.plain(phone_of(ticket.idempotency_key)):
                    keeper.wrong.append(f"{region.slug} {ticket.label}: another telephone than was given")
    with keeper.app.app_context(), central_read() as session:
        for citizen_id in keeper.accounts:
            _account(keeper, session, session.get_one(Citizen, citizen_id))
    chain = keeper.command("audit", "verify")
    if chain.returncode != 0:
        keeper.wrong.append(f"audit chain: {chain.stdout.decode()[-300:]} {chain.stderr.decode()[-300:]}")


def _wait_for_closing(keeper: Keeper) -> None:
    """The centre's job posts each region's part; both are the platform's to do."""
    until = time.monotonic() + SECONDS_FOR_CLOSING
    while time.monotonic() < until:
        with keeper.app.app_context(), central_read() as session:
            left = session.scalar(select(func.count()).where(CitizenErasure.ended_at.is_(None))) or 0
        for region in keeper.regions:
            with at(keeper.app, region), read() as session:
                parts = OutboxEntry.kind.like("privacy.%"), OutboxEntry.done_at.is_(None)
                left += session.scalar(select(func.count()).where(*parts)) or 0
        if not left:
            return
        time.sleep(1)
    keeper.wrong.append(f"closing of accounts: {left} parts not done after {SECONDS_FOR_CLOSING} s")


def _profile(keeper: Keeper, region: Region, session: Session, person: Profile) -> None:
    key = region.id, person.id
    number = keeper.people.get(key)
    held = person.name, person.phone, person.nik
    if key in keeper.erased | keeper.leaving:
        # Gone, with nothing left that opens.
        if any(held) or person.erased_at is None:
            keeper.wrong.append(f"{region.slug} profile {person.id}: should be gone")
    elif number is not None:
        if held != (kept.name(number), kept.plain(kept.phone(number)), kept.nik(number)):
            keeper.wrong.append(f"{region.slug} profile {person.id}: holds something else than was given")
            return
        found = session.scalars(select(Profile.id).where(same(Profile.nik_index, kept.nik(number)))).all()
        if found != [person.id]:
            keeper.wrong.append(f"{region.slug} profile {person.id}: found {len(found)} times by NIK")


def _guest(keeper: Keeper, region: Region, session: Session, ticket: Ticket) -> None:
    key = region.id, ticket.id
    number = keeper.guests.get(key)
    wish = session.scalar(select(RightsRequest.id).where(RightsRequest.ticket_id == ticket.id))
    letter = session.scalar(select(StoredFile).where(StoredFile.subject == files.subject(wish or 0)))
    if key in keeper.gone | keeper.aged:
        if (ticket.holder, ticket.phone, letter) != (REMOVED, None, None):
            keeper.wrong.append(f"{region.slug} guest {ticket.id}: should be gone")
    elif number is not None:
        phone = kept.guest_phone(number)
        found = session.scalars(select(Ticket.id).where(same(Ticket.phone_index, phone))).all()
        if (ticket.holder, ticket.phone, found) != (kept.name(number), kept.plain(phone), [ticket.id]):
            keeper.wrong.append(f"{region.slug} guest {ticket.id}: lost, or not found by telephone")
        if letter is None or not b"".join(open_file(letter.id, lambda _file: True).pieces):
            keeper.wrong.append(f"{region.slug} guest {ticket.id}: the letter is lost")


def _account(keeper: Keeper, session: Session, citizen: Citizen) -> None:
    number = keeper.people[keeper.accounts[citizen.id]]
    known = session.scalars(
        select(CitizenSubject.subject).where(CitizenSubject.citizen_id == citizen.id)
    ).all()
    held = citizen.name, citizen.phone, citizen.nik
    if citizen.id in keeper.closed:
        if any(held) or citizen.active or known:
            keeper.wrong.append(f"account {citizen.id}: should be closed")
        return
    phone = kept.account_phone(number)
    found = session.scalars(select(Citizen.id).where(same(Citizen.phone_index, phone))).all()
    if (held, known, found) != (
        (kept.name(number), kept.plain(phone), kept.nik(number)), [kept.subject(number)], [citizen.id],
    ):  # fmt: skip
        keeper.wrong.append(f"account {citizen.id}: lost, or not found by telephone")
