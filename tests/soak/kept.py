"""The people whom the keeper brings in: profiles, accounts of the nation, guests with a letter, numbers long past."""

from __future__ import annotations

import datetime as dt
import io
from functools import cache

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.citizens.models import Citizen
from mpp.database.session import central_write, write
from mpp.identity.models import CitizenSubject
from mpp.storage.service import keep
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.hall.models import Hall
from tenants.people.models import Profile
from tenants.privacy import files
from tenants.privacy.models import RightsRequest
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.policies import new_code, new_key
from tenants.services.models import RegionService
from tests.support.hall import at

# No counter has this letter: the keeper's own numbers, of which no ledger knows.
PREFIX = "SOAK"
NOTICE, AGED = dt.timedelta(days=10), dt.timedelta(days=120)


def add_profile(app: Platform, region: Region, number: int, *, withdrawn: bool = False) -> int:
    """Add a profile of a region; withdrawn long enough ago for its time to be over. Return its id."""
    now = dt.datetime.now(tz=dt.UTC)
    with at(app, region), write() as session:
        person = Profile(
            subject=subject(number), name=name(number), phone=phone(number), nik=nik(number),
            consent_version="1", consented_at=now, withdrawn_at=now - NOTICE if withdrawn else None,
        )  # fmt: skip
        session.add(person)
        session.flush()
        return person.id


def add_account(app: Platform, region: Region, number: int) -> int:
    """Add a national account which the region knows by the profile of this number; return its id."""
    with app.app_context(), central_write() as session:
        citizen = Citizen(name=name(number), phone=account_phone(number), nik=nik(number))
        session.add(citizen)
        session.flush()
        session.add(CitizenSubject(citizen_id=citizen.id, region_id=region.id, subject=subject(number)))
        return citizen.id


def add_guest(app: Platform, region: Region, number: int, *, aged: bool = False) -> int:
    """Add a guest's served number with a wish and a letter; aged: so old that its time is over. Return its id."""
    with at(app, region), write() as session:
        ticket = _ticket(session, number)
        if aged:
            ticket.local_day = current_region().today() - AGED
        session.add(ticket)
        session.flush()
        if not aged:
            wish = RightsRequest(
                ticket_id=ticket.id, field="holder", wanted=name(number),
                due_at=dt.datetime.now(tz=dt.UTC) + dt.timedelta(hours=72),
            )  # fmt: skip
            session.add(wish)
            session.flush()
            keep(session, letter(), subject=files.subject(wish.id), purpose=files.PURPOSE)
        return ticket.id


def _ticket(session: Session, number: int) -> Ticket:
    hall = session.scalars(select(Hall.id).order_by(Hall.id).limit(1)).one()
    service = session.scalars(select(RegionService.service_id).order_by(RegionService.id).limit(1)).one()
    return Ticket(
        code=new_code(), idempotency_key=new_key(), hall_id=hall, service_id=service,
        local_day=current_region().today(), prefix=PREFIX, number=number, state=TicketState.COMPLETED.value,
        holder=name(number), phone=guest_phone(number), channel="web",
    )  # fmt: skip


@cache
def letter() -> bytes:
    """A small photograph."""
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), (10, 120, 90)).save(buffer, "JPEG")
    return buffer.getvalue()


def subject(number: int) -> str:
    """By which name region and centre know a person."""
    return f"soak-{number}"


def name(number: int) -> str:
    """What a person is called."""
    return f"Warga {number}"


def phone(number: int) -> str:
    """The telephone of a profile; the ledger's people have the same ones."""
    return f"0812-9999-{number % 10_000:04d}"


def guest_phone(number: int) -> str:
    """A telephone that no other guest has."""
    return f"0812-9998-{number % 10_000:04d}"


def account_phone(number: int) -> str:
    """A telephone that no other account has."""
    return f"0812-9997-{number % 10_000:04d}"


def nik(number: int) -> str:
    """A NIK of no region."""
    return f"9901010101{number:06d}"


def plain(phone: str) -> str:
    """As it is kept: +62…"""
    return "+62" + phone.replace("-", "")[1:]
