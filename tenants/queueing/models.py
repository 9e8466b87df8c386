"""Tickets, their number series, the rule of the line, and every change of their state."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mpp.crypto import normal
from mpp.crypto.types import FROM, EncryptedPhone, blind_index
from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt
from tenants.catalogue.models import Service
from tenants.hall.models import Counter, Hall
from tenants.people.models import Profile


class TicketState(enum.StrEnum):
    """Life of a ticket."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class PriorityClass(enum.StrEnum):
    """Who is called sooner: lansia, penyandang disabilitas, ibu hamil atau menyusui, pembawa balita."""

    ELDERLY = "elderly"
    DISABILITY = "disability"
    PREGNANT = "pregnant"
    INFANT = "infant"


class Entry(enum.StrEnum):
    """How somebody entered the line; each kind has its own target of waiting."""

    PRIORITY = "priority"
    BOOKED = "booked"
    WALK_IN = "walk_in"


ACTIVE_STATES = (TicketState.CALLED, TicketState.SERVING)
# A visit that has not ended: what the end of the day closes.
OPEN_STATES = (TicketState.WAITING, *ACTIVE_STATES, TicketState.ON_HOLD)


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
            "state IN ('waiting','called','serving','on_hold','completed','no_show','cancelled')",
            name="state",
        ),
        CheckConstraint("entry IN ('priority','booked','walk_in')", name="entry"),
        CheckConstraint(
            "priority_class IN ('elderly','disability','pregnant','infant')", name="priority_class"
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
        Index("ix_ticket_profile_id", "profile_id", "id", postgresql_where=text("profile_id IS NOT NULL")),
        Index("ix_ticket_phone_index", "phone_index", postgresql_where=text("phone_index IS NOT NULL")),
        Index(
            "ix_ticket_called", "hall_id", "local_day", "called_at",
            postgresql_where=text("called_at IS NOT NULL"),
        ),
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
    # Read only where it is asked for: a list of tickets opens no number.
    phone: Mapped[str | None] = mapped_column(
        "phone_sealed", EncryptedPhone("ticket.phone"), key="phone", info={FROM: "phone_open"}, deferred=True
    )
    phone_index: Mapped[bytes | None] = blind_index("ticket.phone", "phone", normal.phone)
    # Where numbers lay open before revision 0003: emptied by `mpp secrets backfill`, dropped by a later revision.
    phone_open: Mapped[str | None] = mapped_column("phone", String(20), key="phone_open", deferred=True)
    channel: Mapped[str] = mapped_column(Text)
    # Whose account at this region it is; NULL for a guest's.
    profile_id: Mapped[int | None] = mapped_column(ForeignKey(Profile.id))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    issued_at: Mapped[CreatedAt]
    # One of PriorityClass, NULL for everybody else.
    priority_class: Mapped[str | None] = mapped_column(Text)
    entry: Mapped[str] = mapped_column(Text, server_default=Entry.WALK_IN.value)
    # The original arrival; parking, transfer and coming back never change it.
    arrived_at: Mapped[CreatedAt]
    # The appointed time of a booking: its waiting counts from here.
    due_at: Mapped[dt.datetime | None]
    # Since when it stands in its present line: arrival, transfer, return from parking or from a no-show.
    queued_at: Mapped[CreatedAt]
    # Where only one counter may call it (transferred to that counter); NULL: any that serves it.
    for_counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    held_at: Mapped[dt.datetime | None]
    reactivated: Mapped[bool] = mapped_column(server_default=text("false"))
    # Ids of the services of this visit in their order, the present one among them; [] when there is just one.
    visit_services: Mapped[list[int]] = mapped_column(server_default=text("'[]'"))
    called_at: Mapped[dt.datetime | None]
    calls: Mapped[int] = mapped_column(server_default=text("0"))
    serving_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]

    hall: Mapped[Hall] = relationship()
    service: Mapped[Service] = relationship()
    counter: Mapped[Counter | None] = relationship(foreign_keys=[counter_id])

    @property
    def kind(self) -> Entry:
        """Whose target of waiting counts: a priority class goes before how one entered."""
        return Entry.PRIORITY if self.priority_class else Entry(self.entry)

    @property
    def label(self) -> str:
        """The number as screens and voices show it, e.g. "A-012"."""
        return f"{self.prefix}-{self.number:03d}"


# The reason of an event that a person's own page sent: a word of ours that tells who, not why.
BY_HOLDER = "holder"


class TicketEvent(Base):
    """One change of a ticket: the source of every statistic. Insert-only for the region's role."""

    __tablename__ = "ticket_event"
    __table_args__ = (
        Index("ix_ticket_event_ticket_id", "ticket_id", "id"),
        Index("ix_ticket_event_hall_id", "hall_id", "id"),
        Index(
            "ix_ticket_event_out_of_order", "hall_id", "at",
            postgresql_where=text("(data ->> 'out_of_order') = 'true'"),
        ),
        Index("ix_ticket_event_raised", "hall_id", "at", postgresql_where=text("(data ->> 'raised') = 'true'")),
        Index("ix_ticket_event_counter_id", "counter_id", "id"),
        # Few rows bear words, and those end: the night finds them without reading the whole history.
        Index("ix_ticket_event_reason", "at", postgresql_where=text("reason IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[BigId]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    at: Mapped[CreatedAt]
    # issue, represent, call, recall, start, complete, no_show, cancel, hold, resume, transfer, reactivate, reclassify,
    # close_day
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None]
    # Somebody's words, or BY_HOLDER. They end with the ticket's person; nothing else of an event ever changes.
    reason: Mapped[str | None] = mapped_column(Text)
    # A call stores under "rule" the inputs that decided: see tenants.queueing.decision.
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    # The act's own key: sent or replayed twice, it happens once.
    event_key: Mapped[str | None] = mapped_column(Text, unique=True)


class QueueCall(Base):
    """One call as the rule remembers it, however the ticket goes on. Written with the call's event, insert-only.

    The rule asks two things of it: the last calls of a group (a hall's counters with one letter), and whose waiting
    began how late among those whom each counter has called.
    """

    __tablename__ = "queue_call"
    __table_args__ = (
        Index(
            "ix_queue_call_group", "hall_id", "local_day", "prefix", "at", "event_id",
            postgresql_include=["counter_id", "began", "priority"],
        ),
    )  # fmt: skip

    # The event that tells the same call: one call, one row.
    event_id: Mapped[int] = mapped_column(ForeignKey("ticket_event.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    local_day: Mapped[dt.date]
    # The letter of the counter at that moment: whose group the call counts for.
    prefix: Mapped[str] = mapped_column(Text)
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.service.id"))
    at: Mapped[dt.datetime]
    # When the person's waiting began, and whether this was a priority call.
    began: Mapped[dt.datetime]
    priority: Mapped[bool]


class NumberLease(Base):
    """A block of numbers lent to a device, which may give them out without a line to the centre."""

    __tablename__ = "number_lease"
    __table_args__ = (
        CheckConstraint("first <= last", name="order"),
        Index("ix_number_lease_series", "hall_id", "prefix", "local_day"),
    )

    id: Mapped[BigId]
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    prefix: Mapped[str] = mapped_column(Text)
    local_day: Mapped[dt.date]
    first: Mapped[int]
    last: Mapped[int]
    device: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]


class HallAlert(Base):
    """A silent call for help from a counter, seen by the hall's staff only."""

    __tablename__ = "hall_alert"
    __table_args__ = (
        Index("ix_hall_alert_open", "hall_id", postgresql_where=text("acknowledged_at IS NULL")),
    )

    id: Mapped[BigId]
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    raised_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    raised_at: Mapped[CreatedAt]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    acknowledged_at: Mapped[dt.datetime | None]
    # What was found and done.
    outcome: Mapped[str | None] = mapped_column(Text)
    event_key: Mapped[str | None] = mapped_column(Text, unique=True)

    counter: Mapped[Counter | None] = relationship()
