"""The audit log of a region and of the centre: who did what to what, in the transaction that did it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt
from mpp.tenancy.region import region_or_none


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: kind is citizen, staff, central, system or device; name is what a log reader sees."""

    kind: str
    id: int | None
    name: str
    request_id: str | None = None


NOBODY_NAME = "warga"
SYSTEM = Actor(kind="system", id=None, name="sistem")
actor: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


class _AuditColumns:
    id: Mapped[BigId]
    at: Mapped[CreatedAt]
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]]
    request_id: Mapped[str | None] = mapped_column(Text)


class AuditEntry(_AuditColumns, Base):
    """An act inside a region. Its role may insert and read, never change or delete."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_at", "at"),)


class CentralAuditEntry(_AuditColumns, Base):
    """An act of the centre."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_at", "at"), {"schema": PLATFORM_SCHEMA})


def record(session: Session, *, action: str, subject: str, data: dict[str, Any] | None = None) -> None:
    """Write one audit row beside the change it tells of.

    `action` is "feature.verb" ("counter.pause"), `subject` names the thing ("counter:3"). No personal
    data goes into `data`.
    """
    who = actor.get()
    kind = AuditEntry if region_or_none() is not None else CentralAuditEntry
    session.add(
        kind(
            actor_kind=who.kind, actor_id=who.id, actor_name=who.name, action=action,
            subject=subject, data=data or {}, request_id=who.request_id,
        )
    )  # fmt: skip
