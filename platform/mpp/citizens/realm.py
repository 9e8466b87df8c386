"""The realm of citizens: the same rules as staff's, on tables of the nation, at whatever host the person stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import and_

from mpp.accounts.realm import Realm, serving
from mpp.citizens.models import Citizen, CitizenPasskey, CitizenRecovery, CitizenSession, CitizenTry
from mpp.crypto.types import same
from mpp.database.session import central_read, central_write
from mpp.tenancy.region import region_context

KIND = "citizen"
# A phone in one's own pocket, not a counter's computer; what matters asks for a proof again (mpp.citizens.proofs).
LONGEST = dt.timedelta(days=7)
IDLE = dt.timedelta(hours=12)

CITIZENS = Realm(
    KIND, Citizen, CitizenSession, None, CitizenPasskey, CitizenRecovery, CitizenTry, central_read, central_write,
    lambda phone: and_(Citizen.active, same(Citizen.phone_index, phone)), LONGEST, IDLE,
)  # fmt: skip


@contextmanager
def nation() -> Iterator[None]:
    """Leave the region at hand and work on citizens' accounts inside the block."""
    with region_context(None), serving(CITIZENS):
        yield
