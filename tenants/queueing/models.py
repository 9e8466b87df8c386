"""Tickets, their number series and every change of their state."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy_utils import PhoneNumber, PhoneNumberType

from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt
from tenants.catalogue.models import Service
from tenants.hall.models import Counter, Hall


class TicketState(enum.StrEnum):
    """Life of a ticket."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


ACTIVE_STATES = (TicketState.CALLED, TicketState.SERVING)


class TicketSeries(Base):
    """The last number given, per hall, prefix and local day: the row that makes duplicates impossible."""

    __tablename__ = "ticket_series"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    prefix: Mapped[str] = mapped_column(Text, primary_key=True)
    local_day: Mapped[dt.date] = mapped_column(primary_key=True)
    last_number: Mapped[int]


class Ticket(Base):
    """One person's place in the queue of one service on one local day."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("hall_id", "local_day", "prefix", "number"),
        CheckConstraint(
            "state IN ('waiting','called','serving','completed','no_show','cancelled')", name="state"
        ),
        CheckConstraint("state NOT IN ('called','serving') OR counter_id IS NOT NULL", name="counter"),
        Index(
            "uq_ticket_active_counter", "counter_id", unique=True,
            postgresql_where=text("state IN ('called','serving')"),
        ),
        Index(
            "ix_ticket_waiting", "hall_id", "local_day", "issued_at", "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_ticket_day_service", "local_day", "service_id"),
    )  # fmt: skip

    id: Mapped[BigId]
    # What the citizen holds: unguessable, the address of the ticket page.
    code: Mapped[str] = mapped_column(Text, unique=True)
    # One tap, one ticket: the form's own key.
    idempotency_key: Mapped[str] = mapped_column(Text, unique=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.service.id"))
    local_day: Mapped[dt.date]
    prefix: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(Text, server_default=TicketState.WAITING.value)
    holder: Mapped[str] = mapped_column(Text)
    phone: Mapped[PhoneNumber | None] = mapped_column(PhoneNumberType(region="ID", max_length=20))
    channel: Mapped[str] = mapped_column(Text)
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    issued_at: Mapped[CreatedAt]
    called_at: Mapped[dt.datetime | None]
    calls: Mapped[int] = mapped_column(server_default=text("0"))
    serving_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]

    hall: Mapped[Hall] = relationship()
    service: Mapped[Service] = relationship()
    counter: Mapped[Counter | None] = relationship()

    @property
    def label(self) -> str:
        """The number as screens and voices show it, e.g. "A-012"."""
        return f"{self.prefix}-{self.number:03d}"


class TicketEvent(Base):
    """One change of a ticket: the source of every statistic. Insert-only for the region's role."""

    __tablename__ = "ticket_event"
    __table_args__ = (
        Index("ix_ticket_event_ticket_id", "ticket_id", "id"),
        Index("ix_ticket_event_hall_id", "hall_id", "id"),
    )

    id: Mapped[BigId]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    at: Mapped[CreatedAt]
    # issue, call, recall, start, complete, no_show, cancel
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
