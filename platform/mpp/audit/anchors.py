"""What makes a rewritten chain show: old entries sealed into it, its end written down elsewhere."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import RowMapping, Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mpp.audit.content import FIELDS, digest
from mpp.audit.log import HEADS, AuditEntry, AuditHead, Log, record
from mpp.audit.models import AuditAnchor
from mpp.database.session import central_write
from mpp.jobs.handlers import Job, central_handler, handler
from mpp.observability import log as lines
from mpp.tenancy.region import current_region, region_or_none

SEAL = "audit.seal"
EVERY = dt.timedelta(hours=1)
ROWS_AT_ONCE = 500


def log_at_hand() -> Log:
    """Return the log of the region at hand, or the centre's."""
    from mpp.audit.log import CentralAuditEntry

    return AuditEntry if region_or_none() is not None else CentralAuditEntry


def seal_old(session: Session) -> int:
    """Bring the entries from before the chain into it, all by one entry; return how many.

    They are not rewritten: a history that is changed in order to protect it proves nothing. Safe to repeat.
    """
    log = log_at_hand()
    head: Any = HEADS[log]
    # Two that seal at once: the second waits here, and then finds it done.
    last = session.scalar(select(head.old_last).with_for_update())
    sealed = select(log.id).where(log.action == SEAL, log.seq.is_not(None)).limit(1)
    if not last or session.scalar(sealed) is not None:
        return 0
    rows, block = old_block(session, log, last)
    record(session, action=SEAL, subject="audit:old", data={"rows": rows, "last_id": last, "digest": block})
    return rows


def old_block(session: Session, log: Log, last: int) -> tuple[int, str]:
    """Return number and digest of the entries outside of the chain, up to id `last`."""
    query = select(log.id, *(getattr(log, name) for name in FIELDS)).where(log.seq.is_(None), log.id <= last)
    whole, rows = hashlib.sha256(), 0
    for row in by_key(session, query, log.id):
        whole.update(row["id"].to_bytes(8, "big") + digest(row))
        rows += 1
    return rows, whole.hexdigest()


def by_key(session: Session, query: Select[Any], key: Any) -> Iterator[RowMapping]:
    """Return the rows of a query in the order of a column that is never NULL or equal, some hundred at a time."""
    last: int | None = None
    while True:
        page = query.order_by(key).limit(ROWS_AT_ONCE)
        found = session.execute(page if last is None else page.where(key > last)).mappings().all()
        yield from found
        if len(found) < ROWS_AT_ONCE:
            return
        last = found[-1][key.key]


@handler("audit.anchor", every=EVERY)
def anchor(job: Job) -> None:
    """Write down where this region's chain ends: in `platform`, and in the log lines, which leave the machine.

    Whoever cuts or rewrites the chain would have to change both as well.
    """
    seal_old(job.session)
    head = job.session.scalars(select(AuditHead)).one()
    if not head.seq:
        return
    region = current_region()
    with central_write() as centre:
        row = insert(AuditAnchor).values(region_id=region.id, seq=head.seq, hash=head.hash)
        centre.execute(row.on_conflict_do_nothing())
    lines.info("audit anchor", seq=head.seq, hash=head.hash.hex())


@central_handler("audit.anchor", every=EVERY)
def anchor_centre(job: Job) -> None:
    """Write down where the centre's chain ends, in the log lines."""
    from mpp.audit.log import CentralAuditHead

    seal_old(job.session)
    head = job.session.scalars(select(CentralAuditHead)).one()
    if head.seq:
        lines.info("audit anchor", seq=head.seq, hash=head.hash.hex())
