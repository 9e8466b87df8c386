"""Accounts of staff. A region's people live in its own schema; the centre's in `platform`."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy_utils import EmailType

from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt


class Role(enum.StrEnum):
    """What a member of a region's staff may do."""

    ADMIN = "admin"
    OFFICER = "officer"
    RECEPTIONIST = "receptionist"


class _AccountColumns:
    id: Mapped[BigId]
    email: Mapped[str] = mapped_column(EmailType(length=254), unique=True)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    # Raised on password change, role change and deactivation: every older session ends at once.
    epoch: Mapped[int] = mapped_column(server_default=text("1"))
    failed_attempts: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[dt.datetime | None]
    last_login_at: Mapped[dt.datetime | None]
    # Set only by the demo seed; the app refuses to start in production while one exists.
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[CreatedAt]


class Staff(_AccountColumns, Base):
    """A member of a region's staff."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role IN ('admin','officer','receptionist')", name="role"),)

    role: Mapped[str] = mapped_column(Text)


class CentralStaff(_AccountColumns, Base):
    """A super-admin of the centre."""

    __tablename__ = "central_staff"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)
