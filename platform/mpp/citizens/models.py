"""The national account of a citizen, in schema `platform`, sealed with the nation's keys.

No region's role reads any of these tables. A region knows a person by a profile of its own and by a subject that is
good there alone (tenants.people).
"""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, Synonym, mapped_column, synonym

from mpp.accounts.models import Account
from mpp.accounts.passwords import UNUSABLE
from mpp.accounts.proof_models import (
    PasskeyColumns,
    RecoveryColumns,
    SessionColumns,
    TryColumns,
)
from mpp.crypto import normal
from mpp.crypto.types import Encrypted, EncryptedPhone, blind_index
from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt

ACCOUNT = f"{PLATFORM_SCHEMA}.citizen.id"


class Wait(enum.StrEnum):
    """What a person without a strong proof gets only after days in which the owner can object."""

    PHONE = "phone"
    RECOVER = "recover"


class Citizen(Account, Base):
    """A person's account. Closed, it keeps its number for the log and nothing that tells who it was."""

    __tablename__ = "citizen"
    __table_args__ = (
        CheckConstraint("active = (closed_at IS NULL)", name="closed"),
        CheckConstraint(
            "NOT active OR (name IS NOT NULL AND (phone IS NULL) <> (left_phone IS NULL))", name="whole"
        ),
        CheckConstraint(
            "active OR (name IS NULL AND phone IS NULL AND left_phone IS NULL AND nik IS NULL AND email IS NULL)",
            name="forgotten",
        ),
        Index("ix_citizen_phone", "phone_index", unique=True, postgresql_where=text("active")),
        Index(
            "ix_citizen_left_phone", "left_phone_index", postgresql_where=text("left_phone_index IS NOT NULL")
        ),
        Index("ix_citizen_nik", "nik_index"),
        {"schema": PLATFORM_SCHEMA},
    )

    name: Mapped[str | None] = mapped_column(Encrypted("citizen.name", national=True))
    phone: Mapped[str | None] = mapped_column(EncryptedPhone("citizen.phone", national=True))
    phone_index: Mapped[bytes | None] = blind_index("citizen.phone", "phone", normal.phone, national=True)
    # The number it had before somebody else got it (mpp.citizens.rested): its password is still found by it. Nothing
    # is ever sent there. Cleared when the account takes a number again.
    left_phone: Mapped[str | None] = mapped_column(EncryptedPhone("citizen.left_phone", national=True))
    left_phone_index: Mapped[bytes | None] = blind_index(
        "citizen.left_phone", "left_phone", normal.phone, national=True
    )
    # Typed by its owner, proved by nothing: two accounts may bear the same one.
    nik: Mapped[str | None] = mapped_column(Encrypted("citizen.nik", national=True))
    nik_index: Mapped[bytes | None] = blind_index("citizen.nik", "nik", normal.digits, national=True)
    email: Mapped[str | None] = mapped_column(Encrypted("citizen.email", national=True))
    # Fits nothing until its owner has set one.
    password_hash: Mapped[str] = mapped_column(Text, server_default=text(f"'{UNUSABLE}'"))
    # Since when password, passkeys and recovery codes count as strong. In the future while they are fresh, for a
    # thief with the SIM could have set them; NULL while there is none.
    strong_from: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]

    @property
    def handle(self) -> str:
        """The number that is typed to sign in, +62…, perhaps no longer the owner's; empty once closed."""
        return self.phone or self.left_phone or ""

    @property
    def called(self) -> str:
        """The name; empty once closed."""
        return self.name or ""

    @property
    def has_password(self) -> bool:
        """Whether the owner has set a password."""
        return self.password_hash != UNUSABLE


class CitizenSession(SessionColumns, Base):
    """A signed-in browser at the centre or at a region's host, of the whole nation in one table."""

    __tablename__ = "citizen_session"
    __table_args__ = (
        CheckConstraint("(region_id IS NULL) = (profile_id IS NULL)", name="place"),
        {"schema": PLATFORM_SCHEMA},
    )
    account_id: Mapped[int] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"), index=True)
    citizen_id: Synonym[int] = synonym("account_id")
    # NULL: the centre's host.
    region_id: Mapped[int | None] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.region.id"))
    # The person's profile in that region: what the region knows the person by.
    profile_id: Mapped[int | None]
    # When the person last proved to be the owner in this browser, and when by more than a code on the phone.
    proved_at: Mapped[CreatedAt]
    strong_at: Mapped[dt.datetime | None]


class CitizenPasskey(PasskeyColumns, Base):
    """A passkey of a citizen, made at the centre's host."""

    __tablename__ = "citizen_passkey"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)
    account_id: Mapped[int] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"), index=True)


class CitizenRecovery(RecoveryColumns, Base):
    """A recovery code of a citizen."""

    __tablename__ = "citizen_recovery"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"), {"schema": PLATFORM_SCHEMA})
    account_id: Mapped[int] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"))


class CitizenTry(TryColumns, Base):
    """Tries at citizens' passwords and codes, and codes sent."""

    __tablename__ = "citizen_try"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)


class CitizenMessage(Base):
    """A message to a citizen on its way, to a telephone or an e-mail address; the outbox names it by id alone.

    Deleted soon after it has gone out.
    """

    __tablename__ = "citizen_message"
    __table_args__ = (
        CheckConstraint("(phone IS NULL) <> (email IS NULL)", name="channel"),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    phone: Mapped[str | None] = mapped_column(EncryptedPhone("citizen_message.phone", national=True))
    email: Mapped[str | None] = mapped_column(Encrypted("citizen_message.email", national=True))
    kind: Mapped[str] = mapped_column(Text)
    # A one-time code, or the address by which an act is called off. Cleared once the message is out.
    secret: Mapped[str | None] = mapped_column(Encrypted("citizen_message.secret", national=True))
    created_at: Mapped[CreatedAt]
    sent_at: Mapped[dt.datetime | None]


class CitizenCode(Base):
    """A one-time code sent to a telephone, good for one purpose in one browser."""

    __tablename__ = "citizen_code"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)

    id: Mapped[BigId]
    purpose: Mapped[str] = mapped_column(Text)
    # HMAC of what the browser's signed cookie holds.
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary)
    phone: Mapped[str] = mapped_column(EncryptedPhone("citizen_code.phone", national=True))
    # Whose act it proves; NULL while it is only known which telephone answers.
    account_id: Mapped[int | None] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    message_id: Mapped[int] = mapped_column(
        ForeignKey(f"{PLATFORM_SCHEMA}.citizen_message.id", ondelete="CASCADE"), index=True
    )
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    # When the right code came; what it opens must follow before expires_at.
    proved_at: Mapped[dt.datetime | None]


class CitizenWait(Base):
    """An act that waits for days, told to every channel of the owner, who can call it off with one tap."""

    __tablename__ = "citizen_wait"
    __table_args__ = (
        CheckConstraint("kind IN ('phone','recover')", name="kind"),
        CheckConstraint("(kind = 'phone') = (phone IS NOT NULL) OR ended_at IS NOT NULL", name="phone"),
        Index("ix_citizen_wait_open", "account_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    account_id: Mapped[int] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    # The new number; cleared when the act has ended.
    phone: Mapped[str | None] = mapped_column(EncryptedPhone("citizen_wait.phone", national=True))
    # HMAC of the token in the message's address.
    cancel_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[CreatedAt]
    due_at: Mapped[dt.datetime]
    # When it was done or called off.
    ended_at: Mapped[dt.datetime | None]
