"""Real PostgreSQL and Valkey for one test process, and a database for each test out of one template."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from mpp.embedded.postgres import EmbeddedPostgres
from mpp.embedded.valkey import EmbeddedValkey
from mpp.settings import Settings, load_settings

TEMPLATE = "mpp_template"
DATABASE = "mpp_test"
# A database is a thousand files. Each test makes and drops one, which takes a disk 0.3 s and memory 0.03 s.
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 2 << 30


@contextmanager
def servers() -> Iterator[Settings]:
    """Settings of a fresh cluster; everything is gone afterwards."""
    with (
        _folder() as folder,
        EmbeddedPostgres(folder / "pg", durable=False) as postgres,
        EmbeddedValkey(folder / "valkey", durable=False) as valkey,
    ):
        yield load_settings(
            {
                "MPP_ENV": "test",
                "MPP_SECRET_KEY": "rahasia-untuk-pengujian-saja-1234567890",
                "DATABASE_URL": url_of(postgres.url, DATABASE),
                "VALKEY_URL": valkey.url,
                "MPP_ROLE_PREFIX": DATABASE,
                "MPP_DATA_DIR": str(folder),
            }
        )


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for one process's servers."""
    with tempfile.TemporaryDirectory(prefix="mpp-test-", dir=_memory(), ignore_cleanup_errors=True) as folder:
        # Root's servers run as somebody else. One who can't pass through would be given a folder on the disk.
        Path(folder).chmod(0o711)
        yield Path(folder)


def _memory() -> Path | None:
    """Return the file system in memory when the machine has one with room to spare, else None: the disk."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
    return MEMORY if roomy else None


def url_of(url: str, database: str) -> str:
    """Return the address of another database on the same server."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def on_template(settings: Settings) -> Settings:
    """Return the same settings, pointing at the template database."""
    return dataclasses.replace(settings, database_url=url_of(settings.database_url, TEMPLATE))


def create_database(settings: Settings, name: str, template: str | None = None) -> None:
    """Create a database anew, as a copy of `template` when given."""
    with _maintenance(settings) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)
        create = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template:
            # Files are copied: faster than write-ahead logging for a small database.
            create += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
        connection.execute(create)
        if template:
            _copy_database_grants(connection, settings, name)


def _copy_database_grants(connection: psycopg.Connection[tuple[str]], settings: Settings, name: str) -> None:
    """Rights on a database itself are not copied with it."""
    connection.execute(
        sql.SQL(
            "REVOKE ALL ON DATABASE {db} FROM PUBLIC; GRANT CONNECT ON DATABASE {db} TO {app}, {central}, {gate}"
        ).format(
            db=sql.Identifier(name),
            app=sql.Identifier(f"{settings.role_prefix}_app"),
            central=sql.Identifier(f"{settings.role_prefix}_central"),
            gate=sql.Identifier(f"{settings.role_prefix}_gate"),
        )
    )


@contextmanager
def _maintenance(settings: Settings) -> Iterator[psycopg.Connection[tuple[str]]]:
    url = make_url(settings.database_url).set(drivername="postgresql", database="postgres")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection
