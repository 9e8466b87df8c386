"""(h) Sign-ins a second against bare argon2 at the same setting: what the doors cost beside the hash itself."""

from __future__ import annotations

from sqlalchemy import select

from mpp import audit
from mpp.accounts import sessions
from mpp.accounts.models import Staff
from mpp.accounts.passwords import hasher
from mpp.accounts.service import authenticate
from mpp.database.session import read, serve, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.registry.demo import PASSWORD, email_of
from tests.bench.report import figure, interleaved, percentile, ratio

ROUNDS = 150
NAME = "petugas"


def run(app: Platform, region: Region) -> bool:
    """Print the ratio; a sign-in counts its try, reads the account, checks the password and starts a session."""
    email = email_of(NAME, region.slug)
    with app.app_context(), serve(region), read() as session:
        hashed = session.scalars(select(Staff.password_hash).where(Staff.email == email)).one()

    def bare() -> None:
        assert hasher.verify(hashed, PASSWORD)

    def whole() -> None:
        with app.app_context(), serve(region), write() as session:
            account = authenticate(session, email, PASSWORD, address="10.0.0.1", device="bench")
            assert account is not None
            sessions.start(session, account, agent="bench", address="10.0.0.1")
            audit.record(session, action="account.sign_in", subject=f"staff:{account.id}")

    interleaved(bare, whole, 10)
    alone, signing_in = interleaved(bare, whole, ROUNDS)
    per_second = 1 / (sum(signing_in) / len(signing_in))
    figure("sign_in", "per_second", per_second, "1/s")
    # What the work itself costs: on a busy machine the median tells of the neighbours.
    best = percentile(alone, 0.1) / percentile(signing_in, 0.1)
    figure("sign_in", "share_of_bare_argon2_best_tenth", best, "x")
    return figure("sign_in", "share_of_bare_argon2", ratio(alone, signing_in), "x", least=0.8)
