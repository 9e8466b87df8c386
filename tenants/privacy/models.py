"""What people ask about their own data, and what a region has told them about a leak."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mpp.crypto.types import Encrypted
from mpp.database.models import Base, BigId, CreatedAt
from mpp.privacy.models import LeakColumns, LeakNoticeColumns
from tenants.people.models import Profile
from tenants.queueing.models import Ticket


class RequestState(enum.StrEnum):
    """Life of a request."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    # Taken back by who asked.
    WITHDRAWN = "withdrawn"


class RightsRequest(Base):
    """A correction that its owner can't make alone: decided by the region's admin within 72 hours (Pasal 30)."""

    __tablename__ = "rights_request"
    __table_args__ = (
        CheckConstraint("field IN ('holder','phone','other')", name="field"),
        CheckConstraint("state IN ('open','granted','refused','withdrawn')", name="state"),
        # Once decided and a year old it is about nobody any more.
        CheckConstraint(
            "num_nonnulls(ticket_id, profile_id) = 1 OR (state <> 'open' AND num_nonnulls(ticket_id, profile_id) = 0)",
            name="whose",
        ),
        # One open wish for one thing: a button pressed twice asks once.
        Index(
            "uq_rights_request_open", "ticket_id", "profile_id", "field", unique=True,
            postgresql_where=text("state = 'open'"), postgresql_nulls_not_distinct=True,
        ),
        Index("ix_rights_request_due", "due_at", postgresql_where=text("state = 'open'")),
    )  # fmt: skip

    id: Mapped[BigId]
    # The number it is about; who asks for anything else is known by the profile.
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    profile_id: Mapped[int | None] = mapped_column(ForeignKey("profile.id"), index=True)
    # What shall be corrected: holder, phone (of the number), other.
    field: Mapped[str] = mapped_column(Text)
    wanted: Mapped[str | None] = mapped_column(
        "wanted_sealed", Encrypted("rights_request.wanted"), key="wanted", deferred=True
    )
    state: Mapped[str] = mapped_column(Text, server_default=RequestState.OPEN.value)
    # What the admin answered, in the person's own page.
    answer: Mapped[str | None] = mapped_column(
        "answer_sealed", Encrypted("rights_request.answer"), key="answer", deferred=True
    )
    created_at: Mapped[CreatedAt]
    due_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    ticket: Mapped[Ticket | None] = relationship()
    profile: Mapped[Profile | None] = relationship()


class Leak(LeakColumns, Base):
    """A leak of this region's tables."""

    __tablename__ = "leak"
    __table_args__ = (CheckConstraint("until >= since", name="order"),)


class LeakNotice(LeakNoticeColumns, Base):
    """A notice to a profile, or to the guest of a number."""

    __tablename__ = "leak_notice"
    __table_args__ = (
        CheckConstraint("(ticket_id IS NULL) <> (profile_id IS NULL)", name="whose"),
        UniqueConstraint("leak_id", "ticket_id", "profile_id", postgresql_nulls_not_distinct=True),
        Index("ix_leak_notice_draft", "leak_id", "id", postgresql_where=text("told_at IS NULL")),
    )

    leak_id: Mapped[int] = mapped_column(ForeignKey("leak.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    profile_id: Mapped[int | None] = mapped_column(ForeignKey("profile.id"), index=True)

    leak: Mapped[Leak] = relationship()
