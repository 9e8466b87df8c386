"""The wrapped keys of regions, in schema `platform`, where no region's role can look."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt


class Purpose(enum.StrEnum):
    """What a key is for: sealing values, or blind indexes over them. One never does the other's work."""

    DATA = "data"
    INDEX = "index"


class RegionKey(Base):
    """One version of a region's key, wrapped by a master key. Without a region: the nation's own."""

    __tablename__ = "region_key"
    __table_args__ = (
        UniqueConstraint("region_id", "purpose", "version", postgresql_nulls_not_distinct=True),
        CheckConstraint("purpose IN ('data','index')", name="purpose"),
        # Two bytes in the header of every sealed value.
        CheckConstraint("version BETWEEN 1 AND 65535", name="version"),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    region_id: Mapped[int | None] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.region.id"))
    purpose: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    # Which master key wrapped it.
    master_id: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    # Since when no row bears it. It still opens what an old backup holds.
    retired_at: Mapped[dt.datetime | None]


def context(region_id: int | None, purpose: str, version: int) -> bytes:
    """Return what a wrapped key is bound to: moved to another row it does not unwrap."""
    return f"mpp region key|{region_id or 0}|{purpose}|{version}".encode()
