"""The loader writes once, versions what changed, and never undoes what the centre edited."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from mpp.database.models import PLATFORM_SCHEMA
from mpp.database.registry import platform_tables
from tenants.catalogue.loader import DATA, CatalogueError, load_catalogue
from tenants.catalogue.models import Agency, Holiday, LifeEvent, Service, ServiceStandard

CATALOGUE = ("agency", "service", "service_standard", "life_event", "life_event_service", "holiday")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the data files that a test may change."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def change(path: Path, old: str, new: str) -> None:
    """Replace one text in a file, which must hold it once."""
    before = path.read_text(encoding="utf-8")
    assert before.count(old) == 1, f"{path.name}: {old!r}: {before.count(old)}"
    path.write_text(before.replace(old, new), encoding="utf-8")


def versions(session: Session, slug: str) -> list[ServiceStandard]:
    """All versions of a service, oldest first."""
    query = select(ServiceStandard).join(Service).where(Service.slug == slug)
    return list(session.scalars(query.order_by(ServiceStandard.version)))


def stamps(session: Session) -> list[Any]:
    """Every catalogue row with the transaction that wrote it: any write shows, also one that changes nothing."""
    session.flush()
    tables = [t for t in platform_tables() if t.name in CATALOGUE]
    return [
        session.execute(select(text("xmin::text, ctid::text")).select_from(t).order_by(*t.primary_key)).all()
        for t in tables
    ]


def count(session: Session, model: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_everything_in_the_files_is_loaded(session: Session) -> None:
    loaded = load_catalogue(session)
    assert (count(session, Agency), count(session, Service), count(session, LifeEvent)) == (34, 46, 7)
    assert loaded.versions == count(session, ServiceStandard) == 46
    assert count(session, Holiday) == 25
    assert {t.name for t in platform_tables() if t.schema == PLATFORM_SCHEMA} >= set(CATALOGUE)


def test_a_second_load_writes_nothing(session: Session) -> None:
    load_catalogue(session)
    before = stamps(session)
    session.expire_all()
    assert load_catalogue(session).nothing
    assert stamps(session) == before


def test_the_fourteen_components_follow_from_the_parts(session: Session) -> None:
    load_catalogue(session)
    (sim,) = versions(session, "sim-perpanjangan")
    assert sim.components["persyaratan"][0].startswith(f"{sim.cases[0]['name']}: ")
    assert sim.components["jangka_waktu"] == [sim.time_limit]
    assert len(sim.components["biaya"]) == len(sim.fees)
    assert "SMS ke 1708" in sim.components["pengaduan"][0]
    for standard in session.scalars(select(ServiceStandard)):
        assert (
            standard.completeness == len(standard.components) == sum(map(bool, standard.components.values()))
        )
        assert 0 < standard.completeness <= 14
        assert ("biaya" in standard.components) == bool(standard.fees)
        assert ("dasar_hukum" in standard.components) == bool(standard.law)


def test_what_people_say_is_searchable(session: Session) -> None:
    load_catalogue(session)
    (ktp,) = versions(session, "ktp-el-penggantian")
    for part in (ktp.name, "bikin ktp ilang", "Disdukcapil", "Hilang"):
        assert part in ktp.search_text
    found = session.scalar(
        select(func.count())
        .select_from(ServiceStandard)
        .where(ServiceStandard.search.op("@@")(func.plainto_tsquery("indonesian", "ktp hilang")))
    )
    assert found


def test_a_changed_service_becomes_a_new_version_and_the_old_one_stays(session: Session, files: Path) -> None:
    load_catalogue(session, files)
    (old,) = versions(session, "stnk-tahunan")
    kept = dict(old.fees[1])
    change(files / "services" / "samsat.toml", "amount = 35000\n", "amount = 36000\n")
    loaded = load_catalogue(session, files)
    assert (loaded.versions, loaded.services, loaded.agencies) == (1, 0, 0)
    first, second = versions(session, "stnk-tahunan")
    assert (first.version, second.version) == (1, 2)
    assert first.fees[1] == kept
    assert second.fees[1]["amount"] == 36000
    assert load_catalogue(session, files).nothing


def test_a_date_in_a_fee_survives_the_journey_unchanged(session: Session) -> None:
    load_catalogue(session)
    session.expire_all()
    (bpkb,) = versions(session, "balik-nama-kendaraan")
    assert bpkb.fees[-1]["effective_from"] == "2025-01-05"


def edit_at_the_centre(session: Session, slug: str) -> None:
    newest = versions(session, slug)[-1]
    columns = {
        c.key: getattr(newest, c.key)
        for c in ServiceStandard.__table__.columns
        if c.key not in {"id", "search", "created_at"}
    }
    columns |= {
        "version": newest.version + 1,
        "summary": "Diubah pusat.",
        "created_by": "Pusat PANRB (contoh)",
    }
    session.add(ServiceStandard(**columns))
    session.flush()


def test_an_edit_of_the_centre_stays_until_the_file_itself_changes(session: Session, files: Path) -> None:
    load_catalogue(session, files)
    edit_at_the_centre(session, "stnk-tahunan")
    assert load_catalogue(session, files).nothing
    assert versions(session, "stnk-tahunan")[-1].summary == "Diubah pusat."
    change(files / "services" / "samsat.toml", "amount = 35000\n", "amount = 36000\n")
    assert load_catalogue(session, files).versions == 1
    numbers = [(v.version, v.created_by) for v in versions(session, "stnk-tahunan")]
    assert numbers == [(1, "berkas"), (2, "Pusat PANRB (contoh)"), (3, "berkas")]


def test_a_renamed_agency_is_no_new_standard_but_can_be_found(session: Session, files: Path) -> None:
    load_catalogue(session, files)
    change(files / "agencies.toml", 'short_name = "Samsat"', 'short_name = "Samsat Bersama"')
    loaded = load_catalogue(session, files)
    assert (loaded.agencies, loaded.versions) == (1, 0)
    (only,) = versions(session, "stnk-tahunan")
    assert "Samsat Bersama" in only.search_text


def test_a_moved_holiday_leaves_its_old_day(session: Session, files: Path) -> None:
    load_catalogue(session, files)
    change(files / "holidays.toml", "date = 2026-01-16\n", "date = 2026-01-17\n")
    load_catalogue(session, files)
    assert count(session, Holiday) == 25
    assert session.scalar(select(Holiday.name).where(Holiday.day == dt.date(2026, 1, 16))) is None


def test_a_step_taken_out_of_a_life_event_goes(session: Session, files: Path) -> None:
    load_catalogue(session, files)
    path = files / "life_events.toml"
    start = path.read_text().index('[[life_event.service]]\nslug = "kia"')
    stop = path.read_text().index("[[life_event.service]]", start + 5)
    path.write_text(path.read_text()[:start] + path.read_text()[stop:])
    assert load_catalogue(session, files).life_events == 1
    session.expire_all()
    event = session.scalar(select(LifeEvent).where(LifeEvent.slug == "anak-lahir"))
    assert event is not None
    assert "kia" not in [step.service.slug for step in event.steps]
    assert [step.position for step in event.steps] == list(range(1, len(event.steps) + 1))


def test_an_unknown_agency_is_named(session: Session, files: Path) -> None:
    change(files / "services" / "samsat.toml", 'other_agencies = ["polres"]', 'other_agencies = ["polrez"]')
    with pytest.raises(CatalogueError, match=r"samsat\.toml, balik-nama-kendaraan: .*polrez"):
        load_catalogue(session, files)
