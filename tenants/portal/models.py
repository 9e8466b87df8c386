"""Branding with its history, images, announcements."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mpp.database.models import Base, BigId, CreatedAt


class Asset(Base):
    """A re-encoded image of the region, addressed by the hash of its bytes."""

    __tablename__ = "asset"
    __table_args__ = (CheckConstraint("octet_length(content) <= 30720", name="size"),)

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    content_type: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[CreatedAt]


class PortalVersion(Base):
    """One version of the portal's face. Exactly one is published; at most one is a draft.

    `content`: name, tagline, hero_title, hero_text, color_1, color_2, motif, logo (asset sha256 or null),
    contact {address, phone, email, whatsapp, website}, languages [code], district_label, village_label.
    """

    __tablename__ = "portal_version"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("state IN ('draft','published','archived')", name="state"),
        Index(
            "uq_portal_version_published", "state", unique=True, postgresql_where=text("state = 'published'")
        ),
        Index("uq_portal_version_draft", "state", unique=True, postgresql_where=text("state = 'draft'")),
    )

    id: Mapped[BigId]
    number: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]]
    note: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    published_at: Mapped[dt.datetime | None]
    restored_from: Mapped[int | None]


class Announcement(Base):
    """A notice on the portal and the display, within its days (local)."""

    __tablename__ = "announcement"
    __table_args__ = (
        CheckConstraint("kind IN ('info','important')", name="kind"),
        CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="order"),
    )

    id: Mapped[BigId]
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str | None] = mapped_column(Text)
    body_en: Mapped[str | None] = mapped_column(Text)
    # True while it is an example that came with the seed.
    example: Mapped[bool] = mapped_column(server_default=text("false"))
    kind: Mapped[str] = mapped_column(Text, server_default="info")
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    hall_id: Mapped[int | None] = mapped_column(ForeignKey("hall.id"))
    published: Mapped[bool] = mapped_column(server_default=text("true"))
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
