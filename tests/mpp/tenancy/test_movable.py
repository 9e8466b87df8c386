"""Rules that keep every region movable to another machine, checked over the models."""

from __future__ import annotations

import pytest
from sqlalchemy import BigInteger, Integer, Table

from mpp.database.models import PLATFORM_SCHEMA
from mpp.database.registry import platform_tables, region_tables
from mpp.settings import Settings
from mpp.tenancy.grants import APPEND_ONLY, CATALOGUE, FORGOTTEN
from mpp.tenancy.migrate import schema_script
from tests.support.fresh import rows


@pytest.mark.parametrize("table", region_tables(), ids=lambda table: table.name)
def test_a_region_points_out_of_its_schema_only_to_the_read_only_catalogue(table: Table) -> None:
    for key in table.foreign_keys:
        target = key.column.table
        assert target.schema is None or (target.schema == PLATFORM_SCHEMA and target.name in CATALOGUE)


@pytest.mark.parametrize("table", platform_tables(), ids=lambda table: table.name)
def test_the_centre_never_points_into_a_region(table: Table) -> None:
    assert all(key.column.table.schema == PLATFORM_SCHEMA for key in table.foreign_keys)


@pytest.mark.parametrize("table", [*region_tables(), *platform_tables()], ids=str)
def test_every_table_has_a_primary_key_and_every_whole_number_is_big(table: Table) -> None:
    assert table.primary_key.columns
    for column in table.columns:
        if isinstance(column.type, Integer):
            assert isinstance(column.type, BigInteger), f"{table}.{column.name}"


def test_no_trigger_and_no_function_of_ours(settings: Settings) -> None:
    assert "TRIGGER" not in schema_script().upper()
    triggers = rows(settings, "SELECT tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal")
    assert triggers == []
    ours = rows(
        settings,
        "SELECT proname FROM pg_proc WHERE pronamespace = 'platform'::regnamespace"
        " OR pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^region_')",
    )
    assert ours == []


def test_histories_are_append_only_for_their_region(settings: Settings) -> None:
    found = rows(
        settings,
        "SELECT r.schema_name, t.name, has_table_privilege(r.role_name, r.schema_name || '.' || t.name, p.name)"
        " FROM platform.region r, unnest(%s::text[]) t(name), unnest('{UPDATE,DELETE,TRUNCATE}'::text[]) p(name)",
        sorted(APPEND_ONLY),
    )
    assert len(found) == 2 * len(APPEND_ONLY) * 3
    assert not any(may for *_, may in found)
    # What can be written over in them are a person's words, and nothing else.
    found = rows(
        settings,
        "SELECT DISTINCT c.relname, a.attname FROM platform.region r JOIN pg_namespace n ON n.nspname = r.schema_name"
        " JOIN pg_class c ON c.relnamespace = n.oid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relname = ANY(%s) AND has_column_privilege(r.role_name, c.oid, a.attnum, 'UPDATE')",
        sorted(APPEND_ONLY),
    )
    assert sorted(found) == [(table, column) for table, columns in FORGOTTEN.items() for column in columns]


def test_a_region_owns_nothing_and_reaches_no_neighbour(settings: Settings) -> None:
    owned = rows(
        settings,
        "SELECT relname FROM pg_class c JOIN platform.region r ON r.role_name = pg_get_userbyid(c.relowner)",
    )
    assert owned == []
    neighbours = rows(
        settings,
        "SELECT a.slug, b.slug FROM platform.region a JOIN platform.region b ON a.id <> b.id"
        " WHERE has_schema_privilege(a.role_name, b.schema_name, 'USAGE')"
        " OR pg_has_role(a.role_name, b.role_name, 'MEMBER')",
    )
    assert neighbours == []
