"""The cached script, the migrations and the models give one and the same schema."""

from __future__ import annotations

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from mpp.database.registry import metadata, platform_tables, region_tables
from mpp.settings import Settings
from mpp.tenancy.migrate import config, head, render, schema_script
from mpp.tenancy.provision import install, owner_engine
from tests.support.fingerprint import fingerprint
from tests.support.fresh import empty_database, sql

PARTS = {"column", "index", "constraint"}


@pytest.fixture
def installed(fresh: Settings) -> Settings:
    install(fresh)
    return fresh


def from_models(engine: Engine, schema: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
        connection.execute(text(f"SET LOCAL search_path TO {schema}"))
        metadata().create_all(connection, tables=region_tables(), checkfirst=False)


def test_a_region_by_script_by_migrations_and_by_models(installed: Settings) -> None:
    with sql(installed) as connection:
        migrated = render("tenant", None, head("tenant"))
        for schema, script in (("by_script", schema_script()), ("by_migrations", migrated)):
            with connection.transaction():
                connection.execute(f"CREATE SCHEMA {schema}; SET LOCAL search_path TO {schema}")
                connection.execute(script.encode())
        with owner_engine(installed) as engine:
            from_models(engine, "by_models")
        by_script, by_migrations, by_models = (
            fingerprint(connection, name) for name in ("by_script", "by_migrations", "by_models")
        )
    assert {part for part, *_ in by_script} == PARTS
    assert len(by_script) > 200
    assert by_script == by_migrations
    assert by_script ^ by_models == set()


def test_the_cached_script_is_up_to_date() -> None:
    assert schema_script().partition("\n")[2] == render("tenant", None, head("tenant")), "run: mpp db render"


def test_the_fingerprint_sees_a_column_an_index_and_a_check(installed: Settings) -> None:
    with sql(installed) as connection:
        before = fingerprint(connection, "platform")
        connection.execute(
            "ALTER TABLE platform.agency ADD extra text; CREATE INDEX extra ON platform.agency (extra);"
            " ALTER TABLE platform.agency ADD CHECK (extra <> '')"
        )
        assert {part for part, *_ in fingerprint(connection, "platform") ^ before} == PARTS


def test_schema_platform_by_migrations_and_by_models(installed: Settings) -> None:
    models = empty_database(installed, "mpp_models")
    with sql(models) as connection:
        connection.execute(
            "CREATE SCHEMA platform; CREATE SCHEMA extensions; CREATE EXTENSION pg_trgm SCHEMA extensions"
        )
        with owner_engine(models) as engine:
            metadata().create_all(engine, tables=platform_tables(), checkfirst=False)
        by_models = fingerprint(connection, "platform")
    with sql(installed) as connection:
        assert fingerprint(connection, "platform") ^ by_models == set()


def test_every_revision_of_a_region_is_one_line(installed: Settings) -> None:
    script = ScriptDirectory.from_config(config("tenant"))
    assert len(script.get_heads()) == 1
    assert all(not revision.is_merge_point for revision in script.walk_revisions())
