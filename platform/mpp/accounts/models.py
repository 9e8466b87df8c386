"""Accounts: what all have in common, and those of staff. A region's people live in its own schema."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ForeignKey, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy_utils import EmailType

from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt


class Role(enum.StrEnum):
    """What a member of a region's staff may do; which acts that are stands in mpp.accounts.permissions."""

    ADMIN = "admin"
    OFFICER = "officer"
    RECEPTIONIST = "receptionist"
    AGENCY_OFFICER = "agency_officer"
    READER = "reader"


class Account:
    """The columns of any account: of a region's staff, of the centre's, or of a citizen."""

    __tablename__: str
    id: Mapped[BigId]
    password_hash: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    last_login_at: Mapped[dt.datetime | None]
    # Set only by the demo seed; the app refuses to start in production while one exists.
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[CreatedAt]

    @property
    def handle(self) -> str:
        """What the person signs in with."""
        raise NotImplementedError

    @property
    def called(self) -> str:
        """The person's name."""
        raise NotImplementedError


class StaffAccount(Account):
    """The columns of an account of staff, of a region or of the centre."""

    email: Mapped[str] = mapped_column(EmailType(length=254), unique=True)
    name: Mapped[str] = mapped_column(Text)

    @property
    def handle(self) -> str:
        """The e-mail address."""
        return self.email

    @property
    def called(self) -> str:
        """The name."""
        return self.name


ROLE_RULE = f"role IN ({', '.join(repr(role.value) for role in Role)})"
# An agency officer without an agency would be one of every agency.
AGENCY_RULE = "role <> 'agency_officer' OR agency_id IS NOT NULL"


class Placed:
    """A role and where it holds: NULL = in every hall, for every agency."""

    role: Mapped[str] = mapped_column(Text)
    hall_id: Mapped[int | None] = mapped_column(ForeignKey("hall.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.agency.id"))


class Staff(StaffAccount, Placed, Base):
    """A member of a region's staff."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint(ROLE_RULE, name="role"), CheckConstraint(AGENCY_RULE, name="agency"))


class CentralStaff(StaffAccount, Base):
    """A super-admin of the centre."""

    __tablename__ = "central_staff"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)
