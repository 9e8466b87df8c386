"""The super-admin's own account."""

from __future__ import annotations

from mpp.accounts import service
from mpp.accounts.models import CentralStaff
from mpp.accounts.passwords import verify
from mpp.database.session import central_write


def change_password(account_id: int, current: str, new: str) -> CentralStaff | None:
    """Set a new password and end all older sessions; None when `current` is not the account's password."""
    with central_write() as session:
        account = session.get(CentralStaff, account_id, with_for_update=True)
        if account is None or not verify(account.password_hash, current):
            return None
        service.change_password(session, account, new)
    return account
