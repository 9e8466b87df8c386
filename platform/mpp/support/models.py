"""Each support access that was ever asked for, and what a region allows; no region's role can touch either."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, LargeBinary, Text, and_, func, text
from sqlalchemy.orm import Mapped, mapped_column

from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt


class Level(enum.StrEnum):
    """What a support access is for."""

    LOOK = "look"
    CHANGE = "change"


class Ender(enum.StrEnum):
    """Who ended an access before its time, or that its time was over."""

    SELF = "self"
    CENTRE = "centre"
    REGION = "region"
    TIME = "time"


class SupportAccess(Base):
    """One person of the centre in one region for a limited time. Never deleted: it is the region's record too."""

    __tablename__ = "support_access"
    __table_args__ = (
        CheckConstraint("level IN ('look','change')", name="level"),
        CheckConstraint("ended_by IN ('self','centre','region','time')", name="ended_by"),
        Index("ix_support_access_open", "region_id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_support_access_region", "region_id", "id"),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    region_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.region.id"))
    staff_id: Mapped[int | None] = mapped_column(
        ForeignKey(f"{PLATFORM_SCHEMA}.central_staff.id", ondelete="SET NULL"), index=True
    )
    # What the centre calls the person, also when the account is gone. A region is told the office only.
    staff_name: Mapped[str] = mapped_column(Text)
    # The sign-in at the centre that it hangs on: signed out there, it is over here.
    central_session_id: Mapped[int | None] = mapped_column(
        ForeignKey(f"{PLATFORM_SCHEMA}.central_session.id", ondelete="SET NULL"), index=True
    )
    reason: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    minutes: Mapped[int]
    created_at: Mapped[CreatedAt]
    # When the second factor was given again, and the end of the time from then on; NULL: asked for, not granted.
    granted_at: Mapped[dt.datetime | None]
    until: Mapped[dt.datetime | None]
    # SHA-256 of the one-time token and the state of the browser it is for, and until when that holds.
    hand_over_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    hand_over_until: Mapped[dt.datetime | None]
    # SHA-256 of what the browser's cookie at the region holds; NULL until it was entered.
    session_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    entered_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)

    @property
    def living(self) -> bool:
        """Whether it opens the region now."""
        return (
            self.ended_at is None
            and self.central_session_id is not None
            and self.until is not None
            and self.until > dt.datetime.now(tz=dt.UTC)
        )

    @classmethod
    def alive(cls, region_id: int) -> ColumnElement[bool]:
        """Return the condition that an access opens this region now."""
        return and_(
            cls.region_id == region_id,
            cls.ended_at.is_(None),
            cls.until > func.now(),
            # Signed out or shut out at the centre: the row of that session is gone.
            cls.central_session_id.is_not(None),
        )


class SupportConsent(Base):
    """Whether a region lets support change things; without a row it may look only."""

    __tablename__ = "support_consent"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)

    region_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.region.id"), primary_key=True)
    changes: Mapped[bool] = mapped_column(server_default=text("false"))
    changed_at: Mapped[CreatedAt]
