"""Passwords of accounts: the same rules for staff of a region and of the centre."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts.guard import again_key, count_password, count_try, forgive
from mpp.accounts.passwords import dummy_hash, hash_password, hasher, shortest, verify, weakness
from mpp.accounts.realm import Person, person, realm
from mpp.accounts.sessions import end_all


class AccountError(Exception):
    """The act was refused; the text is one line for the person who asked. `field` names the form's field."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def authenticate(
    session: Session,
    handle: str,
    password: str,
    *,
    address: str | None,
    device: str | None,
    work: str | None = None,
) -> Person | None:
    """Return the account that `handle` and `password` open, or None; the try is counted before it is checked.

    None never says which account exists: an unknown one costs as much time. `device` is the browser's own name
    when it has signed in before with this handle; `work` the mark of a form with the harder work, for which there are
    tries when others have used up the first ones (mpp.accounts.guard). Counting locks the count until the
    transaction ends: strangers' tries at one account queue up, and one commit serves the count and the session that
    may follow. Raises TooManyTriesError, also for a handle without an account.
    """
    wanted = handle.strip().lower()
    kind = realm().account
    last, keys = count_password(session, wanted, address, device, work)
    account = session.scalar(select(kind).where(realm().bears(wanted)))
    right = verify(account.password_hash if account else dummy_hash(), password)
    if account is None or not account.active or not right:
        if last:
            # Written for an unknown account too: the time it takes must not tell.
            audit.record(session, action="account.lock", subject=f"account:{account.id if account else 0}")
        return None
    if hasher.check_needs_rehash(account.password_hash):
        account.password_hash = hash_password(password)
    forgive(session, keys)
    return account


def confirm_password(account_id: int, password: str) -> None:
    """Make sure that the owner is at the keyboard. Raises AccountError, TooManyTriesError."""
    keys = again_key(account_id)
    with realm().write() as session:
        count_try(session, keys)
        account = person(session, account_id)
    if account is None or not verify(account.password_hash, password):
        raise AccountError("Kata sandi sekarang tidak cocok.", "current")
    with realm().write() as session:
        forgive(session, keys)


def change_own_password(account_id: int, current: str, new: str) -> Person:
    """Set one's own password and end every session of the account. Raises AccountError, TooManyTriesError."""
    confirm_password(account_id, current)
    with realm().write() as session:
        account = person(session, account_id, lock=True)
        if account is None:
            raise AccountError("Akun ini tidak ada lagi.")
        check_new(new, account)
        if new == current:
            raise AccountError("Pilih kata sandi yang lain dari sekarang.", "new")
        set_password(session, account, new)
        audit.record(session, action="account.password", subject=realm().subject(account.id))
    return account


def check_new(password: str, account: Person) -> None:
    """Make sure that a new password is not one that others would try. Raises AccountError."""
    refused = weakness(password, (account.handle, account.called), shortest(account))
    if refused is not None:
        raise AccountError(refused, "new")


def set_password(session: Session, account: Person, password: str) -> None:
    """Set a password and end every session of the account."""
    account.password_hash = hash_password(password)
    end_all(session, account.id)
