"""Ends of chains as they stood now and then, kept where a region's role can't reach."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from mpp.database.models import PLATFORM_SCHEMA, Base, CreatedAt


class AuditAnchor(Base):
    """The end of a region's chain at a moment. Added to and read by the centre's login, never changed."""

    __tablename__ = "audit_anchor"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)

    region_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.region.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[CreatedAt]
