"""Helper mode: staff or a relative fills in for a person who is there and agrees. It ends with the act, or after
twenty minutes; each step is in the audit log, and the person finds it again by their telephone or ticket.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts.service import AccountError
from mpp.citizens.person import clean_name, clean_phone
from mpp.database.session import write
from mpp.i18n import gettext as _
from tenants.people.acting_models import Basis, Helping, HelpReason, TicketActing

LASTS = dt.timedelta(minutes=20)
# Where a browser keeps which help is going on.
KEY = "bantuan"


class HelpingError(AccountError):
    """The help can't begin or go on; `field` names where."""


def reasons() -> dict[HelpReason, str]:
    """Return why somebody is helped, in words."""
    return {
        HelpReason.NO_PHONE: _("tidak punya HP"),
        HelpReason.READING: _("sulit membaca atau memakai HP"),
        HelpReason.ELDERLY: _("lansia"),
        HelpReason.DISABILITY: _("penyandang disabilitas"),
        HelpReason.OTHER: _("alasan lain"),
    }


def reason_words(reason: str) -> str:
    """Return one reason in words."""
    return reasons()[HelpReason(reason)]


def begin(staff_id: int, name: str, phone: str | None, reason: str, *, consent: bool) -> Helping:
    """Begin to help somebody; help that the same person was giving ends. Raises AccountError with the field."""
    values = _checked(name, phone, reason, consent=consent)
    with write() as session:
        _end(session, Helping.staff_id == staff_id)
        row = _start(session, values, staff_id=staff_id)
        _tell(session, "helping.begin", row)
        return row


def current(session: Session, helping_id: object, staff_id: int) -> Helping | None:
    """Return the help that is going on, when it is this person's and its time is not over."""
    if not isinstance(helping_id, int):
        return None
    query = select(Helping).where(Helping.id == helping_id, Helping.staff_id == staff_id)
    going = query.where(Helping.ended_at.is_(None), Helping.ends_at > func.now())
    return session.scalar(going, execution_options={"populate_existing": True})


def end(helping_id: int, staff_id: int) -> None:
    """End the help by hand; ended already, nothing happens."""
    with write() as session:
        _end(session, Helping.id == helping_id, Helping.staff_id == staff_id)


def taken(session: Session, helping: Helping, ticket_id: int) -> TicketActing:
    """Write down that a ticket was made in this help, which ends with it. Raises HelpingError when it is over."""
    locked = session.scalar(
        select(Helping).where(Helping.id == helping.id).with_for_update(),
        execution_options={"populate_existing": True},
    )
    if locked is None or locked.ended_at is not None or locked.ends_at <= _now():
        raise HelpingError(_("Waktu membantu sudah habis. Mulai lagi dengan persetujuan orangnya."))
    return _act(session, locked, ticket_id)


def at_desk(session: Session, staff_id: int, name: str, ticket_id: int) -> TicketActing:
    """Write down that the desk gave a number to somebody without a telephone, who asked for it by word of mouth."""
    values = {"name": name, "reason": HelpReason.NO_PHONE.value}
    return _act(session, _start(session, values, staff_id=staff_id), ticket_id)


def by_relative(
    session: Session, profile_id: int, name: str, reason: str, ticket_id: int, *, consent: bool
) -> TicketActing:
    """Write down that somebody who is signed in filled in for a person beside them. Raises AccountError."""
    values = _checked(name, None, reason, consent=consent)
    return _act(session, _start(session, values, profile_id=profile_id), ticket_id)


def check(name: str, reason: str, *, consent: bool) -> None:
    """Refuse help that could not be written down. Raises AccountError with the field."""
    _checked(name, None, reason, consent=consent)


def _checked(name: str, phone: str | None, reason: str, *, consent: bool) -> dict[str, object]:
    if reason not in set(HelpReason):
        raise HelpingError(_("Pilih mengapa orang ini dibantu."), "reason")
    if not consent:
        raise HelpingError(_("Tanyakan dahulu, lalu centang bahwa orangnya setuju."), "consent")
    return {
        "name": clean_name(name),
        "phone": clean_phone(phone) if (phone or "").strip() else None,
        "reason": reason,
        "consented_at": _now(),
    }


def _start(session: Session, values: Mapping[str, object], **helper: int) -> Helping:
    row = Helping(**values, **helper, ends_at=_now() + LASTS)
    session.add(row)
    session.flush()
    return row


def _act(session: Session, helping: Helping, ticket_id: int) -> TicketActing:
    helping.ended_at, helping.ended_by = _now(), "act"
    row = TicketActing(
        ticket_id=ticket_id, basis=Basis.HELP.value, principal=helping.name, profile_id=helping.profile_id,
        helping_id=helping.id,
    )  # fmt: skip
    session.add(row)
    _tell(session, "helping.act", helping, ticket=ticket_id)
    return row


def _tell(session: Session, action: str, helping: Helping, **data: int) -> None:
    """Write into the audit log who helps (the actor) whom (by the row's number), why, and agreed how."""
    why = {"help": helping.reason, "consent": helping.consented_at is not None}
    audit.record(session, action=action, subject=f"helping:{helping.id}", data={**why, **data})


def _end(session: Session, *whose: ColumnElement[bool]) -> None:
    values = {"ended_at": func.clock_timestamp(), "ended_by": "hand"}
    ended = session.scalars(
        update(Helping).where(*whose, Helping.ended_at.is_(None)).values(values).returning(Helping.id)
    )
    for helping_id in ended.all():
        audit.record(session, action="helping.end", subject=f"helping:{helping_id}")


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)
