"""Devices of a hall and the slips they print."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mpp.database.models import Base, BigId, CreatedAt
from tenants.hall.models import Hall
from tenants.queueing.models import Ticket


class DeviceKind(enum.StrEnum):
    """What a device is for."""

    KIOSK = "kiosk"
    DISPLAY = "display"


class DeviceState(enum.StrEnum):
    """Life of a device: its code is out, it works, it is shut out for good."""

    PENDING = "pending"
    ACTIVE = "active"
    REVOKED = "revoked"


class Device(Base):
    """A machine that an administrator has let in. It holds a token of its own and no person's account."""

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("kind IN ('kiosk','display')", name="kind"),
        CheckConstraint("state IN ('pending','active','revoked')", name="state"),
        CheckConstraint("state <> 'active' OR token_hash IS NOT NULL", name="token"),
    )

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(Text)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    # The part of the hall it stands in ("Lantai 2"); NULL = the whole hall.
    zone: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default=DeviceState.PENDING.value)
    # The one-time code, hashed; NULL once used. The code itself is shown once and kept nowhere.
    code_hash: Mapped[str | None] = mapped_column(Text, unique=True)
    code_expires_at: Mapped[dt.datetime | None]
    token_hash: Mapped[str | None] = mapped_column(Text, unique=True)
    # Raised by every new enrolment and by revoking: older tokens end at once.
    epoch: Mapped[int] = mapped_column(server_default=text("1"))
    # A display's: whether it says the calls. Two that hang within earshot would say each of them twice.
    speaks: Mapped[bool] = mapped_column(server_default=text("false"))
    # See tenants.devices.settings.KioskSettings.
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    last_seen_at: Mapped[dt.datetime | None]
    enrolled_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]
    created_at: Mapped[CreatedAt]

    hall: Mapped[Hall] = relationship(lazy="joined")


class PrintState(enum.StrEnum):
    """What became of a slip of paper."""

    WAITING = "waiting"
    # Bytes are on their way.
    SENDING = "sending"
    DONE = "done"
    # The line broke, or the worker died, while they were: nobody knows whether paper came out. Never sent again
    # by itself; staff looks, and prints again by hand.
    UNKNOWN = "unknown"
    # The printer could not be reached and the person has long gone on.
    EXPIRED = "expired"


class PrintJob(Base):
    """One slip for one tap: the key of the tap makes a second one impossible."""

    __tablename__ = "print_job"
    __table_args__ = (
        CheckConstraint("state IN ('waiting','sending','done','unknown','expired')", name="state"),
        Index("ix_print_job_device", "device_id", "id"),
    )

    id: Mapped[BigId]
    key: Mapped[str] = mapped_column(Text, unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    # NULL: a test page.
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    # What the QR code on the slip leads to.
    address: Mapped[str | None] = mapped_column(Text)
    # The language of the person who tapped.
    language: Mapped[str] = mapped_column(Text, server_default="id")
    state: Mapped[str] = mapped_column(Text, server_default=PrintState.WAITING.value)
    problem: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[dt.datetime | None]
    # The slip that staff had printed in its place.
    reprint_id: Mapped[int | None] = mapped_column(ForeignKey("print_job.id"))

    device: Mapped[Device] = relationship(lazy="joined")
    ticket: Mapped[Ticket | None] = relationship()

    @property
    def doubtful(self) -> bool:
        """Whether its holder may have gone without paper, and nobody has seen to it yet."""
        return self.state in DOUBTFUL and self.reprint_id is None and self.ticket_id is not None


DOUBTFUL = (PrintState.UNKNOWN, PrintState.EXPIRED)
