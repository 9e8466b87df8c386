"""The hall as rows: when it is open, who is present, which counter serves what."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mpp.accounts.models import Staff
from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt
from tenants.catalogue.models import Agency


class Hall(Base):
    """A building (MPP). A region may have several."""

    __tablename__ = "hall"

    id: Mapped[BigId]
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    latitude: Mapped[float | None] = mapped_column(Numeric(8, 5, asdecimal=False))
    longitude: Mapped[float | None] = mapped_column(Numeric(8, 5, asdecimal=False))
    phone: Mapped[str | None] = mapped_column(Text)
    facilities: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    # What to type into a map; NULL = the name.
    map_query: Mapped[str | None] = mapped_column(Text)
    # True while name, address and facilities are examples, not confirmed by the region.
    example: Mapped[bool] = mapped_column(server_default=text("false"))
    # The same for the hours; the note stands under them.
    hours_example: Mapped[bool] = mapped_column(server_default=text("false"))
    hours_note: Mapped[str | None] = mapped_column(Text)
    sources: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    running_text: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[CreatedAt]

    hours: Mapped[list[OpeningHours]] = relationship(
        back_populates="hall", order_by="OpeningHours.weekday", cascade="all, delete-orphan"
    )
    counters: Mapped[list[Counter]] = relationship(back_populates="hall", order_by="Counter.number")


class OpeningHours(Base):
    """Hours of one weekday (ISO, Monday = 1) in the region's zone. No row: closed that day."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("opens < closes", name="order"),
        CheckConstraint(
            "(break_starts IS NULL) = (break_ends IS NULL) AND (break_starts IS NULL OR "
            "(opens < break_starts AND break_starts < break_ends AND break_ends < closes))",
            name="break",
        ),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    opens: Mapped[dt.time]
    closes: Mapped[dt.time]
    break_starts: Mapped[dt.time | None]
    break_ends: Mapped[dt.time | None]

    hall: Mapped[Hall] = relationship(back_populates="hours")


class Closure(Base):
    """Days a hall is closed, or open although the nation rests (kind `open`)."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("kind IN ('closed','open')", name="kind"),
        CheckConstraint("starts_on <= ends_on", name="order"),
        Index("ix_closure_hall_days", "hall_id", "starts_on", "ends_on"),
    )

    id: Mapped[BigId]
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    kind: Mapped[str] = mapped_column(Text, server_default="closed")
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(Text)


class AgencyPresence(Base):
    """An agency's desk in a hall, on its own weekdays where it does not come every day."""

    __tablename__ = "agency_presence"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.agency.id"), primary_key=True)
    # What the agency is called here ("Bank Nagari"); NULL = its general name.
    local_name: Mapped[str | None] = mapped_column(Text)
    weekdays: Mapped[list[int] | None]
    opens: Mapped[dt.time | None]
    closes: Mapped[dt.time | None]
    note: Mapped[str | None] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(Text)
    valid_from: Mapped[dt.date | None]
    # True while its presence is an example, not confirmed by the region.
    example: Mapped[bool] = mapped_column(server_default=text("false"))
    sources: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))

    agency: Mapped[Agency] = relationship(lazy="joined")


class CounterState(enum.StrEnum):
    """Whether a counter takes people."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class Counter(Base):
    """A counter (loket). Retired, never deleted, once a ticket has been called to it."""

    __tablename__ = "counter"
    __table_args__ = (
        UniqueConstraint("hall_id", "number"),
        CheckConstraint("state IN ('open','paused','closed')", name="state"),
        CheckConstraint("prefix ~ '^[A-Z]{1,2}$'", name="prefix"),
    )

    id: Mapped[BigId]
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    agency_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.agency.id"))
    # The part of the building that has a display of its own ("Lantai 2"); NULL = none.
    zone: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default=CounterState.CLOSED.value)
    state_note: Mapped[str | None] = mapped_column(Text)
    # The officer at the counter now; one officer, one counter.
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), unique=True)
    officer_since: Mapped[dt.datetime | None]
    # The officer's last act that no ticket tells of (opened, paused, pressed "call" on an empty line).
    active_at: Mapped[dt.datetime | None]
    # A quick counter calls only for services whose usual minutes are within the hall's `quick_minutes`.
    quick: Mapped[bool] = mapped_column(server_default=text("false"))
    retired_at: Mapped[dt.datetime | None]
    created_at: Mapped[CreatedAt]

    hall: Mapped[Hall] = relationship(back_populates="counters")
    agency: Mapped[Agency] = relationship(lazy="joined")
    officer: Mapped[Staff | None] = relationship()
    services: Mapped[list[CounterService]] = relationship(cascade="all, delete-orphan")
    officers: Mapped[list[CounterOfficer]] = relationship(cascade="all, delete-orphan")


class CounterService(Base):
    """A service that a counter serves."""

    __tablename__ = "counter_service"
    __table_args__ = (Index("ix_counter_service_service_id", "service_id"),)

    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.service.id"), primary_key=True)


class CounterOfficer(Base):
    """An officer who may sit at a counter."""

    __tablename__ = "counter_officer"

    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)


class QueueRule(Base):
    """The rule of a hall's line. A change is a new row; the newest holds, the others are its history."""

    __tablename__ = "queue_rule"
    __table_args__ = (
        CheckConstraint(
            "target_priority > 0 AND target_booked > 0 AND target_walk_in > 0 AND max_priority_streak > 0 "
            "AND max_overtake > 0 AND recall_gap_seconds >= 0 AND recall_max >= 0 AND quick_minutes > 0 "
            "AND idle_minutes > 0",
            name="positive",
        ),
        CheckConstraint("near_calls > 0", name="near"),
        Index("ix_queue_rule_hall_id", "hall_id", "id"),
    )

    id: Mapped[BigId]
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    # Minutes in which each kind should be called.
    target_priority: Mapped[int]
    target_booked: Mapped[int]
    target_walk_in: Mapped[int]
    # At most so many priority calls in a row while others wait.
    max_priority_streak: Mapped[int]
    # Minutes after which whoever was overtaken goes first.
    max_overtake: Mapped[int]
    recall_gap_seconds: Mapped[int]
    # Calls of one number after the first.
    recall_max: Mapped[int]
    # The longest service, in usual minutes, that a quick counter takes.
    quick_minutes: Mapped[int]
    # Minutes without any act after which an open or paused counter is taken for forgotten.
    idle_minutes: Mapped[int]
    # Who has so many calls to go is told by a message to come near.
    near_calls: Mapped[int] = mapped_column(server_default=text("3"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[CreatedAt]
