"""What ends at the centre when a person leaves one region: signed-in browsers there, and the name it knew them by."""

from __future__ import annotations

from sqlalchemy import delete

from mpp.citizens.models import CitizenSession
from mpp.database.session import central_write
from mpp.identity.models import CitizenSubject


def sign_out(region_id: int, profile_id: int) -> None:
    """Sign a profile of a region out of every browser at that region's host; other places stay signed in."""
    with central_write() as session:
        session.execute(
            delete(CitizenSession).where(
                CitizenSession.region_id == region_id, CitizenSession.profile_id == profile_id
            )
        )


def forget(region_id: int, subject: str | None) -> None:
    """Forget by which name a region knew a person: who comes back there is somebody new."""
    with central_write() as session:
        session.execute(
            delete(CitizenSubject).where(
                CitizenSubject.region_id == region_id, CitizenSubject.subject == subject
            )
        )
