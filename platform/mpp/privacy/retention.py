"""What is kept too long ends: in small batches, each a short transaction, safe to stop and to repeat.

What is due is asked of the rows themselves, so nothing has to be remembered between batches; rows that somebody is
changing at this moment are skipped and found the next time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, Date, Table, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from mpp import audit
from mpp.database.registry import metadata
from mpp.privacy.kinds import Expiry, Kind, all_kinds
from mpp.tenancy.region import Region

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Due:
    """Rows of one table whose time is over: how many, what becomes of them, and before when they began to count."""

    kind: Kind
    table: str
    rows: int
    deleted: bool
    before: dt.datetime


def expiries(region: Region | None) -> Iterator[tuple[Kind, Expiry]]:
    """Return what ends by itself in a region, or at the centre."""
    for kind in all_kinds():
        for expiry in kind.expiries:
            if _table(expiry.table).schema == (None if region else "platform"):
                yield kind, expiry


def preview(session: Session, region: Region | None, now: dt.datetime) -> list[Due]:
    """Return what would end at `now` (aware) in the region, or at the centre for None; changes nothing."""
    found = []
    for kind, expiry in expiries(region):
        table = _table(expiry.table)
        rows = session.scalar(select(func.count()).select_from(table).where(_due(kind, expiry, region, now)))
        found.append(Due(kind, expiry.table, rows or 0, expiry.values is None, _before(kind, now)))
    return found


def batch(
    session: Session, region: Region | None, now: dt.datetime, most: int = ROWS_AT_ONCE
) -> tuple[dict[str, int], bool]:
    """End at most `most` rows of each table; return the rows by table, and whether there may be more.

    The audit log gets the counts, in the same transaction.
    """
    ended: dict[str, int] = {}
    more = False
    for kind, expiry in expiries(region):
        rows = _end(session, expiry, _due(kind, expiry, region, now), most)
        more = more or rows == most
        if rows:
            ended[expiry.table] = ended.get(expiry.table, 0) + rows
    if ended:
        audit.record(session, action="privacy.retain", subject="privacy:retention", data={"rows": ended})
    return ended, more


def _end(session: Session, expiry: Expiry, due: ColumnElement[bool], most: int) -> int:
    table = _table(expiry.table)
    key = tuple_(*table.primary_key.columns)
    chosen = session.execute(
        select(*table.primary_key.columns).where(due).limit(most).with_for_update(skip_locked=True)
    ).all()
    if not chosen:
        return 0
    these = key.in_([tuple(row) for row in chosen])
    if expiry.remove is not None:
        expiry.remove(session, [row[0] for row in chosen])
    elif expiry.values is None:
        session.execute(delete(table).where(these))
    else:
        session.execute(update(table).where(these).values(overwriting(table, expiry)))
    return len(chosen)


def overwriting(table: Table, expiry: Expiry) -> dict[str, object]:
    """Return what is written over the values of a row, by column key."""
    return {key: value(table) if callable(value) else value for key, value in (expiry.values or {}).items()}


def _due(kind: Kind, expiry: Expiry, region: Region | None, now: dt.datetime) -> ColumnElement[bool]:
    table = _table(expiry.table)
    since = table.c[expiry.since]
    before = _before(kind, now)
    # A local day is the region's own.
    local = before.astimezone(region.zone).date() if region else before.date()
    conditions = [since < (local if isinstance(since.type, Date) else before)]
    if expiry.only is not None:
        conditions.append(expiry.only(table))
    if expiry.values is not None:
        # Only rows in which there is still something to write over.
        conditions.append(
            or_(
                *(
                    table.c[key].is_not(None) if value is None else table.c[key] != value
                    for key, value in expiry.values.items()
                    if not callable(value)
                )
            )
        )
    return and_(*conditions)


def _before(kind: Kind, now: dt.datetime) -> dt.datetime:
    assert kind.days is not None, f"{kind.key} ends by itself but says not when"
    return now - dt.timedelta(days=kind.days)


@cache
def _table(name: str) -> Table:
    return metadata().tables[name]
