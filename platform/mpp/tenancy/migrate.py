"""Migrations over many schemas: SQL of a revision rendered once, sent to each region in one round trip."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg import sql

from mpp.settings import ROOT
from mpp.tenancy import grants

MIGRATIONS = ROOT / "migrations"
# The DDL of a new region at the current head; `mpp db render` writes it, a test holds it true.
SCHEMA_SCRIPT = MIGRATIONS / "tenant" / "schema.sql"
LOCK_TIMEOUT = "3s"


class MigrationError(Exception):
    """A schema could not be brought to its revision; the text says which and why."""


def config(branch: str) -> Config:
    """Return Alembic's configuration of one history: "platform" or "tenant"."""
    return Config(str(MIGRATIONS / "alembic.ini"), ini_section=branch, output_buffer=io.StringIO())


@cache
def head(branch: str) -> str:
    """Return the newest revision of a history."""
    revision = ScriptDirectory.from_config(config(branch)).get_current_head()
    if revision is None:
        raise MigrationError(f"no revision in history {branch}")
    return revision


@cache
def render(branch: str, start: str | None, end: str) -> str:
    """Return the SQL that brings a schema from `start` (None: empty) to `end`. Raises MigrationError."""
    settings = config(branch)
    try:
        command.upgrade(settings, f"{start or 'base'}:{end}", sql=True)
    except CommandError as error:
        raise MigrationError(f"tidak ada jalan dari revisi {start} ke {end}") from error
    buffer = settings.output_buffer
    assert isinstance(buffer, io.StringIO)
    return buffer.getvalue()


def schema_script() -> str:
    """Return the cached DDL of a new region's schema at the current head."""
    return SCHEMA_SCRIPT.read_text(encoding="utf-8")


def write_schema_script(path: Path = SCHEMA_SCRIPT) -> None:
    """Render the tenant history from nothing to its head into the cached script."""
    path.write_text(
        "-- Written by `mpp db render` from migrations/tenant/versions; do not edit.\n"
        + render("tenant", None, head("tenant")),
        encoding="utf-8",
    )


def revision_of(connection: psycopg.Connection[tuple[str]], schema: str) -> str | None:
    """Return the revision a schema stands on; None when it has none."""
    table = sql.SQL("{}.schema_version").format(sql.Identifier(schema))
    exists = connection.execute("SELECT to_regclass(%s)", (table.as_string(connection),)).fetchone()
    if exists is None or exists[0] is None:
        return None
    row = connection.execute(sql.SQL("SELECT version_num FROM {}").format(table)).fetchone()
    return row[0] if row else None


@dataclass(frozen=True, slots=True)
class Target:
    """A region's schema to migrate."""

    region_id: int
    slug: str
    schema: str
    role: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one schema: milliseconds taken and the error, if any."""

    target: Target
    revision: str | None
    milliseconds: float
    error: str | None


def migrate_schema(connection: psycopg.Connection[tuple[str]], target: Target) -> Outcome:
    """Bring one region to head in one transaction; a failure stops only this region.

    The advisory lock is the schema's own. The guard reads the version under the lock: rendered SQL would
    silently update no row when the version is another.
    """
    began = time.perf_counter()
    end = head("tenant")
    start: str | None = None
    try:
        with connection.transaction():
            connection.execute(
                sql.SQL("SET LOCAL lock_timeout = {}; SET LOCAL search_path TO {}").format(
                    sql.Literal(LOCK_TIMEOUT), sql.Identifier(target.schema)
                )
            )
            connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"mig:{target.schema}",)
            )
            start = revision_of(connection, target.schema)
            if start is None:
                raise MigrationError("skema belum disediakan")
            if start != end:
                connection.execute(render("tenant", start, end).encode())
                # A revision may bring a table; who may touch what stands in one list.
                connection.execute(grants.region_grants(target.role))
            _mark(connection, target.region_id, start, end)
    except (psycopg.Error, MigrationError) as error:
        message = str(error).splitlines()[0]
        _mark_failed(connection, target.region_id, start, end, message)
        return Outcome(target, start, (time.perf_counter() - began) * 1000, message)
    return Outcome(target, end, (time.perf_counter() - began) * 1000, None)


def _mark(connection: psycopg.Connection[tuple[str]], region_id: int, start: str, end: str) -> None:
    connection.execute(
        "INSERT INTO platform.migration_ledger"
        " (region_id, from_revision, to_revision, state, attempts, started_at, finished_at)"
        " VALUES (%s, %s, %s, 'done', 1, now(), clock_timestamp())"
        " ON CONFLICT (region_id, to_revision) DO UPDATE SET state = 'done', error = NULL,"
        " attempts = platform.migration_ledger.attempts + 1, finished_at = clock_timestamp()",
        (region_id, start, end),
    )
    connection.execute("UPDATE platform.region SET schema_revision = %s WHERE id = %s", (end, region_id))


def _mark_failed(
    connection: psycopg.Connection[tuple[str]], region_id: int, start: str | None, end: str, error: str
) -> None:
    with connection.transaction():
        connection.execute(
            "INSERT INTO platform.migration_ledger"
            " (region_id, from_revision, to_revision, state, attempts, error, started_at, finished_at)"
            " VALUES (%s, %s, %s, 'failed', 1, %s, now(), clock_timestamp())"
            " ON CONFLICT (region_id, to_revision) DO UPDATE SET state = 'failed', error = excluded.error,"
            " attempts = platform.migration_ledger.attempts + 1, finished_at = clock_timestamp()",
            (region_id, start, end, error),
        )


def migrate_all(
    connection: psycopg.Connection[tuple[str]], targets: Iterable[Target], report: Callable[[Outcome], None]
) -> list[Outcome]:
    """Bring regions to head, the first one as canary: when it fails, the others are left alone."""
    outcomes: list[Outcome] = []
    for target in targets:
        outcome = migrate_schema(connection, target)
        outcomes.append(outcome)
        report(outcome)
        if outcome.error and len(outcomes) == 1:
            break
    return outcomes
