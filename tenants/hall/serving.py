"""Which counter may call for which service: what is offered, called and shown goes by this one answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import Session

from tenants.catalogue.models import ServiceStandard
from tenants.hall.models import Counter, CounterService, QueueRule
from tenants.services.models import RegionService

# The longest service that a quick counter takes, in usual minutes, where a hall has given itself no rule yet.
QUICK_MINUTES = 10


def links() -> Select[int, int]:
    """Counter and service as the administrator has set them, whether or not a quick counter may call them now."""
    return (
        select(CounterService.counter_id, CounterService.service_id)
        .join(Counter, Counter.id == CounterService.counter_id)
        .where(Counter.retired_at.is_(None))
    )


def pairs(quick_minutes: Any) -> Select[int, int]:
    """Counter and service for everything that counters may call: a quick counter only services within its minutes.

    A service whose usual minutes nobody has stated is not short.
    """
    short = (
        select(RegionService.service_id)
        .join(ServiceStandard, ServiceStandard.id == RegionService.standard_id)
        .where(ServiceStandard.service_minutes <= quick_minutes)
    )
    return links().where(or_(~Counter.quick, CounterService.service_id.in_(short)))


def pairs_now() -> Select[int, int]:
    """The same by the rule that holds now in the hall of each counter."""
    return pairs(_quick_minutes())


def served_now(session: Session, counter_id: int) -> set[int]:
    """Return the ids of the services that a counter may call for now."""
    return {service for _counter, service in session.execute(pairs_now().where(Counter.id == counter_id))}


def _quick_minutes() -> ScalarSelect[int]:
    newest = (
        select(QueueRule.quick_minutes)
        .where(QueueRule.hall_id == Counter.hall_id)
        .order_by(QueueRule.id.desc())
        .limit(1)
        .correlate(Counter)
        .scalar_subquery()
    )
    return select(func.coalesce(newest, QUICK_MINUTES)).correlate(Counter).scalar_subquery()
