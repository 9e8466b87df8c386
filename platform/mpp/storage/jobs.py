"""Removing from the store what no row knows: files that were erased, and those whose transaction failed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from mpp.jobs.handlers import Job, handler
from mpp.observability import log
from mpp.storage.models import StoredFile
from mpp.storage.service import DELETE, files_of
from mpp.storage.stores import folder

# A request that stored a file has long ended by then.
STRAY_AFTER = dt.timedelta(days=1)
NAMES_AT_ONCE = 500


@handler(DELETE)
def delete(job: Job) -> None:
    """Remove one erased file of this region from the store; one that is gone already is fine."""
    assert job.region is not None
    name = str(job.payload["name"])
    known = job.session.scalar(select(StoredFile.id).where(StoredFile.name == name))
    if known is None and name.startswith(f"{folder(job.region.id)}/"):
        files_of(job.settings).store.delete(name)


@handler("storage.sweep", daily=dt.time(2, 40))
def sweep(job: Job) -> None:
    """Remove this region's files older than a day that no row names: nobody holds a key to them."""
    assert job.region is not None
    store = files_of(job.settings).store
    old = list(store.names(folder(job.region.id) + "/", dt.datetime.now(tz=dt.UTC) - STRAY_AFTER))
    removed = 0
    for start in range(0, len(old), NAMES_AT_ONCE):
        some = old[start : start + NAMES_AT_ONCE]
        known = set(job.session.scalars(select(StoredFile.name).where(StoredFile.name.in_(some))))
        for name in some:
            if name not in known:
                store.delete(name)
                removed += 1
    if removed:
        log.info("stray files removed", files=removed)
