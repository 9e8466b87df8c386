"""New keys for a scope, old ones retired, while everything runs.

1. A new version of both keys is written down. For SECONDS_ANNOUNCED everybody learns to read it; nobody writes
   with it yet, so that no process meets an index it can't look up.
2. Then everybody writes with it. Transactions that began before are waited for, since what they sealed with the old
   version comes to light only when they end; a sweep brings the stored rows over.
3. When no row bears the old versions they are retired: never written with, no longer looked up by, still able to
   open what comes back out of an old backup. One more sweep finds nothing, or brings over what came all the same.

Each step is found again from the tables, so a stopped rotation goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from sqlalchemy import Connection, Engine, Select, func, select, update
from sqlalchemy.orm import Session

from mpp import audit
from mpp.crypto.keyring import Keyring, keyring_of, using, wrap_new
from mpp.crypto.models import Purpose, RegionKey, context
from mpp.crypto.quiet import wait_out
from mpp.crypto.sweep import Swept, sweep
from mpp.settings import Settings
from mpp.tenancy.provision import inside, owner_engine, owner_session
from mpp.tenancy.region import Region, region_context

Say = Callable[[str], None]
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_SKEW = 1.0
# A backup may take minutes; a transaction longer than this is somebody's mistake, and the rotation is repeated.
SECONDS_PATIENT = 600.0
KEYS_AT_ONCE = 100


def rotate(settings: Settings, region: Region | None, say: Say) -> Swept:
    """Give a region (None: the nation) new keys and bring its rows over; the old ones are retired at the end."""
    scope = region.id if region else None
    keyring = keyring_of(settings)
    keyring.ensure(scope)
    newest = _begin(settings, keyring, scope)
    say(f"kunci versi {newest} dibuat; menunggu semua proses mengenalnya")
    with using(keyring):
        _wait(keyring, scope, newest)
        # Each process reckons the moment from its own reading of the tables, which took it a while.
        time.sleep(SECONDS_SKEW)
        with owner_engine(settings) as engine:
            earlier = wait_out(engine, SECONDS_PATIENT)
        swept = backfill(settings, region)
        if earlier or swept.left:
            return replace(swept, earlier=earlier)
        _retire(settings, scope, newest)
        late = backfill(settings, region)
    return replace(late, rows=swept.rows + late.rows)


def backfill(settings: Settings, region: Region | None) -> Swept:
    """Seal what lies open, bring older sealings and indexes to the newest keys. Needs a key ring in use."""
    with owner_engine(settings) as engine, region_context(region):
        return sweep(region.id if region else None, _transactions(engine, region))


def rewrap(settings: Settings) -> int:
    """Wrap every key anew with the current master key and return how many were; values stay as they are."""
    master, done = keyring_of(settings).master, 0
    while True:
        with _centre(settings) as session:
            rows = session.scalars(
                select(RegionKey)
                .where(RegionKey.master_id != master.current)
                .order_by(RegionKey.id)
                .limit(KEYS_AT_ONCE)
                .with_for_update()
            ).all()
            for row in rows:
                bound = context(row.region_id, row.purpose, row.version)
                row.wrapped = master.wrap(master.unwrap(row.master_id, row.wrapped, bound), bound)
                row.master_id = master.current
            if rows:
                audit.record(session, action="secrets.rewrap", subject="keys", data={"keys": len(rows)})
        done += len(rows)
        if len(rows) < KEYS_AT_ONCE:
            return done


def _begin(settings: Settings, keyring: Keyring, scope: int | None) -> int:
    """Write down a new version of both keys, unless a stopped rotation has done so already; return it."""
    with _centre(settings) as session:
        rows = session.scalars(_of(scope).where(RegionKey.retired_at.is_(None)).with_for_update()).all()
        versions = {row.version for row in rows}
        if len(versions) > 1:
            return max(versions)
        newest = max(versions) + 1
        for purpose in Purpose:
            wrapped, master_id = wrap_new(keyring.master, scope, purpose, newest)
            session.add(
                RegionKey(
                    region_id=scope,
                    purpose=purpose.value,
                    version=newest,
                    wrapped=wrapped,
                    master_id=master_id,
                )
            )
        _tell(session, scope, "secrets.rotate", newest)
        return newest


def _wait(keyring: Keyring, scope: int | None, version: int) -> None:
    keyring.forget()
    while any(keyring.writing(scope, purpose).version != version for purpose in Purpose):
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _retire(settings: Settings, scope: int | None, newest: int) -> None:
    with _centre(settings) as session:
        session.execute(
            update(RegionKey)
            .where(RegionKey.region_id.is_not_distinct_from(scope))
            .where(RegionKey.version < newest, RegionKey.retired_at.is_(None))
            .values(retired_at=func.now())
        )
        _tell(session, scope, "secrets.retire", newest)


@contextmanager
def _centre(settings: Settings) -> Iterator[Session]:
    """The owner on schema `platform`, whatever region is at hand: these acts are the centre's."""
    with region_context(None), owner_session(settings) as session:
        yield session


def _of(scope: int | None) -> Select[RegionKey]:
    return select(RegionKey).where(RegionKey.region_id.is_not_distinct_from(scope))


def _tell(session: Session, scope: int | None, action: str, version: int) -> None:
    subject = f"region:{scope}" if scope else "nation"
    audit.record(session, action=action, subject=subject, data={"version": version})


def _transactions(engine: Engine, region: Region | None) -> Callable[[], AbstractContextManager[Connection]]:
    """What gives a connection in a transaction: as the region's role in its schema, or as the owner."""

    @contextmanager
    def connect() -> Iterator[Connection]:
        if region is None:
            with engine.begin() as connection:
                yield connection
        else:
            with inside(engine, region) as session:
                yield session.connection()

    return connect
