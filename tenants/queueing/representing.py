"""What is done to a ticket just made for somebody else: kept for officers and receptionists, and in its history."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from mpp.citizens.acting import Wanted
from tenants.people import acting, helping
from tenants.people.acting_models import Helping, TicketActing
from tenants.queueing.history import note
from tenants.queueing.models import Ticket
from tenants.services.queries import enabled_service

Then = Callable[[Session, Ticket], None]


def wanted(session: Session, slug: str) -> Wanted | None:
    """Return a service of this region as the policy of acting knows it, None when it is not on here."""
    found = enabled_service(session, slug)
    return Wanted(slug, found.service.agency.slug) if found else None


def for_somebody(profile_id: int, session_id: int, wanted: Wanted, key: str) -> Then:
    """Return what to do when a signed-in person takes a number for family or by a power. Raises MayNotActError."""

    def then(session: Session, ticket: Ticket) -> None:
        row = acting.keep(
            session, ticket.id, ticket.label,
            profile_id=profile_id, session_id=session_id, wanted=wanted, key=key,
        )  # fmt: skip
        _tell(session, ticket, row)

    return then


def beside(profile_id: int, reason: str, *, consent: bool) -> Then:
    """Return what to do when a signed-in person fills in for somebody beside them."""

    def then(session: Session, ticket: Ticket) -> None:
        row = helping.by_relative(session, profile_id, ticket.holder, reason, ticket.id, consent=consent)
        _tell(session, ticket, row)

    return then


def in_help(going: Helping) -> Then:
    """Return what to do when staff take a number in helper mode. Raises HelpingError when its time is over."""

    def then(session: Session, ticket: Ticket) -> None:
        _tell(session, ticket, helping.taken(session, going, ticket.id))

    return then


def without_phone(staff_id: int) -> Then:
    """Return what to do when the desk gives a number to somebody who has no telephone."""

    def then(session: Session, ticket: Ticket) -> None:
        _tell(session, ticket, helping.at_desk(session, staff_id, ticket.holder, ticket.id))

    return then


def _tell(session: Session, ticket: Ticket, row: TicketActing) -> None:
    """The history says by what right, and where the rest is found; it names nobody."""
    note(
        session,
        ticket,
        "represent",
        data={"basis": row.basis, "ref": row.reference or f"helping:{row.helping_id}"},
    )
