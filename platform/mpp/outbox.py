"""The outbox: what must happen after a commit, written in that same commit.

The table is the truth, RQ only the transport: a lost queue loses nothing, a job run twice finds its row done.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt
from mpp.tenancy.region import region_or_none


class _OutboxColumns:
    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[CreatedAt]
    not_before: Mapped[CreatedAt]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    done_at: Mapped[dt.datetime | None]
    error: Mapped[str | None] = mapped_column(Text)


class OutboxEntry(_OutboxColumns, Base):
    """Work of one region."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_open", "not_before", postgresql_where=text("done_at IS NULL")),)


class CentralOutboxEntry(_OutboxColumns, Base):
    """Work of the centre."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_open", "not_before", postgresql_where=text("done_at IS NULL")),
        {"schema": PLATFORM_SCHEMA},
    )


def post(session: Session, kind: str, **payload: Any) -> None:
    """Promise that the job `kind` will run with `payload` once this transaction commits."""
    entry = OutboxEntry if region_or_none() is not None else CentralOutboxEntry
    session.add(entry(kind=kind, payload=payload))
