"""Documents that people send with a wish: whose they are, and their end with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, literal, select
from sqlalchemy.orm import Session

from mpp.storage.models import StoredFile
from mpp.storage.service import remove
from tenants.privacy.models import RightsRequest
from tenants.privacy.owner import Owner, own_requests, own_tickets

# What a file is for, in its row.
PURPOSE = "correction"


def subject(request_id: int) -> str:
    """Return what the row of a file calls the request that it belongs to, as the audit log does."""
    return f"request:{request_id}"


def of_request(request_id: Any) -> ColumnElement[str]:
    """Return the same, reckoned by the database from a column."""
    return literal("request:").concat(cast(request_id, Text))


def with_request(session: Session, request_id: int) -> Sequence[StoredFile]:
    """Return the files of one request."""
    return session.scalars(
        select(StoredFile).where(StoredFile.subject == subject(request_id)).order_by(StoredFile.id)
    ).all()


def own(session: Session, owner: Owner) -> Sequence[StoredFile]:
    """Return every file that the person has sent here, newest first."""
    tickets = own_tickets(session, owner)
    requests = select(of_request(RightsRequest.id)).where(own_requests(owner, tickets))
    whose = StoredFile.subject.in_(requests) | StoredFile.subject.in_([f"ticket:{key}" for key in tickets])
    if owner.profile_id is not None:
        whose = whose | (StoredFile.subject == owner.subject)
    return session.scalars(select(StoredFile).where(whose).order_by(StoredFile.id.desc())).all()


def forget(session: Session, files: Sequence[StoredFile]) -> int:
    """Remove files; return how many."""
    for file in files:
        remove(session, file)
    return len(files)
