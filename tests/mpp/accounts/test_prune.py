"""What ran out is deleted by night; what lives stays."""

from __future__ import annotations

import datetime as dt

from mpp.accounts import guard, sessions
from mpp.accounts.models import Staff
from mpp.accounts.proof_models import SignInTry, StaffSession
from mpp.accounts.realm import WORK_DAY
from mpp.database.session import read, write
from mpp.jobs.handlers import find
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.hall import at


def test_sessions_and_tries_that_ran_out_are_deleted(app: Platform, bukittinggi: Region) -> None:
    assert find("accounts.prune", bukittinggi) and find("accounts.prune", None)
    with at(app, bukittinggi):
        with write() as session:
            person = session.query(Staff).first()
            assert person is not None
            old, _token = sessions.start(session, person, agent=None, address=None)
            new, _token = sessions.start(session, person, agent=None, address=None)
            session.get_one(StaffSession, old).created_at -= WORK_DAY + dt.timedelta(minutes=1)
            guard.count_try(session, guard.again_key(1))
            guard.count_try(session, guard.again_key(2))
            first = session.get_one(SignInTry, guard.again_key(1)[0][0])
            first.until -= dt.timedelta(hours=1)
        with write() as session:
            sessions.prune(session)
            guard.prune(session)
        with read() as session:
            assert [row.id for row in session.query(StaffSession)] == [new]
            assert [row.key for row in session.query(SignInTry)] == [guard.again_key(2)[0][0]]


def test_a_proof_is_taken_once(app: Platform, bukittinggi: Region, banyuwangi: Region) -> None:
    lasts = dt.timedelta(minutes=5)
    for region in (bukittinggi, banyuwangi):
        with at(app, region), write() as session:
            assert guard.spend(session, "challenge", "abc", lasts=lasts)
            assert not guard.spend(session, "challenge", "abc", lasts=lasts)
            assert guard.spend(session, "challenge", "abd", lasts=lasts)
