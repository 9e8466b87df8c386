"""An empty database of a test's own, with roles of its own, on the run's cluster."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from mpp.settings import Settings
from mpp.tenancy.provision import owner
from tests.support.servers import create_database, url_of

FRESH = "mpp_fresh"


def empty_database(settings: Settings, name: str = FRESH) -> Settings:
    """Return settings of a new, empty database."""
    create_database(settings, name)
    url = url_of(settings.database_url, name)
    return dataclasses.replace(settings, database_url=url, role_prefix=name)


@contextmanager
def sql(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection, for looking past every fence."""
    with owner(settings) as connection:
        yield connection


def rows(settings: Settings, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Return the rows of one query of the owner's."""
    with sql(settings) as connection:
        return connection.execute(query, values or None).fetchall()
