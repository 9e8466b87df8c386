"""The region's own record of a person, made when somebody signs in here for the first time and agrees to it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from mpp.crypto import normal
from mpp.crypto.types import Encrypted, EncryptedPhone, blind_index
from mpp.database.models import Base, BigId, CreatedAt


class Profile(Base):
    """A person at this region. The national account is known here by nothing but `subject`."""

    __tablename__ = "profile"
    __table_args__ = (
        CheckConstraint("erased_at IS NOT NULL OR (name IS NOT NULL AND subject IS NOT NULL)", name="person"),
        Index("ix_profile_phone_index", "phone_index", postgresql_where=text("phone_index IS NOT NULL")),
        Index("ix_profile_nik_index", "nik_index", postgresql_where=text("nik_index IS NOT NULL")),
    )

    id: Mapped[BigId]
    # Names this person for this region only: the neighbour knows the same person by another. NULL once erased.
    subject: Mapped[str | None] = mapped_column(Text, unique=True)
    # NULL once erased.
    name: Mapped[str | None] = mapped_column(Encrypted("profile.name"))
    phone: Mapped[str | None] = mapped_column(EncryptedPhone("profile.phone"), deferred=True)
    phone_index: Mapped[bytes | None] = blind_index("profile.phone", "phone", normal.phone)
    nik: Mapped[str | None] = mapped_column(Encrypted("profile.nik"), deferred=True)
    nik_index: Mapped[bytes | None] = blind_index("profile.nik", "nik", normal.digits)
    # Which wording of the consent page the person agreed to; see tenants.people.consent.
    consent_version: Mapped[str] = mapped_column(Text)
    consented_at: Mapped[dt.datetime]
    # Since when the person does not want this any more; agreeing anew clears it.
    withdrawn_at: Mapped[dt.datetime | None]
    # When everything personal was taken out of this row; it stays for what points to it.
    erased_at: Mapped[dt.datetime | None]
    created_at: Mapped[CreatedAt]

    @property
    def living(self) -> bool:
        """Whether the person may be signed in with it: agreed, neither withdrawn nor erased."""
        return self.withdrawn_at is None and self.erased_at is None
