"""What a new region starts with: a pilot's own file, or a plain hall labelled as an example.

A seed is planted once. From then on the region's people own every row: a second run finds the hall and changes
nothing, also where they deleted something.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp.tenancy.region import Region
from tenants.catalogue.models import Agency, Service, ServiceStandard
from tenants.catalogue.queries import newest_standards
from tenants.hall.models import AgencyPresence, Counter, CounterService, Hall, OpeningHours
from tenants.portal.models import Announcement, PortalVersion
from tenants.portal.theme import DEFAULT_COLOUR_1, DEFAULT_COLOUR_2, DEFAULT_MOTIF
from tenants.registry.files import WEEKDAYS, pilot_file, weekday_numbers
from tenants.services.models import RegionService

SEEDED_BY = "data awal"
PLAIN_OPENS, PLAIN_CLOSES = dt.time(8), dt.time(15)
WORKING_DAYS = range(1, 6)

Table = Mapping[str, Any]


def seed_region(session: Session, region: Region) -> None:
    """Plant the seed of `region`, in the transaction that provisions it; nothing when it has a hall."""
    if session.scalar(select(func.count()).select_from(Hall)):
        return
    file = pilot_file(region.slug)
    if file is None:
        _plain(session, region)
    else:
        _pilot(session, file)
    session.flush()


def _plain(session: Session, region: Region) -> None:
    """A region without a file: open on working days, no service until its admin turns some on."""
    hall = Hall(
        slug="utama", name=f"MPP {region.name}", address=f"Alamat belum diisi, {region.name}",
        example=True, hours_example=True,
    )  # fmt: skip  # one row
    hall.hours = [OpeningHours(weekday=day, opens=PLAIN_OPENS, closes=PLAIN_CLOSES) for day in WORKING_DAYS]
    session.add(hall)
    content: dict[str, Any] = {
        "name": f"MPP {region.name}",
        "tagline": "",
        "hero_title": "",
        "hero_text": "",
        "color_1": DEFAULT_COLOUR_1,
        "color_2": DEFAULT_COLOUR_2,
        "motif": DEFAULT_MOTIF,
        "logo": None,
        "contact": {},
        "languages": ["id", "en"],
        "district_label": "Kecamatan",
        "village_label": "Kelurahan",
    }
    session.add(_published(content))


def _pilot(session: Session, file: Table) -> None:
    agencies = dict(session.execute(select(Agency.slug, Agency.id)).all())
    services = dict(session.execute(select(Service.slug, Service.id)).all())
    hall = _hall(file["hall"])
    session.add(hall)
    session.flush()
    for entry in file["agency"]:
        session.add(_presence(hall, agencies[entry["slug"]], entry))
    _services(session, file, services)
    for entry in file["counter"]:
        session.add(_counter(hall, entry, agencies, services))
    session.add(_published(_brand(file)))
    for entry in file.get("announcement", ()):
        session.add(_announcement(entry))


def _hall(entry: Table) -> Hall:
    hall = Hall(
        slug=entry["slug"],
        name=entry["name"],
        address=entry["address"],
        latitude=entry["lat"],
        longitude=entry["lon"],
        map_query=entry["map_query"],
        phone=entry["phone"],
        facilities=entry["facilities"],
        example=entry.get("contoh", False),
        hours_example=entry.get("hours_contoh", False),
        hours_note=entry.get("hours_note"),
        sources=entry.get("sources", []),
    )
    hall.hours = [
        OpeningHours(
            weekday=WEEKDAYS[day],
            opens=hours["opens"],
            closes=hours["closes"],
            break_starts=hours.get("break_start"),
            break_ends=hours.get("break_end"),
        )
        for day, hours in entry["hours"].items()
    ]
    return hall


def _presence(hall: Hall, agency_id: int, entry: Table) -> AgencyPresence:
    return AgencyPresence(
        hall_id=hall.id,
        agency_id=agency_id,
        local_name=entry.get("local_name"),
        weekdays=weekday_numbers(entry.get("weekdays")),
        valid_from=entry.get("valid_from"),
        note=entry.get("note"),
        example=entry.get("contoh", False),
        sources=entry.get("sources", []),
    )


def _services(session: Session, file: Table, services: Mapping[str, int]) -> None:
    """Enable the file's services, each on the newest standard, with the overrides of the file."""
    ids = newest_standards().with_only_columns(ServiceStandard.service_id, ServiceStandard.id)
    newest = dict(session.execute(ids).all())
    overrides = {entry["service"]: entry for entry in file.get("override", ())}
    for slug in file["services"]:
        local = overrides.get(slug, {})
        session.add(
            RegionService(
                service_id=services[slug],
                standard_id=newest[services[slug]],
                weekdays=weekday_numbers(local.get("weekdays")),
                opens=local.get("opens"),
                closes=local.get("closes"),
                daily_quota=local.get("quota_per_day"),
                local_fees=[_local_fee(local["fee"])] if "fee" in local else [],
                extra_requirements=local.get("extra_requirements", []),
                local_note=local.get("note"),
                example=local.get("contoh", False),
            )
        )


def _local_fee(fee: Table) -> dict[str, Any]:
    cost = {"amount": fee["amount"]} if "amount" in fee else {"text": fee["formula"]}
    return {"label": fee["label"], **cost, "perda": fee.get("legal_basis")}


def _counter(hall: Hall, entry: Table, agencies: Mapping[str, int], services: Mapping[str, int]) -> Counter:
    counter = Counter(
        hall_id=hall.id, number=entry["number"], name=entry["name"], prefix=entry["prefix"],
        agency_id=agencies[entry["agency"]], state=entry["state"],
    )  # fmt: skip  # one row
    counter.services = [CounterService(service_id=services[slug]) for slug in entry["services"]]
    return counter


def _brand(file: Table) -> dict[str, Any]:
    brand = file["brand"]
    return {
        "name": brand["site_name"],
        "tagline": brand["tagline"],
        "tagline_en": brand["tagline_en"],
        "hero_title": "",
        "hero_text": brand["hero"],
        "hero_text_en": brand["hero_en"],
        "color_1": brand["brand"],
        "color_2": brand["brand_2"],
        "motif": brand["motif"],
        "logo": None,
        # A number of the hall is never made up; its address is the region's contact until it says more.
        "contact": {"address": file["hall"]["address"]},
        "languages": file["languages"],
        "district_label": file["district_label"],
        "village_label": file["village_label"],
    }


def _published(content: dict[str, Any]) -> PortalVersion:
    return PortalVersion(
        number=1, state="published", content=content, note="Tampilan awal", created_by=SEEDED_BY,
        published_at=func.now(),
    )  # fmt: skip  # one row


def _announcement(entry: Table) -> Announcement:
    return Announcement(
        title=entry["title"],
        body=entry["body"],
        title_en=entry.get("title_en"),
        body_en=entry.get("body_en"),
        starts_on=entry["starts_on"],
        ends_on=entry.get("ends_on"),
        example=entry.get("contoh", False),
        created_by=SEEDED_BY,
    )
