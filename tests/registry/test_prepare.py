"""From an empty database to 21 regions that differ as their files say; a second run changes nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.settings import Settings
from mpp.tenancy.models import RegionRecord
from mpp.tenancy.provision import inside, owner_engine, owner_session
from mpp.tenancy.region import Region
from tenants.catalogue.models import Agency, Service
from tenants.hall.models import AgencyPresence, Counter, CounterOfficer, CounterService, Hall
from tenants.portal.models import Announcement, PortalVersion
from tenants.registry.files import pilot_file, pilots
from tenants.registry.prepare import create_region, prepare
from tenants.services.models import RegionService
from tests.support.fresh import rows, sql


def region_of(settings: Settings, slug: str) -> Region:
    with owner_session(settings) as session:
        return session.scalars(select(RegionRecord).where(RegionRecord.slug == slug)).one().as_region()


def prepared(settings: Settings, *slugs: str, demo: bool = True) -> list[str]:
    lines: list[str] = []
    prepare(settings, demo=demo, slugs=slugs or None, progress=lines.append)
    return lines


def written(settings: Settings) -> dict[str, Any]:
    """How many rows every table of every schema has ever had inserted, changed or deleted, as digests of them."""
    tables = rows(
        settings,
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname ~ '^(platform|region_)' ORDER BY 1, 2",
    )
    with sql(settings) as line:
        return {
            f"{schema}.{table}": line.execute(
                f"SELECT count(*), coalesce(sum(xmin::text::bigint), 0) FROM {schema}.{table}"
            ).fetchall()
            for schema, table in tables
        }


def test_all_pilots_stand_and_a_second_run_writes_nothing(fresh: Settings) -> None:
    lines = prepared(fresh)
    assert len([line for line in lines if " siap (" in line and "/21 " in line]) == 21
    assert lines[2].startswith("  1/21 Kota Banda Aceh siap (")
    states = rows(fresh, "SELECT state, count(*) FROM platform.region GROUP BY 1")
    assert states == [("active", 21)]
    before = written(fresh)
    prepared(fresh)
    assert written(fresh) == before


@pytest.fixture(scope="module")
def pair(settings: Settings) -> Settings:
    """Two pilots and one that is none, without demo accounts."""
    from tests.support.fresh import empty_database

    found = empty_database(settings, "mpp_pair")
    prepared(found, "bukittinggi", "banyuwangi", "samarinda", demo=False)
    create_region(found, "13.71")
    return found


def test_a_region_stands_as_its_file_says(pair: Settings) -> None:
    file = pilot_file("bukittinggi")
    assert file is not None
    with owner_engine(pair) as engine, inside(engine, region_of(pair, "bukittinggi")) as session:
        hall = session.scalars(select(Hall)).one()
        assert hall.address == file["hall"]["address"]
        assert (hall.example, hall.hours_example) == (False, True)
        assert [hours.weekday for hours in hall.hours] == [1, 2, 3, 4, 5]
        assert hall.hours[4].break_starts == dt.time(11, 30)
        assert enabled(session) == set(file["services"])
        for entry in file["counter"]:
            counter = session.scalars(select(Counter).where(Counter.number == entry["number"])).one()
            assert (counter.name, counter.prefix, counter.state) == (
                entry["name"], entry["prefix"], entry["state"],
            )  # fmt: skip  # three facts side by side
            assert served(session, counter) == set(entry["services"])
        assert len(session.scalars(select(Announcement)).all()) == len(file["announcement"])


def enabled(session: Session) -> set[str]:
    query = select(Service.slug).join(RegionService, RegionService.service_id == Service.id)
    return set(session.scalars(query.where(RegionService.enabled)))


def served(session: Session, counter: Counter) -> set[str]:
    query = select(Service.slug).join(CounterService, CounterService.service_id == Service.id)
    return set(session.scalars(query.where(CounterService.counter_id == counter.id)))


def test_immigration_comes_to_bukittinggi_on_wednesdays_only(pair: Settings) -> None:
    with owner_engine(pair) as engine, inside(engine, region_of(pair, "bukittinggi")) as session:
        presence = session.scalars(select(AgencyPresence).join(Agency).where(Agency.slug == "imigrasi")).one()
        assert presence.weekdays == [3]
        assert presence.valid_from == dt.date(2026, 1, 14)
        passport = session.scalars(select(RegionService).join(Service).where(Service.slug == "paspor")).one()
        assert (passport.weekdays, passport.daily_quota, passport.closes) == ([3], 20, dt.time(12))
        assert passport.example
        assert passport.standard.version == 1
        signs = session.scalars(
            select(RegionService).join(Service).where(Service.slug == "izin-reklame")
        ).one()
        assert signs.local_fees[0]["perda"].startswith("Perda kota (contoh")
        assert signs.local_fees[0]["text"]


def test_regions_look_and_open_differently(pair: Settings) -> None:
    looks, closing = {}, {}
    for slug in ("bukittinggi", "banyuwangi", "samarinda"):
        with owner_engine(pair) as engine, inside(engine, region_of(pair, slug)) as session:
            version = session.scalars(select(PortalVersion)).one()
            assert (version.number, version.state) == (1, "published")
            looks[slug] = (version.content["name"], version.content["color_1"], version.content["motif"])
            closing[slug] = session.scalars(select(Hall)).one().hours[0].closes
    assert len(set(looks.values())) == len({look[1] for look in looks.values()}) == 3
    assert closing["banyuwangi"] == dt.time(14)
    assert region_of(pair, "samarinda").zone_label == "WITA"


def test_a_region_without_a_file_starts_plain_and_says_it_is_an_example(pair: Settings) -> None:
    with owner_engine(pair) as engine, inside(engine, region_of(pair, "padang")) as session:
        hall = session.scalars(select(Hall)).one()
        assert (hall.name, hall.example, hall.hours_example) == ("MPP Kota Padang", True, True)
        assert [(h.weekday, h.opens, h.closes) for h in hall.hours] == [
            (day, dt.time(8), dt.time(15)) for day in range(1, 6)
        ]
        assert not session.scalars(select(RegionService)).all()
        assert not session.scalars(select(Counter)).all()
        assert session.scalars(select(PortalVersion)).one().content["name"] == "MPP Kota Padang"


def test_what_the_region_changed_stays(fresh: Settings) -> None:
    prepared(fresh, "bukittinggi")
    region = region_of(fresh, "bukittinggi")
    with owner_engine(fresh) as engine:
        with inside(engine, region) as session:
            session.scalars(select(Hall)).one().name = "MPP Jam Gadang"
            for notice in session.scalars(select(Announcement)):
                session.delete(notice)
            session.scalars(
                select(RegionService).join(Service).where(Service.slug == "nib")
            ).one().enabled = False
            session.delete(session.scalars(select(CounterOfficer)).first())
            officers = len(session.scalars(select(CounterOfficer)).all())
        prepared(fresh, "bukittinggi")
        with inside(engine, region) as session:
            assert session.scalars(select(Hall)).one().name == "MPP Jam Gadang"
            assert not session.scalars(select(Announcement)).all()
            assert "nib" not in enabled(session)
            assert len(session.scalars(select(CounterOfficer)).all()) == officers


def test_every_pilot_is_one_of_the_514_under_the_same_name(pair: Settings) -> None:
    from tenants.registry.directory import known_places

    known = {place.code: place for place in known_places()}
    assert len(known) == 514
    for pilot in pilots():
        place = known[pilot.code]
        assert (place.slug, place.name, place.timezone) == (pilot.slug, pilot.name, pilot.timezone)
