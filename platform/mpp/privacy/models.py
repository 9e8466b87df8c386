"""A citizen's wish to be forgotten by the whole platform; and leaks, with what their people are told."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mpp.accounts.proof_models import CENTRAL_ACCOUNT, Twin
from mpp.crypto.types import EncryptedPhone
from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt


class CitizenErasure(Base):
    """One wish. It is carried out at `due_at`; until then its owner can call it off."""

    __tablename__ = "citizen_erasure"
    __table_args__ = (
        Index(
            "uq_citizen_erasure_open", "account_id", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_citizen_erasure_due", "due_at", postgresql_where=text("ended_at IS NULL")),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    account_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.citizen.id"))
    asked_at: Mapped[CreatedAt]
    due_at: Mapped[dt.datetime]
    # When it was called off (done False) or carried out.
    ended_at: Mapped[dt.datetime | None]
    done: Mapped[bool] = mapped_column(server_default=text("false"))


class LeakColumns(Twin):
    """Personal data that came where it should not: what its people and the lembaga are told (Pasal 46)."""

    id: Mapped[BigId]
    # Between these moments the data lay open, as far as is known.
    since: Mapped[dt.datetime]
    until: Mapped[dt.datetime]
    # When it was known; the 72 hours count from here.
    known_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    # Which data, how it came out, what is done about it: they name no person.
    what: Mapped[str] = mapped_column(Text)
    how: Mapped[str] = mapped_column(Text)
    handling: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    # When somebody let the drafts go out.
    released_at: Mapped[dt.datetime | None]


class LeakNoticeColumns(Twin):
    """What one person is told about a leak: a draft until `told_at`."""

    id: Mapped[BigId]
    leak_id: Mapped[int] = mapped_column()
    told_at: Mapped[dt.datetime | None]


class NationalLeak(LeakColumns, Base):
    """A leak of the nation's own tables."""

    __tablename__ = "leak"
    __table_args__ = (CheckConstraint("until >= since", name="order"), {"schema": PLATFORM_SCHEMA})


class NationalLeakNotice(LeakNoticeColumns, Base):
    """A notice to a citizen with an account, to somebody of the centre, or to a telephone that has no account."""

    __tablename__ = "leak_notice"
    __table_args__ = (
        # The telephone is forgotten once it has been told.
        CheckConstraint(
            "num_nonnulls(citizen_id, staff_id, phone) = 1 "
            "OR (told_at IS NOT NULL AND num_nonnulls(citizen_id, staff_id, phone) = 0)",
            name="whose",
        ),
        UniqueConstraint("leak_id", "citizen_id"),
        UniqueConstraint("leak_id", "staff_id"),
        Index("ix_leak_notice_draft", "leak_id", "id", postgresql_where=text("told_at IS NULL")),
        {"schema": PLATFORM_SCHEMA},
    )

    leak_id: Mapped[int] = mapped_column(ForeignKey(NationalLeak.id))
    citizen_id: Mapped[int | None] = mapped_column(
        ForeignKey(f"{PLATFORM_SCHEMA}.citizen.id", ondelete="CASCADE"), index=True
    )
    staff_id: Mapped[int | None] = mapped_column(ForeignKey(CENTRAL_ACCOUNT, ondelete="CASCADE"), index=True)
    phone: Mapped[str | None] = mapped_column(
        EncryptedPhone("leak_notice.phone", national=True), deferred=True
    )
