"""Recovery codes: ten on paper, each opens the second door once."""

from __future__ import annotations

import re
import secrets

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mpp.accounts.realm import realm
from mpp.accounts.secrets import fingerprint, fingerprints

COUNT = 10
# No vowels and no look-alikes: easy to copy by hand. 12 of 24 signs are 55 bits.
SIGNS = "bcdfghjkmnpqrstvwxz23456"
CODE = re.compile(rf"[{SIGNS}]{{12}}")


def renew(session: Session, account_id: int) -> list[str]:
    """Replace the account's codes; return the new ones, kept only as keyed hashes."""
    kind = realm().recovery
    session.execute(delete(kind).where(kind.account_id == account_id))
    codes = [_code() for _position in range(COUNT)]
    session.add_all(
        kind(account_id=account_id, code_hash=fingerprint(*_parts(account_id, code))) for code in codes
    )
    return codes


def use(session: Session, account_id: int, code: str) -> bool:
    """Take a code; it is gone then. False when the account has no such code."""
    plain = re.sub(r"[\s-]", "", code).lower()
    if not CODE.fullmatch(plain):
        return False
    kind = realm().recovery
    gone = delete(kind).where(
        kind.account_id == account_id, kind.code_hash.in_(fingerprints(*_parts(account_id, plain)))
    )
    return session.scalar(gone.returning(kind.id)) is not None


def left(session: Session, account_id: int) -> int:
    """Return how many codes the account has left."""
    kind = realm().recovery
    return session.scalar(select(func.count()).where(kind.account_id == account_id)) or 0


def _code() -> str:
    return "-".join("".join(secrets.choice(SIGNS) for _sign in range(4)) for _group in range(3))


def _parts(account_id: int, code: str) -> tuple[str, str, str]:
    return "recovery", str(account_id), code.replace("-", "")
