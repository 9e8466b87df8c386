"""The first account of a region or of the centre: somebody must be able to sign in before anybody can invite."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from mpp import audit
from mpp.accounts.models import CentralStaff, Role, Staff
from mpp.accounts.passwords import hash_password
from mpp.settings import Settings
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.provision import inside, owner_engine, owner_session
from tenants.registry.errors import RegistryError, UnknownRegionError

PASSWORD_BYTES = 15


def add_central(settings: Settings, email: str, name: str) -> str:
    """Add a super-admin of the centre and return the password, told only here. Raises RegistryError."""
    secret = secrets.token_urlsafe(PASSWORD_BYTES)
    address = _address(email)
    with owner_session(settings) as session:
        if session.scalar(select(CentralStaff.id).where(CentralStaff.email == address)) is not None:
            raise RegistryError(f"Akun {address} sudah ada di pusat.")
        account = CentralStaff(email=address, name=name.strip(), password_hash=hash_password(secret))
        session.add(account)
        session.flush()
        audit.record(session, action="account.create", subject=f"account:{account.id}")
    return secret


def add_admin(settings: Settings, slug: str, email: str, name: str) -> str:
    """Add an admin of a region and return the password, told only here. Raises RegistryError."""
    secret = secrets.token_urlsafe(PASSWORD_BYTES)
    address = _address(email)
    with owner_session(settings) as session:
        record = session.scalar(select(RegionRecord).where(RegionRecord.slug == slug))
        if record is None or record.state == RegionState.REGISTERED:
            raise UnknownRegionError(slug)
    with owner_engine(settings) as engine, inside(engine, record.as_region()) as session:
        if session.scalar(select(Staff.id).where(Staff.email == address)) is not None:
            raise RegistryError(f"Akun {address} sudah ada di {record.name}.")
        account = Staff(
            email=address, name=name.strip(), role=Role.ADMIN.value, password_hash=hash_password(secret)
        )
        session.add(account)
        session.flush()
        audit.record(session, action="staff.create", subject=f"staff:{account.id}", data={"role": Role.ADMIN})
    return secret


def _address(email: str) -> str:
    address = email.strip().lower()
    name, at, host = address.partition("@")
    if not name or not at or "." not in host:
        raise RegistryError(f"“{email}” bukan alamat surel.")
    return address
