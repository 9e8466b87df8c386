"""When somebody last came in: noted once they are in, not when a password alone was right."""

from __future__ import annotations

from sqlalchemy import select

from mpp.accounts import sessions
from mpp.accounts.models import Staff
from mpp.accounts.service import authenticate
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.registry.demo import PASSWORD, email_of
from tests.support.hall import at


def test_a_right_password_alone_is_no_sign_in(app: Platform, bukittinggi: Region) -> None:
    email = email_of("petugas", bukittinggi.slug)
    noted = select(Staff.last_login_at).where(Staff.email == email)
    others = select(Staff.last_login_at).where(Staff.email != email)
    with at(app, bukittinggi):
        with write() as session:
            account = authenticate(session, email, PASSWORD, address=None, device=None)
        assert account is not None
        with read() as session:
            assert session.scalar(noted) is None
        with write() as session:
            sessions.start(session, account, agent=None, address=None)
        with read() as session:
            assert session.scalar(noted) is not None
            assert set(session.scalars(others)) == {None}
