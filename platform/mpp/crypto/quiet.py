"""Waiting until whatever began earlier has ended: a transaction may hold what it sealed with an older key, unseen."""

from __future__ import annotations

import time

from sqlalchemy import Connection, Engine, text

SECONDS_BETWEEN_LOOKS = 0.2

# Locks are shown to everybody; since when a transaction runs is shown of one's own roles only. Workers of PostgreSQL
# itself (no user) write nothing of ours.
GOING = text(
    "SELECT l.virtualtransaction FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'virtualxid' AND l.pid <> pg_backend_pid()"
    " AND a.datname = current_database() AND a.usesysid IS NOT NULL"
)


def wait_out(engine: Engine, seconds: float) -> int:
    """Wait until no transaction of this database is left that runs now, at most so long; return how many are left."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        earlier = _going(connection)
        until = time.monotonic() + seconds
        while earlier and time.monotonic() < until:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            earlier &= _going(connection)
    return len(earlier)


def _going(connection: Connection) -> set[str]:
    return set(connection.scalars(GOING))
