"""Powers of attorney between two accounts, and every use that was made of one or of a family card."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from mpp.citizens.models import ACCOUNT
from mpp.crypto import normal
from mpp.crypto.types import Encrypted, EncryptedPhone, blind_index
from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt


class PowerState(enum.StrEnum):
    """Life of a power of attorney. Only HOLDS lets somebody act."""

    OFFERED = "offered"
    LAPSED = "lapsed"
    REFUSED = "refused"
    AHEAD = "ahead"
    HOLDS = "holds"
    EXPIRED = "expired"
    REVOKED = "revoked"
    RETURNED = "returned"


class PowerOfAttorney(Base):
    """One account lets another act for it: what, where, from when until when, and why."""

    __tablename__ = "power_of_attorney"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="order"),
        CheckConstraint("ends_on <= (starts_on + interval '1 year')::date", name="one_year"),
        CheckConstraint("(accepted_at IS NULL) = (holder_id IS NULL)", name="accepted"),
        CheckConstraint("holder_id <> giver_id", name="other"),
        Index(
            "ix_power_of_attorney_phone_index", "phone_index",
            postgresql_where=text("phone_index IS NOT NULL"),
        ),
        {"schema": PLATFORM_SCHEMA},
    )  # fmt: skip

    id: Mapped[BigId]
    giver_id: Mapped[int] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"), index=True)
    # Whoever accepted it; until then only the telephone to which it was offered is known.
    holder_id: Mapped[int | None] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"), index=True)
    # What the giver calls the holder.
    holder_name: Mapped[str] = mapped_column(Encrypted("power_of_attorney.holder_name", national=True))
    # Where the offer waits; emptied by the answer.
    phone: Mapped[str | None] = mapped_column(EncryptedPhone("power_of_attorney.phone", national=True))
    phone_index: Mapped[bytes | None] = blind_index(
        "power_of_attorney.phone", "phone", normal.phone, national=True
    )
    # Slugs of services, and of agencies as "instansi:<slug>"; [] = everything.
    scope: Mapped[list[str]]
    # NULL = every region.
    region_id: Mapped[int | None] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.region.id"))
    # Local days of the region where it is used, both included.
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    # May tell of health or family: sealed, and opened to giver and holder alone.
    reason: Mapped[str] = mapped_column(Encrypted("power_of_attorney.reason", national=True))
    offered_until: Mapped[dt.datetime]
    accepted_at: Mapped[dt.datetime | None]
    refused_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]
    returned_at: Mapped[dt.datetime | None]
    created_at: Mapped[CreatedAt]

    def state(self, moment: dt.datetime) -> PowerState:
        """Return what it is worth at `moment` (aware; its date is the local day of whoever asks)."""
        for ended, state in (
            (self.revoked_at, PowerState.REVOKED),
            (self.returned_at, PowerState.RETURNED),
            (self.refused_at, PowerState.REFUSED),
        ):
            if ended is not None:
                return state
        if moment.date() > self.ends_on:
            return PowerState.LAPSED if self.accepted_at is None else PowerState.EXPIRED
        if self.accepted_at is None:
            return PowerState.OFFERED if moment < self.offered_until else PowerState.LAPSED
        return PowerState.HOLDS if moment.date() >= self.starts_on else PowerState.AHEAD


class ActingUse(Base):
    """One act for somebody else, by the row that allowed it. Added to and read, never changed."""

    __tablename__ = "acting_use"
    __table_args__ = (
        CheckConstraint("(power_id IS NULL) <> (member_id IS NULL)", name="one_basis"),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    # What the region keeps of it: opaque, another for every act.
    reference: Mapped[str] = mapped_column(Text, unique=True)
    power_id: Mapped[int | None] = mapped_column(
        ForeignKey(PowerOfAttorney.id, ondelete="CASCADE"), index=True
    )
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey(f"{PLATFORM_SCHEMA}.family_member.id", ondelete="CASCADE"), index=True
    )
    actor_id: Mapped[int] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"), index=True)
    region_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.region.id"))
    act: Mapped[str] = mapped_column(Text)
    # Slug of the service, and what came of it ("A-012").
    service: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    at: Mapped[CreatedAt]
