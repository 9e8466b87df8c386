"""Bringing stored values up to the newest keys, row by row, while the region goes on working.

One pass goes through a table by its primary key in small transactions. Rows that somebody is changing at this
moment are skipped, never waited for, so that no act of an officer is held up or chosen as a deadlock's victim; the
next pass finds them. Stopped anywhere, it goes on where it is needed: what is done bears the new version.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)

from mpp.crypto.errors import SecretsError
from mpp.crypto.keyring import current_keyring
from mpp.crypto.models import Purpose
from mpp.crypto.sealing import HEADER_BYTES, header
from mpp.crypto.types import Encrypted, index_columns, plain_columns, sealed_columns
from mpp.database.registry import platform_tables, region_tables
from mpp.observability import log

ROWS_AT_ONCE = 200
SECONDS_BETWEEN_PASSES = 0.2
# A row that stays locked through so many passes belongs to somebody who has forgotten it.
MOST_PASSES = 300
# So many passes in a row that changed nothing: what is left does not open, or is held for good.
MOST_IDLE_PASSES = 50

Transactions = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows of how many tables were brought up to date, and how many were not to be had.

    `earlier`: transactions from before the new key that would not end; what they hold isn't known.
    """

    rows: int
    tables: int
    left: int
    earlier: int = 0

    @property
    def done(self) -> bool:
        """Whether nothing is left under an older key."""
        return not self.left and not self.earlier


def secret_tables(scope: int | None) -> list[Table]:
    """Return the tables with sealed columns: a region's, or the nation's for None."""
    tables = platform_tables() if scope is None else region_tables()
    return [table for table in tables if sealed_columns(table) or plain_columns(table)]


def sweep(scope: int | None, connect: Transactions) -> Swept:
    """Bring every row of a scope up to date. `connect` gives a connection in a transaction of that scope."""
    rows, left, tables = 0, 0, secret_tables(scope)
    for table in tables:
        idle = 0
        for number in range(MOST_PASSES):
            if number:
                time.sleep(SECONDS_BETWEEN_PASSES)
            done = sum(_pass(table, scope, connect))
            rows, idle = rows + done, 0 if done else idle + 1
            with connect() as connection:
                remaining = stale(connection, table, scope)
            if not remaining or idle >= MOST_IDLE_PASSES:
                break
        left += remaining
    return Swept(rows, len(tables), left)


def stale(connection: Connection, table: Table, scope: int | None) -> int:
    """Return how many rows of a table lie open or under an older key."""
    found = connection.execute(select(func.count()).select_from(table).where(_behind(table, scope)))
    return found.scalar_one()


def _pass(table: Table, scope: int | None, connect: Transactions) -> Iterator[int]:
    after: tuple[Any, ...] | None = None
    while True:
        with connect() as connection:
            done, after = _batch(connection, table, scope, after)
        yield done
        if after is None:
            return


def _batch(
    connection: Connection, table: Table, scope: int | None, after: tuple[Any, ...] | None
) -> tuple[int, tuple[Any, ...] | None]:
    """Bring some rows up to date; returns how many, and the key of the last one looked at."""
    keys = list(table.primary_key.columns)
    sealed, indexes, opened = sealed_columns(table), index_columns(table), plain_columns(table)
    # Sealed values as they lie there: one that does not open must not stop the others.
    raw = [type_coerce(table.columns[name], LargeBinary).label(f"raw_{name}") for name in sealed]
    query = (
        select(*keys, *raw, *(table.columns[name] for name in opened.values()))
        .where(_behind(table, scope))
        .order_by(*keys)
        .limit(ROWS_AT_ONCE)
        # Not FOR UPDATE: rows that point here may be added meanwhile.
        .with_for_update(key_share=True, skip_locked=True)
    )
    if after is not None:
        last = (bindparam(None, value, key.type) for key, value in zip(keys, after, strict=True))
        query = query.where(tuple_(*keys) > tuple_(*last))
    rows = connection.execute(query).mappings().all()
    if not rows:
        return 0, None
    kinds = {name: cast("Encrypted", table.columns[name].type) for name in sealed}
    changes = []
    for row in rows:
        try:
            values = {
                name: kind.process_result_value(row[f"raw_{name}"], connection.dialect)
                for name, kind in kinds.items()
            }
        except SecretsError as error:
            place = {key.key: row[key] for key in keys}
            log.error("sealed value does not open", table=table.name, row=place, error=str(error))
            continue
        change = {f"pk_{key.key}": row[key] for key in keys}
        for name, source in opened.items():
            if values[name] is None:
                values[name] = row[table.columns[source]]
            change[f"to_{source}"] = None
        change |= {f"to_{name}": value for name, value in values.items()}
        change |= {f"to_{name}": values[of] for name, of in indexes.items()}
        changes.append(change)
    if changes:
        targets = {*sealed, *indexes, *opened.values()}
        connection.execute(
            update(table)
            .where(*(key == bindparam(f"pk_{key.key}") for key in keys))
            .values({table.columns[n]: bindparam(f"to_{n}", type_=table.columns[n].type) for n in targets}),
            changes,
        )
    return len(changes), tuple(rows[-1][key] for key in keys)


def _behind(table: Table, scope: int | None) -> ColumnElement[bool]:
    """Rows with a value that lies open, under an older key, or without its index."""
    keyring = current_keyring()
    marks = {
        purpose: header(keyring.writing(scope, purpose).version) for purpose in (Purpose.DATA, Purpose.INDEX)
    }
    terms = [_older(table, name, marks[Purpose.DATA]) for name in sealed_columns(table)]
    for name, of in index_columns(table).items():
        raw, source = (type_coerce(table.columns[n], LargeBinary) for n in (name, of))
        missing = and_(source.is_not(None), raw.is_(None))
        terms += [_older(table, name, marks[Purpose.INDEX]), missing]
    terms += [table.columns[source].is_not(None) for source in plain_columns(table).values()]
    return or_(*terms)


def _older(table: Table, name: str, mark: bytes) -> ColumnElement[bool]:
    raw = type_coerce(table.columns[name], LargeBinary)
    # NULL is not older: the comparison is unknown, and the row stays out.
    return func.substring(raw, 1, HEADER_BYTES, type_=LargeBinary) != mark
