"""Acts that a person without a strong proof gets only after days, in which the owner is told and can object.

Who holds the SIM alone (stolen, or given out again by the operator) can so take nothing at once: every session of the
account shows the act on every page, at the centre with a button that calls it off; the number and the e-mail address
get an address that does the same; and a strong proof of the owner calls it off by itself. An owner who is to lose every
proof has set them against just this thief, and gets longer to notice.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts.realm import realm
from mpp.accounts.secrets import fingerprint, fingerprints
from mpp.citizens import messages
from mpp.citizens.models import Citizen, CitizenSession, CitizenWait, Wait
from mpp.citizens.realm import nation
from mpp.crypto.types import same
from mpp.database.session import central_read, central_write

LASTS = {Wait.PHONE: dt.timedelta(days=3), Wait.RECOVER: dt.timedelta(days=14)}
TOLD = {Wait.PHONE: messages.Message.PHONE_WAITS, Wait.RECOVER: messages.Message.RECOVERY_WAITS}
# Makes the address of the page that calls an act off, from its token.
Address = Callable[[str], str]


def begin(
    session: Session, citizen: Citizen, kind: Wait, address: Address, phone: str | None = None
) -> CitizenWait:
    """Begin to wait, in place of what waited before; tell the number and the address that the account has now."""
    with nation():
        call_off_all(session, citizen.id)
        token = secrets.token_urlsafe(32)
        row = CitizenWait(
            account_id=citizen.id, kind=kind.value, phone=phone, cancel_hash=_hash(token),
            due_at=dt.datetime.now(tz=dt.UTC) + LASTS[kind],
        )  # fmt: skip
        session.add(row)
        session.flush()
        messages.tell(session, citizen, TOLD[kind], address(token))
        audit.record(session, action=f"citizen.wait_{kind}", subject=realm().subject(citizen.id))
        return row


def of(citizen_id: int) -> CitizenWait | None:
    """Return what waits for an account, None for nothing."""
    with nation(), central_read() as session:
        return open_one(session, citizen_id)


def at(session_id: int) -> CitizenWait | None:
    """Return what waits for the account of a session: a region's page knows no more of it."""
    with nation(), central_read() as session:
        owner = select(CitizenSession.account_id).where(CitizenSession.id == session_id)
        citizen_id = session.scalar(owner)
        return None if citizen_id is None else open_one(session, citizen_id)


def open_one(session: Session, citizen_id: int) -> CitizenWait | None:
    """Return what waits for an account as it stands now."""
    query = select(CitizenWait).where(CitizenWait.account_id == citizen_id, CitizenWait.ended_at.is_(None))
    return session.scalar(query.execution_options(populate_existing=True))


def is_due(wait: CitizenWait) -> bool:
    """Whether the days are over."""
    return wait.due_at <= dt.datetime.now(tz=dt.UTC)


def call_off(token: str) -> bool:
    """Call an act off by the address that its owner was sent; False when nothing waits under it."""
    with nation(), central_write() as session:
        found = session.scalar(
            select(CitizenWait).where(
                CitizenWait.cancel_hash.in_(fingerprints("wait", token)), CitizenWait.ended_at.is_(None)
            )
        )
        return found is not None and call_off_all(session, found.account_id)


def waits_under(token: str) -> bool:
    """Whether an act waits under a token: what the page of the address shows before anybody presses."""
    with nation(), central_read() as session:
        query = select(CitizenWait.id).where(
            CitizenWait.cancel_hash.in_(fingerprints("wait", token)), CitizenWait.ended_at.is_(None)
        )
        return session.scalar(query) is not None


def refuse(citizen_id: int) -> None:
    """Call off what waits for an account, from any browser of its owner's."""
    with central_write() as session:
        call_off_all(session, citizen_id)


def call_off_all(session: Session, citizen_id: int) -> bool:
    """Call off what waits for an account; False when nothing did."""
    with nation():
        if not end(session, citizen_id):
            return False
        audit.record(session, action="citizen.wait_off", subject=realm().subject(citizen_id))
        return True


def end(session: Session, citizen_id: int) -> bool:
    """End what waits for an account, done or called off; False when nothing did."""
    open_ = (CitizenWait.account_id == citizen_id, CitizenWait.ended_at.is_(None))
    ended = update(CitizenWait).where(*open_).values(ended_at=dt.datetime.now(tz=dt.UTC), phone=None)
    # Sealed values are not compared in memory.
    plain = {"synchronize_session": False}
    return session.scalar(ended.returning(CitizenWait.id), execution_options=plain) is not None


def do_due(session: Session) -> int:
    """Change the numbers whose days are over; return how many. A number that is another's by now stays its own."""
    due = select(CitizenWait).where(
        CitizenWait.kind == Wait.PHONE.value, CitizenWait.ended_at.is_(None),
        CitizenWait.due_at <= dt.datetime.now(tz=dt.UTC),
    )  # fmt: skip
    done = 0
    for wait in session.scalars(due.with_for_update(skip_locked=True)).all():
        citizen = session.get_one(Citizen, wait.account_id, with_for_update=True, populate_existing=True)
        phone = wait.phone
        end(session, citizen.id)
        if phone is not None and citizen.active and not taken(session, phone):
            move(session, citizen, phone)
            done += 1
    return done


def taken(session: Session, phone: str) -> bool:
    """Whether a living account has this number."""
    with nation():
        return (
            session.scalar(select(Citizen.id).where(Citizen.active, same(Citizen.phone_index, phone)))
            is not None
        )


def move(session: Session, citizen: Citizen, phone: str, *, but: int | None = None) -> None:
    """Give an account its new number; tell the old one, and sign out every browser save that of session `but`."""
    with nation():
        messages.tell(session, citizen, messages.Message.PHONE_CHANGED)
        citizen.phone, citizen.left_phone = phone, None
        session.flush()
        kind = realm().session
        session.execute(delete(kind).where(kind.account_id == citizen.id, kind.id != (but or 0)))
        audit.record(session, action="citizen.phone", subject=realm().subject(citizen.id))


def _hash(token: str) -> bytes:
    return fingerprint("wait", token)
