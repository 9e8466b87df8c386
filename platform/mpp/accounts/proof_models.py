"""What proves who somebody is, and what keeps count of wrong tries: twice, for a region and for the centre."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from mpp.accounts.models import AGENCY_RULE, ROLE_RULE, Placed
from mpp.crypto.types import Encrypted
from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt


class Twin:
    """A table that exists in every region and once more for the centre."""

    if TYPE_CHECKING:

        def __init__(self, **values: Any) -> None: ...


CENTRAL_ACCOUNT = f"{PLATFORM_SCHEMA}.central_staff.id"


class SessionColumns(Twin):
    """One browser in which an account is signed in. Deleted, it is signed out."""

    id: Mapped[BigId]
    account_id: Mapped[int] = mapped_column()
    # SHA-256 of a random value that only the browser's signed cookie holds.
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    # "Chrome di Windows", and the network the browser came from, shortened.
    device: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    # The person's last act; written at most once a minute.
    seen_at: Mapped[CreatedAt]


class StaffSession(SessionColumns, Base):
    """A signed-in browser of a region's staff."""

    __tablename__ = "staff_session"
    account_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)


class CentralStaffSession(SessionColumns, Base):
    """A signed-in browser of the centre."""

    __tablename__ = "central_session"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)
    account_id: Mapped[int] = mapped_column(ForeignKey(CENTRAL_ACCOUNT, ondelete="CASCADE"), index=True)


class TotpColumns(Twin):
    """The secret that an account shares with its authenticator app; kept once a first code has shown that it does."""

    account_id: Mapped[int] = mapped_column(primary_key=True)
    secret: Mapped[str] = mapped_column()
    # The newest 30-second step whose code was taken: it and all before it are spent.
    last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    created_at: Mapped[CreatedAt]


class StaffTotp(TotpColumns, Base):
    """The authenticator secret of a member of a region's staff."""

    __tablename__ = "staff_totp"
    account_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(Encrypted("staff_totp.secret"))


class CentralTotp(TotpColumns, Base):
    """The authenticator secret of a super-admin."""

    __tablename__ = "central_totp"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)
    account_id: Mapped[int] = mapped_column(ForeignKey(CENTRAL_ACCOUNT, ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(Encrypted("central_totp.secret", national=True))


class PasskeyColumns(Twin):
    """A passkey: the public half of a key that never leaves its owner's device."""

    id: Mapped[BigId]
    account_id: Mapped[int] = mapped_column()
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    # The device's own count of uses; a smaller one than kept means a copied key.
    sign_count: Mapped[int] = mapped_column(BigInteger)
    # The host it was made at: it works there and nowhere else.
    rp_id: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    used_at: Mapped[dt.datetime | None]


class StaffPasskey(PasskeyColumns, Base):
    """A passkey of a member of a region's staff."""

    __tablename__ = "staff_passkey"
    account_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)


class CentralPasskey(PasskeyColumns, Base):
    """A passkey of a super-admin."""

    __tablename__ = "central_passkey"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)
    account_id: Mapped[int] = mapped_column(ForeignKey(CENTRAL_ACCOUNT, ondelete="CASCADE"), index=True)


class RecoveryColumns(Twin):
    """A code on paper for the day the phone is lost; used once, then deleted."""

    id: Mapped[BigId]
    account_id: Mapped[int] = mapped_column()
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)


class StaffRecovery(RecoveryColumns, Base):
    """A recovery code of a member of a region's staff."""

    __tablename__ = "staff_recovery"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"),)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))


class CentralRecovery(RecoveryColumns, Base):
    """A recovery code of a super-admin."""

    __tablename__ = "central_recovery"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"), {"schema": PLATFORM_SCHEMA})
    account_id: Mapped[int] = mapped_column(ForeignKey(CENTRAL_ACCOUNT, ondelete="CASCADE"))


class TryColumns(Twin):
    """How many tries were made under one key. Rows are short-lived and name nobody."""

    # HMAC of what is counted: account and network, account and known device, or a proof that works once.
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    count: Mapped[int]
    # When the count begins anew; until then more tries than allowed are refused.
    until: Mapped[dt.datetime] = mapped_column(index=True)


class SignInTry(TryColumns, Base):
    """Tries at a region's sign-in."""

    __tablename__ = "sign_in_try"


class CentralSignInTry(TryColumns, Base):
    """Tries at the centre's sign-in."""

    __tablename__ = "central_sign_in_try"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)


class LinkColumns(Twin):
    """A link that lets one person set a password once: an invitation, or a reset for `staff_id`."""

    id: Mapped[BigId]
    email: Mapped[str] = mapped_column(Text)
    # NULL: whoever holds the link becomes a new member of staff.
    staff_id: Mapped[int | None] = mapped_column()
    # HMAC of the token under the keys of the region (or the nation): the link of another is noise here.
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_by: Mapped[str] = mapped_column(Text)
    # The colleague who made it and saw its token; NULL: the command line did.
    created_by_id: Mapped[int | None] = mapped_column()
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[dt.datetime]
    # When it was used, replaced or withdrawn.
    ended_at: Mapped[dt.datetime | None]


class StaffLink(LinkColumns, Placed, Base):
    """A link into a region's staff, with the post that an invited colleague gets."""

    __tablename__ = "staff_link"
    __table_args__ = (
        CheckConstraint(ROLE_RULE, name="role"),
        CheckConstraint(AGENCY_RULE, name="agency"),
        Index("ix_staff_link_open", "email", unique=True, postgresql_where=text("ended_at IS NULL")),
    )
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)


class CentralLink(LinkColumns, Base):
    """A link into the centre."""

    __tablename__ = "central_link"
    __table_args__ = (
        Index("ix_central_link_open", "email", unique=True, postgresql_where=text("ended_at IS NULL")),
        {"schema": PLATFORM_SCHEMA},
    )
    staff_id: Mapped[int | None] = mapped_column(ForeignKey(CENTRAL_ACCOUNT, ondelete="CASCADE"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(
        ForeignKey(CENTRAL_ACCOUNT, ondelete="CASCADE"), index=True
    )
