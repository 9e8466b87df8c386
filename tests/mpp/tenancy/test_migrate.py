"""Migrating regions: one failure stops only its region, a rerun does only what is left."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mpp.settings import Settings
from mpp.tenancy import migrate
from mpp.tenancy.migrate import migrate_all
from tenants.registry.commands import region
from tenants.registry.prepare import prepare, targets
from tests.support.fresh import rows, sql

SLUGS = ("banda-aceh", "bukittinggi", "metro", "batam")
# Sorted by code: Banda Aceh is the canary, Bukittinggi comes next.
BROKEN = "bukittinggi"

REVISION = '''
"""A later revision, made for a test."""

from alembic import op
import sqlalchemy as sa

revision = "0009"
down_revision = "0008"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("hall", sa.Column("floors", sa.BigInteger(), nullable=True))
    op.create_index("ix_hall_floors", "hall", ["floors"])
'''


def forget() -> None:
    migrate.head.cache_clear()
    migrate.render.cache_clear()


@pytest.fixture
def four(fresh: Settings) -> Settings:
    prepare(fresh, demo=False, slugs=SLUGS, progress=lambda _line: None)
    return fresh


@pytest.fixture
def newer(four: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Four regions on 0008 while the code is on 0009; the command line finds the same database."""
    folder = Path(shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations"))
    (folder / "tenant" / "versions" / "0009_floors.py").write_text(REVISION)
    monkeypatch.setattr(migrate, "MIGRATIONS", folder)
    monkeypatch.setenv("DATABASE_URL", four.database_url)
    monkeypatch.setenv("MPP_ROLE_PREFIX", four.role_prefix)
    monkeypatch.setenv("MPP_SECRET_KEY", four.secret_key)
    forget()
    yield four
    forget()


def schema_of(settings: Settings, slug: str) -> str:
    found: str = rows(settings, "SELECT schema_name FROM platform.region WHERE slug = %s", slug)[0][0]
    return found


def revisions(settings: Settings) -> dict[str, str]:
    return dict(rows(settings, "SELECT slug, schema_revision FROM platform.region"))


def has_column(settings: Settings, slug: str) -> bool:
    query = "SELECT count(*) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'floors'"
    return bool(rows(settings, query, f"{schema_of(settings, slug)}.hall")[0][0])


def run(*slugs: str) -> Result:
    return CliRunner().invoke(region, ["migrate", *slugs])


def break_(settings: Settings, slug: str) -> None:
    """Somebody's hand has put a column there already."""
    with sql(settings) as connection:
        connection.execute(f"ALTER TABLE {schema_of(settings, slug)}.hall ADD floors text")


def mend(settings: Settings, slug: str) -> None:
    with sql(settings) as connection:
        connection.execute(f"ALTER TABLE {schema_of(settings, slug)}.hall DROP floors")


def test_every_region_reaches_the_new_revision_once(newer: Settings) -> None:
    done = run()
    assert done.exit_code == 0, done.output
    assert "4 diperbarui, 0 gagal" in done.output
    assert revisions(newer) == dict.fromkeys(SLUGS, "0009")
    assert all(has_column(newer, slug) for slug in SLUGS)
    again = run()
    assert again.exit_code == 0
    assert "4 daerah sudah mutakhir, 0 diperbarui" in again.output


def test_one_broken_region_stops_only_itself_and_a_rerun_does_only_that(newer: Settings) -> None:
    break_(newer, BROKEN)
    first = run()
    assert first.exit_code == 1
    assert "3 diperbarui, 1 gagal" in first.output
    assert 'column "floors" of relation "hall" already exists' in first.output
    assert revisions(newer) == dict.fromkeys(SLUGS, "0009") | {BROKEN: "0008"}
    query = f"SELECT version_num FROM {schema_of(newer, BROKEN)}.schema_version"
    assert rows(newer, query) == [("0008",)]
    mend(newer, BROKEN)
    second = run()
    assert second.exit_code == 0
    assert "3 daerah sudah mutakhir, 1 diperbarui, 0 gagal" in second.output
    ledger = rows(newer, "SELECT state, attempts FROM platform.migration_ledger WHERE to_revision = '0009'")
    assert sorted(ledger) == [("done", 1)] * 3 + [("done", 2)]


def test_a_broken_canary_keeps_the_others_back_but_only_the_first_time(newer: Settings) -> None:
    break_(newer, "banda-aceh")
    first = run()
    assert first.exit_code == 1
    assert "0 diperbarui, 1 gagal, 3 belum dikerjakan" in first.output
    assert set(revisions(newer).values()) == {"0008"}
    second = run()
    assert "3 diperbarui, 1 gagal" in second.output
    assert revisions(newer) == dict.fromkeys(SLUGS, "0009") | {"banda-aceh": "0008"}


def test_only_the_named_regions(newer: Settings) -> None:
    assert run("metro").exit_code == 0
    assert revisions(newer) == dict.fromkeys(SLUGS, "0008") | {"metro": "0009"}
    unknown = run("metro", "atlantis")
    assert unknown.exit_code == 1
    assert "atlantis" in unknown.output


def test_preparing_again_brings_older_regions_along(newer: Settings) -> None:
    lines: list[str] = []
    break_(newer, BROKEN)
    prepare(newer, demo=False, slugs=SLUGS, progress=lines.append)
    assert revisions(newer) == dict.fromkeys(SLUGS, "0009") | {BROKEN: "0008"}
    assert [line for line in lines if "gagal" in line] != []


def test_a_table_of_a_later_revision_is_open_to_its_region(
    newer: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The grants are given again: a table that the region's role lost comes back within its reach."""
    schema, role = rows(newer, "SELECT schema_name, role_name FROM platform.region WHERE slug = 'metro'")[0]
    with sql(newer) as connection:
        connection.execute(f"REVOKE ALL ON {schema}.closure FROM {role}")
        (target,) = targets(newer, ["metro"])
        migrate_all(connection, [target], lambda _outcome: None)
    assert rows(newer, "SELECT has_table_privilege(%s, %s, 'INSERT')", role, f"{schema}.closure") == [(True,)]


def test_a_revision_from_the_future_is_refused_and_named(four: Settings) -> None:
    with sql(four) as connection:
        connection.execute(f"UPDATE {schema_of(four, 'metro')}.schema_version SET version_num = '9999'")
        (target,) = targets(four, ["metro"])
        (outcome,) = migrate_all(connection, [target], lambda _outcome: None)
    assert outcome.error is not None
    assert "9999" in outcome.error


def test_a_locked_region_fails_in_seconds_instead_of_waiting(
    newer: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "200ms")
    with sql(newer) as busy, sql(newer) as connection, busy.transaction():
        busy.execute(f"LOCK TABLE {schema_of(newer, 'metro')}.hall")
        outcomes = migrate_all(
            connection, targets(newer, ["bukittinggi", "metro", "batam"]), lambda _outcome: None
        )
    assert [(o.target.slug, o.error is None) for o in outcomes] == [
        ("bukittinggi", True), ("metro", False), ("batam", True),
    ]  # fmt: skip  # three regions in a row
