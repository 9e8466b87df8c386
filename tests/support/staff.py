"""Staff for tests: any role, anywhere, with the cast's password and, for admins, the demo accounts' secret."""

from __future__ import annotations

from functools import cache
from typing import Any

from mpp.accounts import totp
from mpp.accounts.models import Staff
from mpp.accounts.passwords import hash_password
from mpp.accounts.proof_models import StaffTotp
from mpp.database.session import write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import PASSWORD
from tests.support.hall import at


@cache
def password_hash() -> str:
    """One hash a run: argon2 is slow on purpose."""
    return hash_password(PASSWORD)


def add_staff(app: Platform, region: Region, email: str, role: str, **place: Any) -> int:
    """Add a member of staff who may sign in; return the id."""
    with at(app, region), write() as session:
        person = Staff(
            email=email, name=email.partition("@")[0], role=role, password_hash=password_hash(), **place
        )
        session.add(person)
        session.flush()
        if role == "admin":
            session.add(StaffTotp(account_id=person.id, secret=totp.DEMO_SECRET))
        return person.id


def add_admin(app: Platform, region: Region, email: str) -> int:
    """Add an admin with an authenticator app; return the id."""
    return add_staff(app, region, email, "admin")
