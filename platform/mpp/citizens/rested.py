"""Numbers that somebody else may hold by now: an account nobody has entered for long is not opened by a code alone.

Operators give a number out again from 60 days after its owner gave it back or let it lapse (Permenkominfo 14/2018,
annex, on numbering). Its new holder gets the code and is no owner: such an account asks for another proof. Who says
that the number is new to them gets an account of their own. The old one then loses the number and nothing else, and
is still opened by passkey, by another house's account, and by its password or a recovery code with the number it had.
Why it is so: docs/security.md.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts.passwords import dummy_hash, verify
from mpp.accounts.realm import realm
from mpp.citizens.models import Citizen
from mpp.crypto.types import same

# Since the last sign-in, anywhere. Longer than any session, so nobody is in such an account.
RESTS_AFTER = dt.timedelta(days=180)


class RestedError(Exception):
    """The telephone has answered; the account that bears its number asks for another proof."""


def rests(citizen: Citizen) -> bool:
    """Whether nobody has entered the account for so long that its number may be another person's."""
    last = citizen.last_login_at or citizen.created_at
    return dt.datetime.now(tz=dt.UTC) - last > RESTS_AFTER


def take_number_away(session: Session, citizen: Citizen) -> None:
    """Part an account from its number, which has a new holder. Nobody is told: the number is all that could be told."""
    citizen.phone, citizen.left_phone = None, citizen.phone
    # Before the new account takes it: a number has one account.
    session.flush()
    audit.record(session, action="citizen.number_lost", subject=realm().subject(citizen.id))


def parted_from(session: Session, phone: str) -> list[Citizen]:
    """Return the accounts that had the number (+62…) and have none since, the last one first."""
    query = select(Citizen).where(Citizen.active, same(Citizen.left_phone_index, phone))
    query = query.order_by(Citizen.last_login_at.desc().nulls_last(), Citizen.id.desc())
    return list(session.scalars(query.execution_options(populate_existing=True)))


def opened_by(session: Session, phone: str, password: str) -> Citizen | None:
    """Return the account that had the number and is opened by `password`; the caller counts the try."""
    parted = parted_from(session, phone)
    if not parted:
        # One that is not there costs as much time as one whose password is another.
        verify(dummy_hash(), password)
    return next((citizen for citizen in parted if verify(citizen.password_hash, password)), None)
