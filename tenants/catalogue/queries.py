"""What everybody asks of the national catalogue."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on

from tenants.catalogue.models import ServiceStandard


def newest_standards() -> Select[ServiceStandard]:
    """Return the query of each service's newest standard; callers narrow it or take fewer columns."""
    return (
        select(ServiceStandard)
        .ext(distinct_on(ServiceStandard.service_id))
        .order_by(ServiceStandard.service_id, ServiceStandard.version.desc())
    )
