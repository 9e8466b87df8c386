"""The realms of accounts: a region's staff, the centre's, and citizens; the same rules on tables of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table
from sqlalchemy.orm import Session

from mpp.accounts.models import Account, CentralStaff, Staff
from mpp.accounts.proof_models import (
    CentralPasskey,
    CentralRecovery,
    CentralSignInTry,
    CentralStaffSession,
    CentralTotp,
    PasskeyColumns,
    RecoveryColumns,
    SessionColumns,
    SignInTry,
    StaffPasskey,
    StaffRecovery,
    StaffSession,
    StaffTotp,
    TotpColumns,
    TryColumns,
    Twin,
)
from mpp.database.session import central_read, central_write, read, write
from mpp.tenancy.region import region_or_none

Transaction = Callable[[], AbstractContextManager[Session]]
Person = Account
WORK_DAY = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Realm:
    """The tables of one realm, and how they are read and written."""

    kind: str
    account: type[Account]
    session: type[SessionColumns]
    # None: authenticator apps are no proof here.
    app: type[TotpColumns] | None
    passkey: type[PasskeyColumns]
    recovery: type[RecoveryColumns]
    tries: type[TryColumns]
    read: Transaction
    write: Transaction
    # Which account signs in with a handle.
    bears: Callable[[str], ColumnElement[bool]]
    # How long a session lasts at most, and without an act; None: by the role.
    longest: dt.timedelta = WORK_DAY
    idle: dt.timedelta | None = None

    @property
    def totp(self) -> type[TotpColumns]:
        """The table of authenticator apps. Raises LookupError where there is none."""
        if self.app is None:
            raise LookupError(f"no authenticator apps for {self.kind}")
        return self.app

    def table(self, kind: type[Twin | Account]) -> Table:
        """Return the bare table of a kind, for statements on the way of every sign-in: the ORM's comfort costs more."""
        table = kind.__table__  # type: ignore[union-attr]  # every one of them is mapped
        assert isinstance(table, Table)
        return table

    def subject(self, account_id: int) -> str:
        """Return the account's name in the audit log: "staff:3"."""
        return f"{self.account.__tablename__}:{account_id}"


REGIONAL = Realm(
    "staff", Staff, StaffSession, StaffTotp, StaffPasskey, StaffRecovery, SignInTry, read, write,
    lambda handle: Staff.email == handle,
)  # fmt: skip
CENTRAL = Realm(
    "central", CentralStaff, CentralStaffSession, CentralTotp, CentralPasskey, CentralRecovery, CentralSignInTry,
    central_read, central_write, lambda handle: CentralStaff.email == handle,
)  # fmt: skip


_chosen: ContextVar[Realm | None] = ContextVar("realm", default=None)


def realm() -> Realm:
    """Return the realm at hand: the one chosen, else that of the staff of the site being served."""
    return _chosen.get() or (REGIONAL if region_or_none() is not None else CENTRAL)


@contextmanager
def serving(chosen: Realm) -> Iterator[None]:
    """Work on the accounts of `chosen` inside the block."""
    token = _chosen.set(chosen)
    try:
        yield
    finally:
        _chosen.reset(token)


def person(session: Session, account_id: int, *, lock: bool = False) -> Person | None:
    """Return an account of the realm at hand as it stands now, None when there is none."""
    return session.get(
        realm().account, account_id, with_for_update=True if lock else None, populate_existing=lock
    )
