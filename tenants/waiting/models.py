"""What people were told about their wait, how it turned out, and what was sent to their phone."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt

# The method of an announcement without figures: likely not called before closing.
LATE = "late"


class WaitAnnouncement(Base):
    """What was shown to the holder of a ticket; a new row only when it changes.

    `low` and `high` are the minutes that stood on the page, `p50` and `p80` the seconds behind them. A job fills
    `real` (seconds from `at` to the next call) once the ticket was called; it stays NULL with `scored_at` set
    when there was no call to compare with: cancelled, put on hold, moved to another service.
    """

    __tablename__ = "wait_announcement"
    __table_args__ = (
        UniqueConstraint("ticket_id", "turn"),
        Index("ix_wait_announcement_open", "id", postgresql_where=text("scored_at IS NULL")),
        Index("ix_wait_announcement_hall_at", "hall_id", "at"),
    )

    id: Mapped[BigId]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.service.id"))
    # The n-th announcement of this ticket; the first is the one a journey is planned by.
    turn: Mapped[int]
    at: Mapped[CreatedAt]
    # simulation; last_entrant: how long the person called last had waited; or LATE, whose figures are all 0.
    method: Mapped[str] = mapped_column(Text)
    p50: Mapped[int]
    p80: Mapped[int]
    low: Mapped[int]
    high: Mapped[int]
    real: Mapped[int | None]
    scored_at: Mapped[dt.datetime | None]


class TicketMessage(Base):
    """A message about a ticket that was handed to a channel: at most one of a kind for each ticket."""

    __tablename__ = "ticket_message"
    __table_args__ = (UniqueConstraint("ticket_id", "kind"),)

    id: Mapped[BigId]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    # near: soon to be called.
    kind: Mapped[str] = mapped_column(Text)
    # console until messages are built.
    channel: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    posted_at: Mapped[CreatedAt]
    sent_at: Mapped[dt.datetime | None]
