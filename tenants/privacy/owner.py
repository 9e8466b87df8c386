"""Who asks about their own data, and what in this region is theirs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from mpp.crypto.types import same
from tenants.people.acting_models import Helping, TicketActing
from tenants.people.models import Profile
from tenants.privacy.models import RightsRequest
from tenants.queueing.models import Ticket


@dataclass(frozen=True, slots=True)
class Owner:
    """A person by one proof: the profile of who is signed in, a telephone that answered, or a ticket's link.

    `phone` is the telephone that was proved, whole: an index would name one key version only, and rows bear several
    while keys are turned. Of who is signed in it is the profile's, by which help is found again.
    """

    profile_id: int | None = None
    phone: str | None = None
    ticket_id: int | None = None

    @property
    def subject(self) -> str:
        """What the audit log calls this person; a telephone has no name there."""
        if self.profile_id is not None:
            return f"profile:{self.profile_id}"
        return f"ticket:{self.ticket_id}" if self.ticket_id is not None else "guest:phone"

    def tickets(self) -> ColumnElement[bool]:
        """Return the condition that a ticket is this person's; one taken in help for their telephone is theirs."""
        if self.profile_id is None and self.phone is None:
            return Ticket.id == self.ticket_id
        whose: list[ColumnElement[bool]] = [
            Ticket.profile_id == self.profile_id
            if self.profile_id is not None
            else same(Ticket.phone_index, self.phone or "")
        ]
        if self.phone is not None:
            helped = select(TicketActing.ticket_id).join(Helping, Helping.id == TicketActing.helping_id)
            by_staff = helped.where(same(Helping.phone_index, self.phone), Helping.staff_id.is_not(None))
            whose.append(Ticket.id.in_(by_staff))
        return or_(*whose)

    def helpings(self) -> ColumnElement[bool]:
        """Return the condition that help was with this person's number, or for who gave this telephone."""
        with_tickets = select(TicketActing.helping_id).join(Ticket, Ticket.id == TicketActing.ticket_id)
        with_tickets = with_tickets.where(self.tickets(), TicketActing.helping_id.is_not(None))
        whose: list[ColumnElement[bool]] = [Helping.id.in_(with_tickets)]
        if self.phone is not None:
            whose.append(same(Helping.phone_index, self.phone))
        return or_(*whose)


def by_phone(session: Session, phone: str) -> Owner | None:
    """Return the person of a telephone number of which anything is held here without an account, None for none."""
    for index in (Ticket.phone_index, Helping.phone_index):
        if session.scalar(select(index).where(same(index, phone)).limit(1)) is not None:
            return Owner(phone=phone)
    return None


def by_code(session: Session, code: str) -> Owner | None:
    """Return the person of a ticket by its code: who holds the link."""
    ticket_id = session.scalar(select(Ticket.id).where(Ticket.code == code))
    return Owner(ticket_id=ticket_id) if ticket_id is not None else None


def own_tickets(session: Session, owner: Owner) -> list[int]:
    """Return the ids of the person's tickets, newest first."""
    return list(session.scalars(select(Ticket.id).where(owner.tickets()).order_by(Ticket.id.desc())))


def own_requests(owner: Owner, tickets: list[int]) -> ColumnElement[bool]:
    """Return the condition that a request is this person's."""
    if owner.profile_id is not None:
        return (RightsRequest.profile_id == owner.profile_id) | RightsRequest.ticket_id.in_(tickets)
    return RightsRequest.ticket_id.in_(tickets)


def living_profile(session: Session, owner: Owner) -> Profile | None:
    """Return the person's profile, None for a guest and for one that was erased."""
    if owner.profile_id is None:
        return None
    profile = session.get(Profile, owner.profile_id)
    return profile if profile is not None and profile.erased_at is None else None


def proven(session: Session, owner: Owner) -> bool:
    """Whether the proof is enough to act: a link alone isn't where a telephone could answer for its owner."""
    if owner.ticket_id is None:
        return True
    held = select(Ticket.id).where(Ticket.id == owner.ticket_id, Ticket.phone_index.is_(None))
    return session.scalar(held) is not None
