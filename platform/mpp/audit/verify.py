"""Walking a chain from its beginning: the first entry that does not fit is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from mpp.audit.anchors import SEAL, by_key, log_at_hand, old_block
from mpp.audit.content import BEGINNING, FIELDS, digest, link
from mpp.audit.log import HEADS, Log


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found. `fault` None: the chain holds. `row` is the id of the first entry that does not fit."""

    entries: int
    # Entries from before the chain: sealed into it, and not yet.
    old: int
    unsealed: int
    fault: str | None = None
    row: int | None = None
    at: dt.datetime | None = None


def verify(session: Session, anchors: Sequence[tuple[int, bytes]] = ()) -> Finding:
    """Walk the log of the region at hand (or the centre's) and return what was found.

    `anchors` are ends of this chain (seq, hash) as they were written down earlier, elsewhere.
    """
    log = log_at_hand()
    walk = _Walk(dict(anchors))
    # Head and last entry move together, so one statement sees them agree; what comes later is not walked.
    head = session.execute(_head(log)).mappings().one_or_none()
    if head is None:
        return walk.fault("kepala rantai hilang")
    if (head["newest"] or 0) > head["seq"]:
        return walk.fault(f"entri sesudah urutan {head['seq']} ditulis di luar rantai")
    query = select(log.id, log.seq, log.prev_hash, log.hash, *(getattr(log, name) for name in FIELDS)).where(
        log.seq.is_not(None), log.seq <= head["seq"]
    )
    for row in by_key(session, query, log.seq):
        wrong = walk.step(row)
        if wrong is not None:
            return wrong
    return walk.end(head) or _older(session, log, walk, head["old_last"])


class _Walk:
    def __init__(self, anchors: Mapping[int, bytes]) -> None:
        self.anchors = anchors
        self.seq = 0
        self.hash = BEGINNING
        self.seal: Mapping[str, Any] | None = None

    def step(self, row: RowMapping) -> Finding | None:
        if row["seq"] != self.seq + 1:
            missing = f"entri urutan {self.seq + 1} hilang, sebelum entri ini"
            return self.fault(missing, row)
        if bytes(row["prev_hash"]) != self.hash:
            return self.fault("entri ini tidak menyambung pada entri sebelumnya", row)
        if link(self.hash, row["seq"], digest(row)) != bytes(row["hash"]):
            return self.fault("isi entri ini berubah", row)
        self.seq, self.hash = row["seq"], bytes(row["hash"])
        if self.anchors.get(self.seq, self.hash) != self.hash:
            return self.fault("rantai ditulis ulang: entri ini bukan yang dahulu dicatat di pusat", row)
        if row["action"] == SEAL and self.seal is None:
            self.seal = row["data"]
        return None

    def end(self, head: RowMapping) -> Finding | None:
        if (self.seq, self.hash) != (head["seq"], bytes(head["hash"])):
            return self.fault(f"ujung rantai terpotong: entri {self.seq + 1} sampai {head['seq']} hilang")
        last = max(self.anchors, default=0)
        if last > self.seq:
            return self.fault(
                f"ujung rantai terpotong: pusat mencatat entri {last}, di sini berakhir {self.seq}"
            )
        return None

    def fault(self, text: str, row: RowMapping | None = None) -> Finding:
        where = {"row": row["id"], "at": row["at"]} if row is not None else {}
        return Finding(self.seq, 0, 0, text, **where)


def _older(session: Session, log: Log, walk: _Walk, last: int) -> Finding:
    """Entries from before the chain: what was sealed must be as it was, and nothing may have joined them."""
    outside = log.seq.is_(None)
    stray = session.execute(
        select(log.id, log.at).where(outside, log.id > last).order_by(log.id).limit(1)
    ).one_or_none()
    if stray is not None:
        return Finding(walk.seq, 0, 0, "entri ini ditulis di luar rantai", stray.id, stray.at)
    if walk.seal is None:
        return Finding(walk.seq, 0, session.scalar(select(func.count()).select_from(log).where(outside)) or 0)
    rows, block = old_block(session, log, last)
    if (rows, last, block) != (walk.seal["rows"], walk.seal["last_id"], walk.seal["digest"]):
        return walk.fault(f"entri dari sebelum rantai (id sampai {last}) berubah atau hilang")
    return Finding(walk.seq, rows, 0)


def _head(log: Log) -> Any:
    head: Any = HEADS[log]
    newest = select(func.max(log.seq)).scalar_subquery().label("newest")
    return select(head.seq, head.hash, head.old_last, newest)
