"""Tables about regions in schema `platform`, and the one kernel table inside each region."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt
from mpp.tenancy.region import Region


class RegionState(enum.StrEnum):
    """Life of a region."""

    REGISTERED = "registered"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class RegionRecord(Base):
    """A region as the centre registered it. Schema and role are opaque; slug and hosts are only rows."""

    __tablename__ = "region"
    __table_args__ = (
        CheckConstraint("state IN ('registered','active','suspended')", name="state"),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(Text, unique=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    province: Mapped[str] = mapped_column(Text)
    seat: Mapped[str | None] = mapped_column(Text)
    timezone: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text, server_default="id")
    latitude: Mapped[float | None] = mapped_column(Numeric(8, 5, asdecimal=False))
    longitude: Mapped[float | None] = mapped_column(Numeric(8, 5, asdecimal=False))
    population: Mapped[int | None]
    schema_name: Mapped[str] = mapped_column(Text, unique=True)
    role_name: Mapped[str] = mapped_column(Text, unique=True)
    state: Mapped[str] = mapped_column(Text, server_default=RegionState.REGISTERED.value)
    state_reason: Mapped[str | None] = mapped_column(Text)
    state_contact: Mapped[str | None] = mapped_column(Text)
    state_changed_at: Mapped[CreatedAt]
    schema_revision: Mapped[str | None] = mapped_column(Text)
    last_activity_at: Mapped[dt.datetime | None]
    created_at: Mapped[CreatedAt]

    hosts: Mapped[list[RegionHost]] = relationship(back_populates="region", order_by="RegionHost.host")

    def as_region(self) -> Region:
        """Return the frozen value that requests and jobs carry."""
        return Region(
            id=self.id, code=self.code, slug=self.slug, name=self.name, kind=self.kind,
            province=self.province, schema=self.schema_name, role=self.role_name,
            timezone=self.timezone, locale=self.locale,
        )  # fmt: skip


class RegionHost(Base):
    """A host name that leads to a region. The slug's own host needs no row; this is for custom domains."""

    __tablename__ = "region_host"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)

    host: Mapped[str] = mapped_column(Text, primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.region.id"))

    region: Mapped[RegionRecord] = relationship(back_populates="hosts")


class RegionRollup(Base):
    """Daily national numbers that each region pushes; the centre never reads across schemas."""

    __tablename__ = "region_rollup"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)

    region_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.region.id"), primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    tickets_issued: Mapped[int] = mapped_column(server_default=text("0"))
    tickets_completed: Mapped[int] = mapped_column(server_default=text("0"))
    tickets_no_show: Mapped[int] = mapped_column(server_default=text("0"))
    services_enabled: Mapped[int] = mapped_column(server_default=text("0"))
    completeness: Mapped[float] = mapped_column(Numeric(5, 2, asdecimal=False), server_default=text("0"))
    median_wait_seconds: Mapped[int | None]
    pushed_at: Mapped[CreatedAt]


class MigrationEntry(Base):
    """One attempt to bring one schema to a revision: the ledger of `mpp region migrate`."""

    __tablename__ = "migration_ledger"
    __table_args__ = (
        UniqueConstraint("region_id", "to_revision"),
        Index("ix_migration_ledger_open", "state", postgresql_where=text("state <> 'done'")),
        CheckConstraint("state IN ('pending','running','done','failed')", name="state"),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    region_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.region.id"))
    from_revision: Mapped[str | None] = mapped_column(Text)
    to_revision: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="pending")
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    error: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]


class ContentState(Base):
    """One row a region: the version of its public content, the key of every cached page."""

    __tablename__ = "content_state"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(server_default=text("1"))
