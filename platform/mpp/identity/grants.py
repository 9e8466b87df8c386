"""What the provider writes down: whom a region knows by which name, codes that are good once, tokens that are short."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mpp.citizens.models import Citizen, CitizenSession
from mpp.identity.models import CitizenSubject, Grant

CODE_LASTS = dt.timedelta(seconds=60)
# Long enough to read the consent page at leisure.
TOKEN_LASTS = dt.timedelta(minutes=20)
# Spent grants are remembered so that a nonce or a code shown again is recognised.
KEPT = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request that was found right, by whom, in which of their sessions at the centre."""

    region_id: int
    citizen_id: int
    session_id: int
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    auth_time: dt.datetime


def give_code(session: Session, code: str, asked: Asked) -> None:
    """Write down a code for `asked`; only its hash is kept."""
    session.add(
        Grant(
            code_hash=_hash(code),
            region_id=asked.region_id,
            citizen_id=asked.citizen_id,
            session_id=asked.session_id,
            redirect_uri=asked.redirect_uri,
            scope=asked.scope,
            nonce=asked.nonce,
            code_challenge=asked.code_challenge,
            code_challenge_method=asked.code_challenge_method,
            auth_time=asked.auth_time,
            expires_at=dt.datetime.now(tz=dt.UTC) + CODE_LASTS,
        )
    )


def redeem(session: Session, code: str, region_id: int) -> Grant | None:
    """Spend a code and return its grant, None when it is none of this region's, has run out or was spent before.

    It is spent whatever follows, also by a wrong verifier, address or region. Shown a second time it takes the token
    with it that it was exchanged for: one of the two who showed it is a thief.
    """
    spent = update(Grant).where(Grant.code_hash == _hash(code), Grant.redeemed_at.is_(None))
    grant = session.scalar(
        spent.values(redeemed_at=func.now()).returning(Grant), execution_options={"populate_existing": True}
    )
    if grant is None:
        again = update(Grant).where(Grant.code_hash == _hash(code))
        session.execute(again.values(token_hash=None, token_expires_at=None))
        return None
    alive = grant.expires_at > dt.datetime.now(tz=dt.UTC)
    return grant if alive and grant.region_id == region_id else None


def keep_token(session: Session, grant_id: int, token: str) -> None:
    """Write down the token that a grant was exchanged for; only its hash is kept."""
    until = dt.datetime.now(tz=dt.UTC) + TOKEN_LASTS
    values = {"token_hash": _hash(token), "token_expires_at": until}
    session.execute(update(Grant).where(Grant.id == grant_id).values(values))


def spend_token(session: Session, grant_id: int) -> None:
    """Take a token back."""
    session.execute(update(Grant).where(Grant.id == grant_id).values(token_hash=None, token_expires_at=None))


def by_token(session: Session, token: str, *, lock: bool = False) -> Grant | None:
    """Return the grant of a living token whose citizen still has an account, None for any other."""
    query = (
        select(Grant)
        .join(Citizen, Citizen.id == Grant.citizen_id)
        .where(Grant.token_hash == _hash(token), Grant.token_expires_at > func.now(), Citizen.active)
    )
    if lock:
        query = query.with_for_update(of=Grant)
    return session.scalar(query, execution_options={"populate_existing": True})


def citizen_of(session: Session, grant: Grant) -> Citizen | None:
    """Return who granted it, while the account and the session it came from are alive."""
    query = (
        select(Citizen)
        .join(CitizenSession, CitizenSession.account_id == Citizen.id)
        .where(CitizenSession.id == grant.session_id, Citizen.id == grant.citizen_id, Citizen.active)
    )
    return session.scalar(query, execution_options={"populate_existing": True})


def nonce_seen(session: Session, region_id: int, nonce: str) -> bool:
    """Whether a region has used a nonce before."""
    query = select(Grant.id).where(Grant.region_id == region_id, Grant.nonce == nonce).limit(1)
    return session.scalar(query) is not None


def subject(session: Session, citizen_id: int, region_id: int) -> str:
    """Return the name by which a region knows a citizen; made at the first call, the same ever after."""
    row = {"citizen_id": citizen_id, "region_id": region_id, "subject": secrets.token_urlsafe(24)}
    session.execute(insert(CitizenSubject).values(row).on_conflict_do_nothing())
    return session.scalars(
        select(CitizenSubject.subject).where(
            CitizenSubject.citizen_id == citizen_id, CitizenSubject.region_id == region_id
        )
    ).one()


def prune(session: Session) -> None:
    """Delete grants that have long run out."""
    session.execute(delete(Grant).where(Grant.expires_at < func.now() - KEPT))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
