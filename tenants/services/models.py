"""A region's own row for each national service it has taken over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt
from tenants.catalogue.models import Service, ServiceStandard


class RegionService(Base):
    """A service here: which version of the standard is shown, and every local override.

    A later central edit is a newer ServiceStandard; this row keeps pointing at the accepted one until the
    region accepts. NULL in an override means "as in the standard" or "as the hall".
    """

    __tablename__ = "region_service"
    __table_args__ = (
        UniqueConstraint("service_id"),
        CheckConstraint("daily_quota IS NULL OR daily_quota >= 0", name="daily_quota"),
    )

    id: Mapped[BigId]
    service_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.service.id"))
    standard_id: Mapped[int] = mapped_column(ForeignKey(f"{PLATFORM_SCHEMA}.service_standard.id"))
    declined_standard_id: Mapped[int | None] = mapped_column(
        ForeignKey(f"{PLATFORM_SCHEMA}.service_standard.id")
    )
    enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    # ISO weekdays, Monday = 1; NULL = every day the hall is open.
    weekdays: Mapped[list[int] | None]
    opens: Mapped[dt.time | None]
    closes: Mapped[dt.time | None]
    # Tickets per local day; NULL = no limit.
    daily_quota: Mapped[int | None]
    # {label, amount|text, perda, effective_from}: a local fee always names its regulation.
    local_fees: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    extra_requirements: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    local_note: Mapped[str | None] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(Text)
    # True while the overrides are examples, not confirmed by the region.
    example: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]

    service: Mapped[Service] = relationship(lazy="joined")
    standard: Mapped[ServiceStandard] = relationship(foreign_keys=[standard_id], lazy="joined")
