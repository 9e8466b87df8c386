"""A citizen's wish to be forgotten by the whole platform, while it can still be taken back."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt


class CitizenErasure(Base):
    """One wish. It is carried out at `due_at`; until then its owner can call it off."""

    __tablename__ = "citizen_erasure"
    __table_args__ = (
        Index(
            "uq_citizen_erasure_open", "account_id", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_citizen_erasure_due", "due_at", postgresql_where=text("ended_at IS NULL")),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    account_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.citizen.id"))
    asked_at: Mapped[CreatedAt]
    due_at: Mapped[dt.datetime]
    # When it was called off (done False) or carried out.
    ended_at: Mapped[dt.datetime | None]
    done: Mapped[bool] = mapped_column(server_default=text("false"))
