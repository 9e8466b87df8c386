"""Who stands in for whom at this region: on a ticket, and while a form is filled in for somebody."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from mpp.crypto import normal
from mpp.crypto.types import Encrypted, EncryptedPhone, blind_index
from mpp.database.models import Base, BigId, CreatedAt
from tenants.people.models import Profile


class Basis(enum.StrEnum):
    """By what right somebody acts for the person whom a ticket is for."""

    FAMILY = "family"
    POWER = "power"
    HELP = "help"


class HelpReason(enum.StrEnum):
    """Why somebody does not fill in the form alone."""

    NO_PHONE = "no_phone"
    READING = "reading"
    ELDERLY = "elderly"
    DISABILITY = "disability"
    OTHER = "other"


class Helping(Base):
    """One act in which staff or a relative filled in for a person who was there and agreed."""

    __tablename__ = "helping"
    __table_args__ = (
        CheckConstraint("(staff_id IS NULL) <> (profile_id IS NULL)", name="one_helper"),
        CheckConstraint("ended_by IN ('act','hand')", name="ended_by"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        CheckConstraint("reason IN ('no_phone','reading','elderly','disability','other')", name="reason"),
        Index("ix_helping_phone_index", "phone_index", postgresql_where=text("phone_index IS NOT NULL")),
    )

    id: Mapped[BigId]
    # The helper: one of the staff, or somebody with a profile here.
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    profile_id: Mapped[int | None] = mapped_column(ForeignKey(Profile.id), index=True)
    # Who is helped; by the telephone they find it again when they have an account one day.
    name: Mapped[str | None] = mapped_column(Encrypted("helping.name"))
    phone: Mapped[str | None] = mapped_column(EncryptedPhone("helping.phone"), deferred=True)
    phone_index: Mapped[bytes | None] = blind_index("helping.phone", "phone", normal.phone)
    reason: Mapped[str] = mapped_column(Text)
    # When the helper ticked that the person agrees; NULL: asked for at the desk by word of mouth.
    consented_at: Mapped[dt.datetime | None]
    started_at: Mapped[CreatedAt]
    ends_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)


class TicketActing(Base):
    """For whom a ticket was taken by somebody else, and by what right."""

    __tablename__ = "ticket_acting"
    __table_args__ = (
        CheckConstraint("basis IN ('family','power','help')", name="basis"),
        CheckConstraint("(basis = 'help') = (helping_id IS NOT NULL)", name="helping"),
        CheckConstraint("(basis = 'help') = (reference IS NULL)", name="reference"),
    )

    # Without a foreign key's mapping: the queue knows people, not the other way.
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    basis: Mapped[str] = mapped_column(Text)
    # The person whom the visit is for; NULL once erased.
    principal: Mapped[str | None] = mapped_column(Encrypted("ticket_acting.principal"))
    # The account that acts; its name is the profile's.
    profile_id: Mapped[int | None] = mapped_column(ForeignKey(Profile.id), index=True)
    # What the person is to the one who acts ("anak"); of a power, its last day.
    relation: Mapped[str | None] = mapped_column(Text)
    until: Mapped[dt.date | None]
    # The use at the centre, where the person sees it.
    reference: Mapped[str | None] = mapped_column(Text, unique=True)
    helping_id: Mapped[int | None] = mapped_column(ForeignKey(Helping.id), index=True)
    created_at: Mapped[CreatedAt]
