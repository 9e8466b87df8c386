"""The gate of a request: is the region served now, and which version of its content is current.

Read anew on every request, so that a suspension or a published change shows on the very next one, in every
process. It has a login of its own, which may see nothing but these three values: no role to switch to, one
statement, one round trip.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import URL, create_engine

from mpp.tenancy.models import RegionState
from mpp.tenancy.region import Region


@dataclass(frozen=True, slots=True)
class Gate:
    """A region's state and content version at this moment."""

    state: str
    contact: str | None
    version: int

    @property
    def open(self) -> bool:
        """Whether the region's pages are served."""
        return self.state == RegionState.ACTIVE


class Gatekeeper:
    """Reads gates over a few connections of its own."""

    def __init__(self, url: URL, *, pool_size: int = 10) -> None:
        self.engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size,
            pool_timeout=10,
            pool_reset_on_return=None,
            connect_args={"connect_timeout": 5},
        )

    def read(self, region: Region) -> Gate:
        """Return the gate of `region`. Raises the driver's error when PostgreSQL is away."""
        try:
            return self._read(region)
        except psycopg.Error:
            # PostgreSQL was restarted: every kept connection is dead, and one fresh try tells.
            self.engine.dispose()
            return self._read(region)

    def _read(self, region: Region) -> Gate:
        connection = self.engine.raw_connection()
        try:
            row = _ask(connection.dbapi_connection.pgconn, connection.info, region)  # type: ignore[union-attr]
        except BaseException:
            connection.invalidate()
            raise
        finally:
            connection.close()
        if row is None:
            raise LookupError(f"region {region.id} has no gate")
        return Gate(row[0], row[1], int(row[2]))


def _ask(link: PGconn, prepared: dict[Any, Any], region: Region) -> tuple[str, str | None, str] | None:
    """Ask through libpq itself: on the way of every request the cursor's comfort would cost more than the answer."""
    name = f"gate_{region.id}".encode()
    if name not in prepared:
        # Not text from outside: a name of ours, checked when the region was made, and a number.
        statement = (
            f"SELECT r.state, r.state_contact, c.version FROM platform.region r, {region.schema}.content_state c"  # noqa: S608
            f" WHERE r.id = {region.id:d}"
        )
        _checked(link, link.prepare(name, statement.encode()), ExecStatus.COMMAND_OK)
        prepared[name] = True
    result = _checked(link, link.exec_prepared(name, None), ExecStatus.TUPLES_OK)
    if result.ntuples == 0:
        return None
    state, contact, version = (result.get_value(0, column) for column in range(3))
    return (
        (state or b"").decode(),
        contact.decode() if contact is not None else None,
        (version or b"0").decode(),
    )


def _checked(link: PGconn, result: PGresult, wanted: ExecStatus) -> PGresult:
    if result.status != wanted:
        raise psycopg.OperationalError(result.get_error_message() or link.get_error_message())
    return result
