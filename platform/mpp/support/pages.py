"""Which pages somebody of the centre has seen in a region: written into both logs before they are shown."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from mpp.audit import AuditEntry
from mpp.database.session import read
from mpp.support import telling
from mpp.support.models import SupportAccess

PAGE, REFUSED = "support.page", "support.refused"
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that was opened, or a form that was sent ("POST"); `refused`: it was not shown."""

    at: dt.datetime
    path: str
    method: str
    refused: bool


def note(access: SupportAccess, path: str, method: str, *, refused: bool) -> None:
    """Write one page into both logs. Raises when that fails: then it must not be shown."""
    telling.in_both(access, REFUSED if refused else PAGE, {"path": path, "method": method})


def seen_in(accesses: Sequence[SupportAccess]) -> Mapping[int, Sequence[Seen]]:
    """Return what was seen in each access to the region being served, by its id, oldest first."""
    found: dict[int, list[Seen]] = defaultdict(list)
    if not accesses:
        return found
    subjects = {telling.subject(access): access.id for access in accesses}
    query = (
        select(AuditEntry)
        .where(AuditEntry.at >= min(access.created_at for access in accesses))
        .where(AuditEntry.subject.in_(subjects), AuditEntry.action.in_((PAGE, REFUSED)))
        .order_by(AuditEntry.at.desc())
        .limit(MOST_SHOWN)
    )
    with read() as session:
        for row in session.scalars(query):
            seen = Seen(row.at, row.data["path"], row.data["method"], row.action == REFUSED)
            found[subjects[row.subject]].insert(0, seen)
    return found
