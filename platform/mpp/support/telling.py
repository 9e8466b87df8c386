"""What the region and the centre are told of a support access: a line in both logs, and a message to the region."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from mpp import audit
from mpp.audit import Actor, actor
from mpp.database.session import apart, central_write, write
from mpp.outbox import OutboxEntry, post
from mpp.support.models import SupportAccess
from mpp.tenancy.models import RegionRecord
from mpp.tenancy.region import region_context, region_or_none

# All that a region learns of who it was: an office, as in the letters between them.
OFFICE = "PANRB pusat"
KIND = "support"
NOTICE, OVER = "support.notice", "support.over"


def started(centre: Session, access: SupportAccess) -> None:
    """Tell the region that an access begins, and make sure that it hears of the end too."""
    assert access.until is not None
    with _inside(centre, access) as session:
        data = {"level": access.level, "minutes": access.minutes}
        audit.record(session, action="support.start", subject=subject(access), data=data)
        post(session, NOTICE, access=access.id, moment="start")
        session.add(OutboxEntry(kind=OVER, payload={"access": access.id}, not_before=access.until))


def ended(centre: Session, access: SupportAccess) -> None:
    """Tell the region that an access is over."""
    with _inside(centre, access) as session:
        data = {"by": access.ended_by}
        audit.record(session, action="support.end", subject=subject(access), data=data)
        post(session, NOTICE, access=access.id, moment="end")


def in_both(access: SupportAccess, action: str, data: dict[str, Any]) -> None:
    """Write a line into the log of the region being served and into the centre's, each in its own transaction.

    Raises when one of them can't be written: then nothing may be shown.
    """
    with _as_office(access), write() as session:
        audit.record(session, action=action, subject=subject(access), data=data)
    with _at_centre(access) as session:
        audit.record(session, action=action, subject=subject(access), data=data)


def subject(access: SupportAccess) -> str:
    """Return the access's name in both logs."""
    return f"support:{access.id}"


@contextmanager
def _at_centre(access: SupportAccess) -> Iterator[Session]:
    """Work in the centre's log, under the person's own name."""
    who = Actor("central", access.staff_id, access.staff_name, actor.get().request_id)
    token = actor.set(who)
    try:
        with region_context(None), central_write() as session:
            yield session
    finally:
        actor.reset(token)


@contextmanager
def _as_office(access: SupportAccess) -> Iterator[None]:
    """Act under the name of the office inside the block."""
    token = actor.set(Actor(KIND, access.id, OFFICE, actor.get().request_id))
    try:
        yield
    finally:
        actor.reset(token)


@contextmanager
def _inside(centre: Session, access: SupportAccess) -> Iterator[Session]:
    """Work in the region of an access, on a connection of its own; commits before the centre's transaction does.

    Who acts at the region's host acts there under the own name, who acts at the centre under the office's.
    """
    here = region_or_none()
    if here is not None and here.id == access.region_id:
        with apart() as session:
            yield session
        return
    region = centre.get_one(RegionRecord, access.region_id).as_region()
    with region_context(region), _as_office(access), apart() as session:
        yield session
