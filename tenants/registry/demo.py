"""Demo accounts: one of each role in every region, with one known password, marked as demo in their rows.

They exist only where the operator asked for them; with one left, the app refuses to start in production.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sqlalchemy import Engine, delete, exists, func, select, update
from sqlalchemy.orm import Session

from mpp.accounts import totp
from mpp.accounts.models import CentralStaff, Role, Staff
from mpp.accounts.passwords import hash_password
from mpp.accounts.proof_models import CentralPasskey, CentralTotp, StaffPasskey, StaffTotp
from mpp.citizens.models import Citizen
from mpp.crypto.masks import whole_phone
from mpp.crypto.types import same
from mpp.settings import Settings
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.provision import inside, owner_engine
from mpp.tenancy.region import Region
from tenants.hall.models import Counter, CounterOfficer

# The region whose four roles the table shows; the others have the same four under their own name.
SHOWN_WHOLE = "bukittinggi"
PASSWORD = "contoh-sandi-2026"  # noqa: S105  # the point of it is to be printed
CENTRAL_EMAIL = "pusat@panrb.contoh"
# (name, telephone, NIK): numbers that nobody can have.
CITIZENS = (
    ("Siti Contoh", "+6281299990001", "9971015505900001"),
    ("Ma'ruf Contoh", "+6281299990002", "9971021203850002"),
)
ADMIN, OFFICER, SECOND_OFFICER, RECEPTIONIST = "admin", "petugas", "petugas2", "resepsionis"
ACCOUNTS = (
    (ADMIN, "Admin daerah (contoh)", Role.ADMIN),
    (OFFICER, "Petugas loket (contoh)", Role.OFFICER),
    (SECOND_OFFICER, "Petugas loket 2 (contoh)", Role.OFFICER),
    (RECEPTIONIST, "Resepsionis (contoh)", Role.RECEPTIONIST),
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A demo account as `mpp up` prints it."""

    where: str
    role: str
    url: str
    user: str
    password: str


@cache
def _hash() -> str:
    """One hash a run: argon2 is slow on purpose, and 85 accounts share the password."""
    return hash_password(PASSWORD)


def email_of(name: str, slug: str) -> str:
    """Return the address of a demo account, in a domain that can't exist."""
    return f"{name}@{slug}.contoh"


def seed_demo(session: Session, region: Region) -> None:
    """Add the demo accounts that `region` lacks; those that are there stay as its people left them.

    Their second factor is a published secret, sealed as any other: demo accounts pass the same doors.
    """
    there = set(session.scalars(select(Staff.email)))
    counters = session.scalars(select(Counter).order_by(Counter.number)).all()
    half = (len(counters) + 1) // 2
    # The second officer shares counter 2 with the first: two people, one line.
    desks = {OFFICER: counters[:half], SECOND_OFFICER: [*counters[1:2], *counters[half:]]}
    for name, title, role in ACCOUNTS:
        email = email_of(name, region.slug)
        if email in there:
            continue
        staff = Staff(email=email, name=title, role=role.value, password_hash=_hash(), demo=True)
        session.add(staff)
        session.flush()
        session.add_all(
            CounterOfficer(counter_id=counter_id, staff_id=staff.id)
            for counter_id in {counter.id for counter in desks.get(name, ())}
        )
    session.flush()
    # Also for those of an older installation: a demo without an app at hand must stay open to try.
    bare = select(Staff.id).where(
        Staff.demo,
        Staff.role == Role.ADMIN.value,
        ~exists().where(StaffTotp.account_id == Staff.id),
        ~exists().where(StaffPasskey.account_id == Staff.id),
    )
    session.add_all(StaffTotp(account_id=key, secret=totp.DEMO_SECRET) for key in session.scalars(bare).all())
    session.flush()


def seed_demo_centre(session: Session) -> None:
    """Add the demo account of the centre when it is not there."""
    if session.scalar(select(CentralStaff.id).where(CentralStaff.email == CENTRAL_EMAIL)) is None:
        session.add(
            CentralStaff(email=CENTRAL_EMAIL, name="Pusat PANRB (contoh)", password_hash=_hash(), demo=True)
        )
        session.flush()
    bare = select(CentralStaff.id).where(
        CentralStaff.demo,
        ~exists().where(CentralTotp.account_id == CentralStaff.id),
        ~exists().where(CentralPasskey.account_id == CentralStaff.id),
    )
    session.add_all(
        CentralTotp(account_id=key, secret=totp.DEMO_SECRET) for key in session.scalars(bare).all()
    )
    session.flush()


def seed_demo_citizens(session: Session) -> None:
    """Add the demo citizens that are not there."""
    for name, phone, nik in CITIZENS:
        if session.scalar(select(Citizen.id).where(Citizen.active, same(Citizen.phone_index, phone))) is None:
            session.add(
                Citizen(
                    name=name, phone=phone, nik=nik, password_hash=_hash(), strong_from=func.now(), demo=True
                )
            )
    session.flush()


def demo_exists(settings: Settings) -> bool:
    """Return whether any demo account is left, at the centre or in any region."""
    with owner_engine(settings) as engine:
        with Session(engine) as session:
            if session.scalar(select(exists().where(CentralStaff.demo) | exists().where(Citizen.demo))):
                return True
        for region in _provisioned(engine):
            with inside(engine, region) as session:
                if session.scalar(select(exists().where(Staff.demo))):
                    return True
    return False


def remove_demo(settings: Settings) -> int:
    """Delete every demo account and return how many; counters they sat at become free.

    One transaction a region, the centre last: interrupted, a second run does the rest.
    """
    removed = 0
    with owner_engine(settings) as engine:
        for region in _provisioned(engine):
            with inside(engine, region) as session:
                demo = select(Staff.id).where(Staff.demo)
                session.execute(
                    update(Counter)
                    .where(Counter.officer_id.in_(demo))
                    .values(officer_id=None, officer_since=None)
                )
                session.execute(delete(CounterOfficer).where(CounterOfficer.staff_id.in_(demo)))
                removed += len(session.scalars(delete(Staff).where(Staff.demo).returning(Staff.id)).all())
        with Session(engine) as session, session.begin():
            gone = delete(CentralStaff).where(CentralStaff.demo).returning(CentralStaff.id)
            removed += len(session.scalars(gone).all())
            removed += len(session.scalars(delete(Citizen).where(Citizen.demo).returning(Citizen.id)).all())
    return removed


def sign_ins(settings: Settings, *, every: bool = False) -> list[SignIn]:
    """Return the demo accounts that exist: all of one region, then the admin of each other, unless `every`."""
    found: list[SignIn] = []
    with owner_engine(settings) as engine:
        with Session(engine) as session:
            centre = select(exists().where(CentralStaff.email == CENTRAL_EMAIL, CentralStaff.demo))
            if session.scalar(centre):
                url = f"{origin(settings)}/masuk"
                found.append(SignIn("Pusat", "super-admin", url, CENTRAL_EMAIL, PASSWORD))
            citizens = session.scalar(select(exists().where(Citizen.demo, Citizen.active)))
        regions = sorted(_provisioned(engine), key=lambda region: region.slug != SHOWN_WHOLE)
        for region in regions:
            with inside(engine, region) as session:
                emails = set(session.scalars(select(Staff.email).where(Staff.demo, Staff.active)))
            url = f"{origin(settings, region.slug)}/masuk"
            for name, title, _role in ACCOUNTS:
                email = email_of(name, region.slug)
                if email in emails and (every or name == ADMIN or region.slug == SHOWN_WHOLE):
                    role = title.removesuffix(" (contoh)").lower()
                    found.append(SignIn(region.name, role, url, email, PASSWORD))
    if citizens:
        url = f"{origin(settings)}/akun/masuk/sandi"
        found += [SignIn("Warga", name, url, whole_phone(phone), PASSWORD) for name, phone, _nik in CITIZENS]
    return found


def origin(settings: Settings, slug: str | None = None) -> str:
    """Return the origin of a region's portal, or of the centre: "http://bukittinggi.localhost:8000"."""
    label = f"{slug}." if slug else ""
    return f"{settings.scheme}://{label}{settings.domain}{settings.public_port}"


def _provisioned(engine: Engine) -> list[Region]:
    with Session(engine) as session:
        records = session.scalars(
            select(RegionRecord)
            .where(RegionRecord.state != RegionState.REGISTERED)
            .order_by(RegionRecord.code)
        )
        return [record.as_region() for record in records]
