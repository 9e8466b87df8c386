"""The sound of each hall, and units of the region's own voice."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from mpp.database.models import Base, CreatedAt


class HallSound(Base):
    """How the displays of a hall sound. No row: the defaults below."""

    __tablename__ = "hall_sound"
    __table_args__ = (
        CheckConstraint("volume BETWEEN 0 AND 100", name="volume"),
        CheckConstraint("speak IN ('none','id','en','both')", name="speak"),
        CheckConstraint(
            "(quiet_from IS NULL) = (quiet_to IS NULL) AND (quiet_from IS NULL OR quiet_from <> quiet_to)",
            name="quiet",
        ),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    volume: Mapped[int] = mapped_column(server_default=text("80"))
    # Local times between which nothing sounds; over midnight when the first is the later one.
    quiet_from: Mapped[dt.time | None]
    quiet_to: Mapped[dt.time | None]
    # none: the bell alone.
    speak: Mapped[str] = mapped_column(Text, server_default="id")
    # Names are never said unless a region decides so.
    names_spoken: Mapped[bool] = mapped_column(server_default=text("false"))
    # How often the displays were asked to sound for a test: each rise is one test.
    tests: Mapped[int] = mapped_column(server_default=text("0"))


class VoiceUnit(Base):
    """A recording of the region's own voice, in place of the national one of the same name."""

    __tablename__ = "voice_unit"
    __table_args__ = (CheckConstraint("octet_length(content) <= 204800", name="size"),)

    language: Mapped[str] = mapped_column(Text, primary_key=True)
    unit: Mapped[str] = mapped_column(Text, primary_key=True)
    content_type: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(Text)
    milliseconds: Mapped[int]
    created_at: Mapped[CreatedAt]
