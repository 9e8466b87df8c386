"""The two realms of staff, a region's and the centre's: the same rules on tables of their own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Table
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


@dataclass(frozen=True, slots=True)
class Realm:
    """The tables of one realm, and how they are read and written."""

    kind: str
    account: type[Account]
    session: type[SessionColumns]
    totp: type[TotpColumns]
    passkey: type[PasskeyColumns]
    recovery: type[RecoveryColumns]
    tries: type[TryColumns]
    read: Transaction
    write: Transaction

    def table(self, kind: type[Twin | Account]) -> Table:
        """Return the bare table of a kind, for statements on the way of every sign-in: the ORM's comfort costs more."""
        table = kind.__table__  # type: ignore[union-attr]  # every one of them is mapped
        assert isinstance(table, Table)
        return table

    def subject(self, account_id: int) -> str:
        """Return the account's name in the audit log: "staff:3"."""
        return f"{self.account.__tablename__}:{account_id}"


REGIONAL = Realm(
    "staff", Staff, StaffSession, StaffTotp, StaffPasskey, StaffRecovery, SignInTry, read, write
)  # fmt: skip
CENTRAL = Realm(
    "central", CentralStaff, CentralStaffSession, CentralTotp, CentralPasskey, CentralRecovery, CentralSignInTry,
    central_read, central_write,
)  # fmt: skip


def realm() -> Realm:
    """Return the realm of the site being served."""
    return REGIONAL if region_or_none() is not None else CENTRAL


def person(session: Session, account_id: int, *, lock: bool = False) -> Person | None:
    """Return an account of the realm at hand as it stands now, None when there is none."""
    return session.get(
        realm().account, account_id, with_for_update=True if lock else None, populate_existing=lock
    )
