"""What the portal's pages show beside a single service: the hall now, agencies, life events, notices."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from mpp.i18n import gettext as _
from mpp.tenancy.region import current_region
from tenants.catalogue.models import Agency, LifeEvent, LifeEventService, ServiceStandard
from tenants.catalogue.queries import newest_standards
from tenants.hall.calendar import DAYS_AHEAD, HallCalendar
from tenants.hall.hours import load_calendar
from tenants.hall.models import AgencyPresence, Hall
from tenants.portal.models import Announcement, Asset
from tenants.portal.words import OpenLine, WeekRow, day_name, days_text, open_line, week_rows
from tenants.queueing.queries import waiting_now
from tenants.services.models import RegionService
from tenants.services.queries import enabled_among, enabled_services
from tenants.services.view import agency_name, localised, service_name

WEEK = 7
# What most people come for, in their words; the first six that are on here stand under the search.
WISHES = (
    ("KTP hilang", "ktp-el-penggantian", "hilang"),
    ("Akta kelahiran", "akta-kelahiran", None),
    ("Perpanjang SIM", "sim-perpanjangan", None),
    ("Pajak motor", "stnk-tahunan", None),
    ("Bikin paspor", "paspor", None),
    ("SKCK", "skck", None),
    ("KTP pertama", "ktp-el-baru", None),
    ("Pindah alamat", "pindah-keluar", None),
    ("Izin usaha (NIB)", "nib", None),
    ("BPJS Kesehatan", "jkn-ubah-data", None),
)
MOST_WISHES = 6
MOST_WAITING = 6


@dataclass(frozen=True, slots=True)
class Wish:
    """A common wish and the service that grants it."""

    text: str
    slug: str
    case: str | None


@dataclass(frozen=True, slots=True)
class HallNow:
    """A hall at this moment, with its week."""

    hall: Hall
    calendar: HallCalendar
    line: OpenLine
    week: list[WeekRow]
    today: str

    @property
    def map_url(self) -> str | None:
        """The hall on OpenStreetMap, where its place is known."""
        if self.hall.latitude is None or self.hall.longitude is None:
            return None
        place = f"{self.hall.latitude:.5f}/{self.hall.longitude:.5f}"
        marker = f"mlat={self.hall.latitude:.5f}&mlon={self.hall.longitude:.5f}"
        return f"https://www.openstreetmap.org/?{marker}#map=17/{place}"


@dataclass(frozen=True, slots=True)
class AgencyHere:
    """An agency in the halls of this region."""

    agency: Agency
    name: str
    short_name: str
    summary: str
    days: str | None
    note: str | None
    contact: str | None
    here_today: bool
    example: bool
    services: list[RegionService] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement in the language at hand."""

    title: str
    body: str
    important: bool
    since: dt.date
    example: bool


@dataclass(frozen=True, slots=True)
class EventView:
    """A life event in the language at hand."""

    slug: str
    icon: str
    name: str
    summary: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """A service that a life event needs; `row` is None where this region does not offer it."""

    name: str
    why: str
    optional: bool
    row: RegionService | None


def halls_now(session: Session, moment: dt.datetime) -> list[HallNow]:
    """Return the halls that are in use, each as it is at `moment` (aware)."""
    today = moment.astimezone(current_region().zone).date()
    monday = today - dt.timedelta(days=today.weekday())
    found = []
    for hall in session.scalars(select(Hall).where(Hall.active).order_by(Hall.id)):
        calendar = load_calendar(session, hall, monday, DAYS_AHEAD + WEEK + 2)
        line, week = open_line(calendar, moment), week_rows(calendar, today)
        found.append(HallNow(hall, calendar, line, week, day_name(today.isoweekday())))
    return found


def wishes(services: list[RegionService]) -> list[Wish]:
    """Return the six most common wishes that `services` can grant."""
    on = {row.service.slug for row in services}
    return [Wish(_(text), slug, case) for text, slug, case in WISHES if slug in on][:MOST_WISHES]


def waiting(session: Session, services: list[RegionService], day: dt.date) -> list[tuple[str, int]]:
    """Return the names of the services people wait for on the local `day` and how many, longest line first."""
    rows = {row.service_id: row for row in services}
    lines = [
        (rows[service], people) for service, people in waiting_now(session, day) if service in rows and people
    ]
    lines.sort(key=lambda line: (-line[1], line[0].service.number))
    return [(service_name(row), people) for row, people in lines[:MOST_WAITING]]


def waiting_for(session: Session, row: RegionService, day: dt.date) -> int:
    """Return how many people wait for one service on the local `day`."""
    return dict(waiting_now(session, day)).get(row.service_id, 0)


def announcements(session: Session, day: dt.date) -> list[Notice]:
    """Return the notices that stand on the local `day`, important ones first, then the newest."""
    rows = session.scalars(
        select(Announcement)
        .where(Announcement.published, Announcement.starts_on <= day)
        .where(or_(Announcement.ends_on.is_(None), Announcement.ends_on >= day))
        .order_by(
            (Announcement.kind == "important").desc(), Announcement.starts_on.desc(), Announcement.id.desc()
        )
    )
    return [
        Notice(
            title=localised(row.title, row.title_en),
            body=localised(row.body, row.body_en),
            important=row.kind == "important",
            since=row.starts_on,
            example=row.example,
        )
        for row in rows
    ]


def life_events(session: Session) -> list[EventView]:
    """Return all life events in their order."""
    return [event_view(event) for event in session.scalars(select(LifeEvent).order_by(LifeEvent.position))]


def event_view(event: LifeEvent) -> EventView:
    """Return `event` in the language at hand; its note stands in Indonesian only."""
    return EventView(
        slug=event.slug,
        icon=event.icon,
        name=localised(event.name, event.name_en),
        summary=localised(event.summary, event.summary_en),
        note=event.note,
    )


def life_event(session: Session, slug: str) -> tuple[EventView, list[Step]] | None:
    """Return a life event with its steps here, None when there is no such event."""
    event = session.scalar(
        select(LifeEvent)
        .where(LifeEvent.slug == slug)
        .options(selectinload(LifeEvent.steps).joinedload(LifeEventService.service))
    )
    if event is None:
        return None
    here = enabled_among(session, [step.service_id for step in event.steps])
    names = _national_names(session, [step.service_id for step in event.steps if step.service_id not in here])
    steps = []
    for step in event.steps:
        row = here.get(step.service_id)
        name = service_name(row) if row else names.get(step.service_id, step.service.slug)
        steps.append(Step(name, localised(step.why, step.why_en), step.optional, row))
    return event_view(event), steps


def agencies(session: Session, moment: dt.datetime) -> list[AgencyHere]:
    """Return the agencies in the halls of this region, with the services that each answers for."""
    services = enabled_services(session)
    today = moment.astimezone(current_region().zone).date()
    found: dict[int, AgencyHere] = {}
    for now in halls_now(session, moment):
        for presence in _presences(session, now.hall):
            own = [row for row in services if row.service.agency_id == presence.agency_id]
            here = _agency_here(presence, own, now.calendar.present_on(presence.agency_id, today))
            found.setdefault(presence.agency_id, here)
    return list(found.values())


def agency(session: Session, slug: str, moment: dt.datetime) -> AgencyHere | None:
    """Return the agency of `slug` when it is in a hall here, else None."""
    return next((here for here in agencies(session, moment) if here.agency.slug == slug), None)


def asset(session: Session, sha256: str) -> Asset | None:
    """Return an image of this region by the hash of its bytes."""
    return session.get(Asset, sha256)


def _national_names(session: Session, service_ids: list[int]) -> dict[int, str]:
    """The newest names of services that this region does not offer, by their id."""
    rows = session.scalars(newest_standards().where(ServiceStandard.service_id.in_(service_ids)))
    return {row.service_id: localised(row.name, row.name_en) for row in rows}


def _presences(session: Session, hall: Hall) -> list[AgencyPresence]:
    return list(
        session.scalars(
            select(AgencyPresence)
            .join(Agency, Agency.id == AgencyPresence.agency_id)
            .where(AgencyPresence.hall_id == hall.id)
            .order_by(Agency.position)
        )
    )


def _agency_here(presence: AgencyPresence, services: list[RegionService], today: bool) -> AgencyHere:
    return AgencyHere(
        agency=presence.agency,
        name=presence.local_name or agency_name(presence.agency),
        short_name=presence.local_name or presence.agency.short_name,
        summary=localised(presence.agency.summary, presence.agency.summary_en),
        days=days_text(presence.weekdays) if presence.weekdays else None,
        note=presence.note,
        contact=presence.contact,
        here_today=today,
        example=presence.example,
        services=services,
    )
