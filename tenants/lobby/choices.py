"""Services as choices for a queue number: what is offered now, who waits, and why not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from mpp.tenancy.region import current_region
from tenants.hall.models import Hall
from tenants.portal.queries import HallNow, halls_now
from tenants.portal.search import search
from tenants.queueing.policies import Offer, offer
from tenants.queueing.queries import waiting_now
from tenants.services.models import RegionService
from tenants.services.queries import enabled_service, enabled_services
from tenants.services.view import agency_name, service_name
from tenants.waiting.closing import can_still_be_served, full_line
from tenants.waiting.ranges import Range
from tenants.waiting.service import newcomer


@dataclass(frozen=True, slots=True)
class Choice:
    """A service somebody may take a number for, or why not now."""

    slug: str
    name: str
    agency: str
    icon: str
    people: int
    offer: Offer
    hall: str
    # What a newcomer may count on, where that is known.
    wait: Range | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What was found for a wish; `groups` by agency, offered ones first inside."""

    query: str
    groups: list[tuple[str, list[Choice]]]
    suggestion: str | None

    @property
    def some_offered(self) -> bool:
        """Whether any number can be taken now."""
        return any(c.offer.available for _agency, group in self.groups for c in group)


@dataclass(frozen=True, slots=True)
class HallLines:
    """A hall and the services that people wait for there now, longest line first."""

    now: HallNow
    lines: list[Choice]

    @property
    def people(self) -> int:
        """Everybody who waits."""
        return sum(line.people for line in self.lines)


def choices(session: Session, query: str, moment: dt.datetime, at: Hall | None = None) -> Choices:
    """Return the services that are on here, or those that `query` finds, by agency.

    Numbers are for `at` where that hall serves it, else for the first one that does.
    """
    suggestion = None
    rows = enabled_services(session)
    if query:
        found = search(session, query)
        rows, suggestion = found.services, found.suggestion
    groups: dict[str, list[Choice]] = {}
    for made in _made(session, rows, halls_now(session, moment), moment, at):
        groups.setdefault(made.agency, []).append(made)
    ordered = [(name, sorted(group, key=lambda c: not c.offer.available)) for name, group in groups.items()]
    return Choices(query, ordered, suggestion)


def choice(session: Session, slug: str, moment: dt.datetime, at: Hall | None = None) -> Choice | None:
    """Return one service as a choice, as `choices` does; None when it is not on here."""
    row = enabled_service(session, slug)
    return _made(session, [row], halls_now(session, moment), moment, at)[0] if row else None


def lines_now(session: Session, moment: dt.datetime) -> list[HallLines]:
    """Return each hall with the people waiting for its services."""
    halls, rows = halls_now(session, moment), enabled_services(session)

    def lines(now: HallNow) -> list[Choice]:
        made = _made(session, rows, halls, moment, now.hall)
        return sorted((c for c in made if c.people and c.hall == now.hall.name), key=lambda c: -c.people)

    return [HallLines(now, lines(now)) for now in halls]


def _made(
    session: Session, rows: list[RegionService], halls: list[HallNow], moment: dt.datetime, at: Hall | None
) -> list[Choice]:
    waiting = dict(waiting_now(session, current_region().today(), at.id if at else None))
    # The hall at hand goes first.
    ordered = sorted(halls, key=lambda h: at is None or h.hall.id != at.id)
    return [_choice(session, row, ordered, waiting.get(row.service_id, 0), moment) for row in rows]


def _choice(
    session: Session, row: RegionService, halls: list[HallNow], people: int, moment: dt.datetime
) -> Choice:
    # The hall whose counters serve it; where none does, the first one says so.
    now = next((h for h in halls if h.calendar.serving.get(row.service_id)), halls[0] if halls else None)
    return Choice(
        slug=row.service.slug,
        name=service_name(row),
        agency=agency_name(row.service.agency),
        icon=row.service.agency.icon,
        people=people,
        offer=_offer(session, now, row, moment),
        hall=now.hall.name if now else "",
        wait=newcomer(session, now.hall, row.service_id) if now and now.line.open else None,
    )


def _offer(session: Session, now: HallNow | None, row: RegionService, moment: dt.datetime) -> Offer:
    if now is None:
        return Offer(False)
    found = offer(now.calendar.service_status(row, moment), moment)
    if found.available and not can_still_be_served(session, now.hall, row, moment):
        return Offer(False, full_line(session, now.hall, row, moment))
    return found
