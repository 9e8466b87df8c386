"""The fence: each transaction of a region opens as that region's role, on its own schema, in one string."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import Connection
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from mpp.tenancy.region import IDENTIFIER, Region, current_region

# PostgreSQL's catalogue cache grows with each schema a backend touches (0.7 MB a region of 30 tables);
# a fresh connection costs 5 ms.
MOST_REGIONS_PER_CONNECTION = 200


def opening(region: Region) -> str:
    """Return the string that replaces psycopg's own BEGIN: role and schema end with the transaction."""
    for name in (region.role, region.schema):
        if not IDENTIFIER.fullmatch(name):
            raise ValueError(f"not an identifier of ours: {name!r}")
    return f"BEGIN; SET LOCAL ROLE {region.role}; SET LOCAL search_path TO {region.schema}"


def fence(engine: Engine) -> None:
    """Make every transaction on `engine` a region's; without a region it fails before any SQL."""

    @event.listens_for(engine, "connect")
    def _driver_sends_no_begin(dbapi: Connection[Any], _record: object) -> None:
        dbapi.autocommit = True

    @event.listens_for(engine, "begin")
    def _enter(connection: Any) -> None:
        region = current_region()
        dbapi: Connection[Any] = connection.connection.dbapi_connection
        # isolation_level options are void in this scheme, and must not switch the driver back.
        dbapi.autocommit = True
        try:
            dbapi.execute(opening(region).encode())
        except psycopg.OperationalError as error:
            # SQLAlchemy watches only its own statements: this one is told like they are.
            connection.invalidate(error)
            raise OperationalError("BEGIN", None, error, hide_parameters=True) from error
        connection.connection.info.setdefault("regions", set()).add(region.id)

    @event.listens_for(engine, "checkin")
    def _retire(_dbapi: Connection[Any] | None, record: Any) -> None:
        if len(record.info.get("regions", ())) > MOST_REGIONS_PER_CONNECTION:
            record.invalidate()
