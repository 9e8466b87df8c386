"""Taking back the consent, and erasing a person from this region: what goes now, what stays, and by which article.

Rows whose times the statistics need stay, with nobody in them. Safe to repeat: a second time finds nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from mpp import audit, outbox
from mpp.database.session import write
from mpp.privacy import places
from mpp.privacy.kinds import Kind, Whose, all_kinds
from mpp.tenancy.region import current_region
from tenants.devices.models import PrintJob
from tenants.people.acting_models import Helping, TicketActing
from tenants.people.models import Profile
from tenants.privacy import files
from tenants.privacy.errors import NotYoursError
from tenants.privacy.models import RequestState, RightsRequest
from tenants.privacy.owner import Owner, living_profile, own_requests, own_tickets
from tenants.privacy.records import FORGET_TICKET
from tenants.queueing.history import note
from tenants.queueing.models import BY_HOLDER, Ticket, TicketEvent, TicketState
from tenants.waiting.models import TicketMessage

LEFT = "privacy.left"
NOBODY_HELPED = {"name": None, "phone": None, "phone_index": None}
LEAVES = (TicketState.WAITING.value, TicketState.ON_HOLD.value)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What erasure does to one kind of record."""

    kind: Kind
    rows: int


def consequences(session: Session, owner: Owner) -> list[Consequence]:
    """Return what erasure would do now, kind by kind; nothing is changed."""
    ids = own_tickets(session, owner)
    asked = session.scalar(select(func.count()).where(own_requests(owner, ids))) or 0
    rows = {
        "profile": int(living_profile(session, owner) is not None),
        "ticket.person": len(ids),
        "ticket.message": session.scalar(select(func.count()).where(TicketMessage.ticket_id.in_(ids))) or 0,
        "ticket.history": len(ids),
        "acting": session.scalar(select(func.count()).select_from(Helping).where(owner.helpings())) or 0,
        "rights": asked,
        "files": len(files.own(session, owner)),
    }
    return [
        Consequence(kind, rows[kind.key])
        for kind in all_kinds()
        if kind.whose is Whose.CITIZEN and rows.get(kind.key)
    ]


def open_numbers(session: Session, owner: Owner) -> list[str]:
    """Return the numbers with which the person still waits: erasure gives them up."""
    query = select(Ticket).where(owner.tickets(), Ticket.state.in_(LEAVES)).order_by(Ticket.id)
    return [ticket.label for ticket in session.scalars(query)]


def withdraw(profile_id: int) -> None:
    """End the use of a person's data at once: signed out here, the profile frozen. Raises NotYoursError.

    What the law keeps stays; agreeing anew brings the profile back (tenants.people.service.agree).
    """
    with write() as session:
        profile = _profile(session, profile_id)
        if profile.withdrawn_at is None:
            profile.withdrawn_at = dt.datetime.now(tz=dt.UTC)
            audit.record(session, action="rights.withdraw", subject=f"profile:{profile.id}")
    places.sign_out(current_region().id, profile_id)


def erase(owner: Owner) -> None:
    """Take the person out of every row of this region. Raises NotYoursError for a profile that is gone already.

    What the centre knows of the person's being here ends by a job of the same transaction, so that it ends whatever
    happens after the commit; and at once, so that nobody waits for the job.
    """
    left = None
    with write() as session:
        if owner.profile_id is not None:
            left = Left(owner.profile_id, _profile(session, owner.profile_id).subject)
            outbox.post(session, LEFT, profile=left.profile_id, subject=left.subject)
        take_out(session, owner)
    if left is not None:
        left.end()


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who was here under a name that the centre still knows."""

    profile_id: int
    subject: str | None

    def end(self) -> None:
        """End it at the centre: sessions here, and the name. A second time finds nothing."""
        places.sign_out(current_region().id, self.profile_id)
        places.forget(current_region().id, self.subject)


def take_out(session: Session, owner: Owner) -> None:
    """Do the erasure in the transaction at hand; the log gets counts only."""
    ids = own_tickets(session, owner)
    # Before the numbers are emptied, by which they are found.
    helped = list(session.scalars(select(Helping.id).where(owner.helpings())))
    sent = files.own(session, owner)
    _give_up(session, ids)
    _close_requests(session, owner, ids)
    rows = {
        "ticket": _count(session, update(Ticket).where(Ticket.id.in_(ids)).values(_nobody())),
        "ticket_event": _count(session, _forget_words(ids)),
        "ticket_message": _count(session, delete(TicketMessage).where(TicketMessage.ticket_id.in_(ids))),
        "print_job": _count(
            session, update(PrintJob).where(PrintJob.ticket_id.in_(ids)).values(address=None)
        ),
        "helping": _count(session, update(Helping).where(Helping.id.in_(helped)).values(NOBODY_HELPED)),
        "stored_file": files.forget(session, sent),
    }
    principals = TicketActing.ticket_id.in_(ids) | TicketActing.helping_id.in_(helped)
    _count(session, update(TicketActing).where(principals).values(principal=None))
    if owner.profile_id is not None:
        rows["profile"] = _count(session, _forget_profile(owner.profile_id))
    told = {name: count for name, count in rows.items() if count}
    audit.record(session, action="rights.erase", subject=owner.subject, data={"rows": told})


def _nobody() -> dict[str, Any]:
    table = Ticket.__table__
    return {
        key: value(table) if callable(value) else value  # type: ignore[arg-type]  # every model has a table
        for key, value in FORGET_TICKET.items()
    }


def _profile(session: Session, profile_id: int) -> Profile:
    profile = session.get(Profile, profile_id, with_for_update=True, populate_existing=True)
    if profile is None or profile.erased_at is not None:
        raise NotYoursError
    return profile


def _forget_profile(profile_id: int) -> Any:
    gone = dict.fromkeys(("subject", "name", "phone", "phone_index", "nik", "nik_index"))
    now = func.now()
    return (
        update(Profile)
        .where(Profile.id == profile_id, Profile.erased_at.is_(None))
        .values(**gone, erased_at=now, withdrawn_at=func.coalesce(Profile.withdrawn_at, now))
    )


def _forget_words(ids: list[int]) -> Any:
    """Why somebody was transferred, parked or called out of order, as officers typed it."""
    spoken = TicketEvent.ticket_id.in_(ids), TicketEvent.reason.is_not(None), TicketEvent.reason != BY_HOLDER
    return update(TicketEvent).where(*spoken).values(reason=None)


def _give_up(session: Session, ids: list[int]) -> None:
    """Give up the places in line: nobody could call them any more."""
    query = select(Ticket).where(Ticket.id.in_(ids), Ticket.state.in_(LEAVES)).order_by(Ticket.id)
    for ticket in session.scalars(query.with_for_update(of=Ticket)):
        ticket.state, ticket.ended_at = TicketState.CANCELLED.value, dt.datetime.now(tz=dt.UTC)
        session.flush()
        note(session, ticket, "cancel", reason=BY_HOLDER)


def _close_requests(session: Session, owner: Owner, ids: list[int]) -> None:
    mine = own_requests(owner, ids)
    waiting = update(RightsRequest).where(mine, RightsRequest.state == RequestState.OPEN.value)
    now = dt.datetime.now(tz=dt.UTC)
    _count(session, waiting.values(state=RequestState.WITHDRAWN.value, decided_at=now))
    _count(session, update(RightsRequest).where(mine).values(wanted=None, answer=None))


def _count(session: Session, statement: Any) -> int:
    result: Any = session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)
