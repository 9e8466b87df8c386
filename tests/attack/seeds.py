"""What must be there before the forms about it show: things of others that wait for an answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import select

from mpp.citizens.family_models import FamilyMember, Household
from mpp.citizens.powers_models import PowerOfAttorney
from mpp.database.session import central_read, central_write, read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.catalogue import editing
from tenants.catalogue.models import Service
from tenants.devices.models import DeviceKind, PrintJob, PrintState
from tenants.paper.service import lend_block
from tenants.people.models import Profile
from tenants.privacy import requests
from tenants.privacy.owner import Owner
from tenants.queueing.policies import new_key
from tenants.queueing.service import take_ticket
from tests.support.citizens import make_citizen
from tests.support.hall import at
from tests.support.kiosk import add

SERVICE = "ktp-el-baru"


def of_region(app: Platform, region: Region) -> None:
    """A newer national text, a sheet on paper, a wish about somebody's data, and a slip that may not have come out."""
    with app.app_context(), central_read() as session:
        service = session.scalars(select(Service).where(Service.slug == SERVICE)).one()
        newest = max(service.standards, key=lambda standard: standard.version)
    with app.app_context():
        draft = replace(editing.draft_of(newest), name=f"{newest.name} baru")
        editing.publish(SERVICE, newest.version, draft, "Nama disesuaikan")
    kiosk, _code = add(app, region, DeviceKind.KIOSK, name="Mesin pencetak")
    with at(app, region):
        ticket = take_ticket(SERVICE, "Uji Karcis", "0812-9999-0003", new_key(), "web")
        requests.ask(Owner(ticket_id=ticket.id), "holder", "Uji Nama Lain", ticket.id)
        lend_block(ticket.hall_id, ticket.prefix, 5)
        with write() as session:
            job = PrintJob(
                key=new_key(), device_id=kiosk.id, ticket_id=ticket.id, state=PrintState.UNKNOWN.value
            )
            session.add(job)


def of_profile(app: Platform, region: Region, name: str) -> None:
    """A wish of one's own that nobody has decided."""
    with at(app, region), read() as session:
        profile = max(session.scalars(select(Profile)), key=lambda one: one.id)
    with at(app, region):
        requests.ask(Owner(profile_id=profile.id), "other", f"Gelar {name} salah ditulis")


def of_account(app: Platform, citizen: int, phone: str, other: str) -> None:
    """A family card with a child on it; and of somebody else an invitation and a power that wait for this telephone."""
    now = dt.datetime.now(tz=dt.UTC)
    soon = now + dt.timedelta(days=7)
    relative = make_citizen(app, "Uji Kerabat", other)
    with app.app_context(), central_write() as session:
        session.add_all(
            [
                Household(account_id=citizen, card="9901010101010001", stated_at=now),
                FamilyMember(
                    account_id=citizen, name="Uji Anak", relation="anak", nik="9901011010150001", birth_year=2015,
                    stated_at=now,
                ),
                Household(account_id=relative, card="9901010101010002", stated_at=now),
                FamilyMember(
                    account_id=relative, name="Uji Undangan", relation="famili", phone=phone, invited_until=soon,
                    stated_at=now,
                ),
                PowerOfAttorney(
                    giver_id=relative, holder_name="Uji Penerima", phone=phone, scope=[], starts_on=now.date(),
                    ends_on=soon.date(), reason="Sakit", offered_until=soon,
                ),
            ]
        )  # fmt: skip
