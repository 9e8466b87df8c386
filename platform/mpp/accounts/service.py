"""Signing in: the same rules for staff of a region and of the centre."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts.models import CentralStaff, Staff
from mpp.accounts.passwords import FREE_TRIES, LOCK, dummy_hash, hash_password, verify

Account = Staff | CentralStaff
A = TypeVar("A", Staff, CentralStaff)


def authenticate(session: Session, kind: type[A], email: str, password: str) -> A | None:
    """Return the account that `email` and `password` open, or None; a wrong try is counted in the same transaction.

    None never says which account exists: an unknown one costs as much time, a locked one refuses also the
    right password.
    """
    account = session.scalar(select(kind).where(kind.email == email.strip().lower()).with_for_update())
    now = dt.datetime.now(tz=dt.UTC)
    right = verify(account.password_hash if account else dummy_hash(), password)
    if account is None or not account.active or (account.locked_until and account.locked_until > now):
        return None
    if not right:
        account.failed_attempts += 1
        if account.failed_attempts >= FREE_TRIES:
            account.locked_until, account.failed_attempts = now + LOCK, 0
            audit.record(session, action="account.lock", subject=f"account:{account.id}")
        return None
    account.failed_attempts, account.locked_until, account.last_login_at = 0, None, now
    return account


def change_password(session: Session, account: Account, password: str) -> None:
    """Set a new password and end every older session of the account."""
    account.password_hash = hash_password(password)
    account.epoch += 1
    audit.record(session, action="account.password", subject=f"account:{account.id}")
