"""National catalogue tables (schema `platform`): written by the centre, read by every region.

A standard is never changed in place: an edit is a new version, and each region shows the version it accepted.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt

# The 14 components of a service standard, in the order of PermenPANRB 15/2014.
COMPONENTS = (
    "persyaratan", "prosedur", "jangka_waktu", "biaya", "produk", "pengaduan",
    "dasar_hukum", "sarana", "kompetensi", "pengawasan", "jumlah_pelaksana",
    "jaminan_pelayanan", "jaminan_keamanan", "evaluasi",
)  # fmt: skip


class Agency(Base):
    """An agency that serves people in malls, by its general name."""

    __tablename__ = "agency"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)

    id: Mapped[BigId]
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    short_name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    summary_en: Mapped[str | None] = mapped_column(Text)
    icon: Mapped[str] = mapped_column(Text)
    # Order of display.
    position: Mapped[int] = mapped_column(server_default=text("0"))


class Service(Base):
    """A service in the national catalogue; what it demands stands in its standards."""

    __tablename__ = "service"
    __table_args__ = (
        CheckConstraint("confidence IN ('high','med','low')", name="confidence"),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    slug: Mapped[str] = mapped_column(Text, unique=True)
    number: Mapped[int] = mapped_column(unique=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.agency.id"))
    # med and low facts are shown as "contoh", never as an official statement.
    confidence: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    # Slugs of agencies that may also serve it at their counter.
    other_agencies: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    created_at: Mapped[CreatedAt]

    agency: Mapped[Agency] = relationship(lazy="joined")
    standards: Mapped[list[ServiceStandard]] = relationship(
        back_populates="service", order_by="ServiceStandard.version.desc()"
    )


class ServiceStandard(Base):
    """One version of a service's standard: an immutable row.

    `cases` is a list of {slug, name, name_en, requirements: [text], note}; `fees` of {label, amount (rupiah)
    or formula, unit, case, legal_basis, effective_from, confidence, note}; `components` maps the COMPONENTS that are
    known to text or a list of texts; `sources` is a list of addresses or short names.
    """

    __tablename__ = "service_standard"
    __table_args__ = (
        UniqueConstraint("service_id", "version"),
        Index("ix_service_standard_search", "search", postgresql_using="gin"),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    service_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.service.id"))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str | None] = mapped_column(Text)
    official_name: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    summary_en: Mapped[str | None] = mapped_column(Text)
    words: Mapped[list[str]]
    cases: Mapped[list[dict[str, Any]]]
    fees: Mapped[list[dict[str, Any]]]
    time_limit: Mapped[str | None] = mapped_column(Text)
    product: Mapped[str | None] = mapped_column(Text)
    valid_for: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    law: Mapped[list[str]]
    components: Mapped[dict[str, Any]]
    completeness: Mapped[int]
    sources: Mapped[list[str]]
    checked_on: Mapped[dt.date]
    effective_from: Mapped[dt.date | None]
    decree: Mapped[str | None] = mapped_column(Text)
    online_url: Mapped[str | None] = mapped_column(Text)
    # Name of the official application ("M-Paspor"); may stand without an address.
    online_name: Mapped[str | None] = mapped_column(Text)
    # Usual minutes at the counter, where a source gives them.
    service_minutes: Mapped[int | None]
    change_note: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    # What the search reads: name and words, kept as plain text beside the vector for trigrams.
    search_text: Mapped[str] = mapped_column(Text)
    search: Mapped[Any] = mapped_column(
        TSVECTOR, Computed("to_tsvector('indonesian'::regconfig, search_text)", persisted=True)
    )

    service: Mapped[Service] = relationship(back_populates="standards", lazy="joined")


class LifeEvent(Base):
    """Something that happens in a life and needs several services."""

    __tablename__ = "life_event"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)

    id: Mapped[BigId]
    slug: Mapped[str] = mapped_column(Text, unique=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    summary_en: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    icon: Mapped[str] = mapped_column(Text)

    steps: Mapped[list[LifeEventService]] = relationship(order_by="LifeEventService.position")


class LifeEventService(Base):
    """A service that a life event needs, in order, and why."""

    __tablename__ = "life_event_service"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)

    life_event_id: Mapped[int] = mapped_column(
        ForeignKey(f"{PLATFORM_SCHEMA}.life_event.id"), primary_key=True
    )
    service_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.service.id"), primary_key=True)
    position: Mapped[int]
    why: Mapped[str] = mapped_column(Text)
    why_en: Mapped[str | None] = mapped_column(Text)
    optional: Mapped[bool] = mapped_column(server_default=text("false"))

    service: Mapped[Service] = relationship()


class Holiday(Base):
    """A national holiday or a day of collective leave (SKB 3 Menteri)."""

    __tablename__ = "holiday"
    __table_args__ = (
        CheckConstraint("kind IN ('national','collective_leave')", name="kind"),
        {"schema": PLATFORM_SCHEMA},
    )

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
