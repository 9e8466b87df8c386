"""Who helped a person or acted for them, and what was written down of it: two parts of "data saya"."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer

from mpp.crypto.masks import mask_phone, whole_phone
from mpp.i18n import gettext as _
from mpp.privacy.dossier import Act, Fact, Record
from tenants.people.acting_models import Helping, TicketActing
from tenants.people.helping import reason_words
from tenants.privacy.owner import Owner


def helps(session: Session, owner: Owner) -> list[Record]:
    """Return what was written down each time the person was helped, newest first."""
    query = (
        select(Helping).where(owner.helpings()).options(undefer(Helping.phone)).order_by(Helping.id.desc())
    )
    return [_help(row, owner) for row in session.scalars(query) if not _self(owner, row)]


def acts(session: Session, owner: Owner, titles: Mapping[int, str]) -> list[Act]:
    """Return who took or filled in something for this person, by role or relation; `titles` of their own tickets."""
    query = (
        select(TicketActing, Helping)
        .outerjoin(Helping, Helping.id == TicketActing.helping_id)
        .where(or_(TicketActing.ticket_id.in_(titles), owner.helpings()))
        .order_by(TicketActing.created_at.desc())
    )
    return [
        Act(acting.created_at, _who(acting, helping), _taken(titles.get(acting.ticket_id)))
        for acting, helping in session.execute(query)
        if not _self(owner, helping)
    ]


def _self(owner: Owner, helping: Helping | None) -> bool:
    """Whether the person is the one who helped: what is written there is about somebody else."""
    return helping is not None and owner.profile_id is not None and helping.profile_id == owner.profile_id


def _help(row: Helping, owner: Owner) -> Record:
    phone = Fact("phone", _("Nomor HP"), whole_phone(row.phone or ""), mask_phone(row.phone))
    if owner.ticket_id is not None:
        # As with the number's own telephone: a link may have been seen by others.
        phone = Fact("phone", _("Nomor HP"), mask_phone(row.phone))
    facts = [
        Fact("name", _("Nama yang ditulis"), row.name),
        *([phone] if row.phone else []),
        Fact("reason", _("Alasan"), reason_words(row.reason)),
        Fact("agreed", _("Anda setuju dibantu"), row.consented_at),
        Fact("at", _("Waktu"), row.started_at),
    ]
    return Record(_who(None, row), [fact for fact in facts if fact.value is not None])


def _taken(title: str | None) -> str:
    return _("mengambil %(ticket)s", ticket=title) if title else _("mengambil nomor antrean")


def _who(acting: TicketActing | None, helping: Helping | None) -> str:
    if helping is not None:
        return _("Petugas yang membantu") if helping.staff_id else _("Orang yang membantu")
    if acting is not None and acting.basis == "power":
        return _("Penerima kuasa")
    return _("Anggota keluarga")
