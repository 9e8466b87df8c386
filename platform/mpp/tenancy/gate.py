"""The gate of a request: is the region served now, and which version of its content is current.

One round trip that is a whole transaction, so that a suspension or a published change shows on the very next
request, in every process.
"""

from __future__ import annotations

from dataclasses import dataclass

from mpp.database.fence import opening
from mpp.database.session import db
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


def pass_gate(region: Region) -> Gate:
    """Return the gate of `region`. Raises the driver's error when PostgreSQL is away."""
    # Not text from outside: names of ours, checked by the fence, and a number.
    statement = (
        f"{opening(region)}; SELECT r.state, r.state_contact, (SELECT version FROM content_state)"  # noqa: S608
        f" FROM platform.region r WHERE r.id = {region.id:d}; COMMIT"
    )
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(statement)
        for _ in range(3):
            cursor.nextset()
        row = cursor.fetchone()
    except BaseException:
        connection.invalidate()
        raise
    finally:
        connection.close()
    if row is None:
        raise LookupError(f"region {region.id} has no gate")
    return Gate(*row)
