"""The version of a region's public content: cached pages are keyed by it."""

from __future__ import annotations

from sqlalchemy import BigInteger, cast, func, update
from sqlalchemy.orm import Session

from mpp.tenancy.models import ContentState


def touch(session: Session) -> None:
    """Make every cached page of this region stale, in the transaction of the change itself.

    The version is the moment in microseconds, never less than one more than before: a region restored from a
    backup can't come back to a version that some process still holds pages of.
    """
    moment = cast(func.extract("epoch", func.clock_timestamp()) * 1_000_000, BigInteger)
    session.execute(
        update(ContentState)
        .where(ContentState.id == 1)
        .values(version=func.greatest(ContentState.version + 1, moment))
    )
