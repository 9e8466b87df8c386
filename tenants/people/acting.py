"""Acting for somebody else at this region: whom one may choose, and what a ticket keeps of it.

Who may act is decided at the centre (mpp.citizens.acting); the region keeps names, the basis and an opaque reference,
never whose account it is there.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.accounts.models import Staff
from mpp.citizens import acting
from mpp.citizens.acting import Kind, Principal, Wanted
from mpp.citizens.family import RELATION_WORDS
from mpp.citizens.family_models import Relation
from mpp.i18n import gettext as _
from mpp.i18n import short_date
from mpp.tenancy.region import current_region
from tenants.people.acting_models import Basis, Helping, TicketActing
from tenants.people.helping import reason_words
from tenants.people.models import Profile

TAKE = "ticket.take"


@dataclass(frozen=True, slots=True)
class Represented:
    """Who stands in for the person whom a ticket is for, and by what right, in words."""

    basis: Basis
    by: str
    principal: str
    right: str

    @property
    def words(self) -> str:
        """One line: "Diwakili oleh Budi Contoh: kuasa, berlaku sampai 31 Des 2026"."""
        text = (
            _("Dibantu oleh %(by)s: %(right)s")
            if self.basis is Basis.HELP
            else _("Diwakili oleh %(by)s: %(right)s")
        )
        return text % {"by": self.by, "right": self.right}


def choices(session_id: int, wanted: Wanted) -> list[Principal]:
    """Return whom the person of a session at this region may act for now, for this service."""
    region = current_region()
    citizen = acting.citizen_at(session_id, region.id)
    return acting.for_whom(citizen, region.id, wanted) if citizen is not None else []


def words(person: Principal) -> str:
    """Return by what right one may act for somebody, as a choice of a form shows it."""
    return _right(person.kind, person.relation, person.until)


def keep(
    session: Session,
    ticket_id: int,
    label: str,
    *,
    profile_id: int,
    session_id: int,
    wanted: Wanted,
    key: str,
) -> TicketActing:
    """Let a ticket just made know for whom it is; the use is written down at the centre first.

    Raises MayNotActError, which undoes the ticket.
    """
    region = current_region()
    citizen = acting.citizen_at(session_id, region.id)
    person, reference = acting.use(citizen or 0, region.id, wanted, key, act=TAKE, label=label)
    row = TicketActing(
        ticket_id=ticket_id, basis=Basis(person.kind.value), principal=person.name, profile_id=profile_id,
        relation=person.relation, until=person.until, reference=reference,
    )  # fmt: skip
    session.add(row)
    return row


def represented(session: Session, ticket_id: int) -> Represented | None:
    """Return who stands in on a ticket, None where everybody speaks for themself."""
    found = session.execute(
        select(TicketActing, Helping, Profile, Staff.name)
        .join(Helping, Helping.id == TicketActing.helping_id, isouter=True)
        .join(Profile, Profile.id == TicketActing.profile_id, isouter=True)
        .join(Staff, Staff.id == Helping.staff_id, isouter=True)
        .where(TicketActing.ticket_id == ticket_id)
    ).one_or_none()
    if found is None:
        return None
    row, help_, profile, staff = found
    by = _("petugas %(name)s", name=staff) if staff else (profile.name if profile else None) or _("seseorang")
    right = reason_words(help_.reason) if help_ else _right(Kind(row.basis), row.relation, row.until)
    return Represented(Basis(row.basis), by, row.principal or "", right)


def _right(kind: Kind, relation: str | None, until: dt.date | None) -> str:
    if kind is Kind.POWER:
        return _("kuasa, berlaku sampai %(day)s", day=short_date(until)) if until else _("kuasa")
    return (
        _("satu KK, %(relation)s", relation=_(RELATION_WORDS[Relation(relation)]).lower()) if relation else ""
    )
