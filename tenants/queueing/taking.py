"""Taking a number and giving it back, by whoever holds it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mpp.database.session import write
from mpp.i18n import gettext as _
from mpp.tenancy.region import current_region
from tenants.hall.hours import service_status
from tenants.hall.models import Counter, CounterService, Hall
from tenants.queueing.errors import (
    FormReusedError,
    IllegalMoveError,
    NotFoundError,
    NotOfferedError,
    QuotaReachedError,
)
from tenants.queueing.history import changed, note
from tenants.queueing.models import Ticket, TicketSeries, TicketState
from tenants.queueing.policies import clean_holder, clean_key, clean_phone, new_code, offer
from tenants.services.models import RegionService
from tenants.services.queries import enabled_service


class _KeyTakenError(Exception):
    """The idempotency key made a ticket while this transaction ran; its number must be given back."""


def take_ticket(
    service_slug: str, holder: str, phone: str | None, idempotency_key: str, channel: str
) -> Ticket:
    """Give the next number of a service, or the ticket that this key has made already.

    `channel` says where it was taken (web, counter, kiosk). Raises NotFoundError, NotOfferedError,
    QuotaReachedError, BadHolderError, BadPhoneError, FormReusedError.
    """
    facts = {
        "idempotency_key": clean_key(idempotency_key),
        "holder": clean_holder(holder),
        "phone": clean_phone(phone),
        "channel": channel,
    }
    try:
        return _take(service_slug, facts)
    except _KeyTakenError:
        return _take(service_slug, facts)


def _take(service_slug: str, facts: dict[str, Any]) -> Ticket:
    with write() as session:
        service = enabled_service(session, service_slug)
        if service is None:
            raise NotFoundError(_("Layanan ini tidak ada di sini."))
        ticket = session.scalar(select(Ticket).where(Ticket.idempotency_key == facts["idempotency_key"]))
        if ticket is None:
            return _issue(session, service, facts)
        if ticket.service_id != service.service_id:
            raise FormReusedError(_("Formulir ini sudah dipakai untuk nomor lain. Muat ulang halaman."))
        return ticket


def _issue(session: Session, service: RegionService, facts: dict[str, Any]) -> Ticket:
    region = current_region()
    moment = region.now()
    hall, prefix = _desk(session, service)
    offered = offer(service_status(session, hall, service, moment), moment)
    if not offered.available:
        raise NotOfferedError(offered.reason or _("Nomor belum bisa diambil."), offered.opens_at)
    _lock_quota(session, service)
    # The upsert locks the series until the commit: numbers have no gap, and later ones are never earlier.
    series = insert(TicketSeries).values(
        hall_id=hall.id, prefix=prefix, local_day=moment.date(), last_number=1
    )
    number = session.scalar(
        series.on_conflict_do_update(
            index_elements=[TicketSeries.hall_id, TicketSeries.prefix, TicketSeries.local_day],
            set_={"last_number": TicketSeries.last_number + 1},
        ).returning(TicketSeries.last_number)
    )
    _check_quota(session, service, moment.date())
    statement = (
        insert(Ticket)
        .values(
            code=new_code(), hall_id=hall.id, service_id=service.service_id, local_day=moment.date(),
            prefix=prefix, number=number, issued_at=func.clock_timestamp(), **facts,
        )
        .on_conflict_do_nothing(index_elements=[Ticket.idempotency_key])
        .returning(Ticket)
    )  # fmt: skip
    ticket = session.scalar(statement)
    if ticket is None:
        raise _KeyTakenError
    note(session, ticket, "issue", data={"channel": ticket.channel})
    return ticket


def _desk(session: Session, service: RegionService) -> tuple[Hall, str]:
    """The hall that serves it, and the prefix of its lowest-numbered counter there."""
    row = session.execute(
        select(Hall, Counter.prefix)
        .join(Counter, Counter.hall_id == Hall.id)
        .join(CounterService, CounterService.counter_id == Counter.id)
        .where(Hall.active, Counter.retired_at.is_(None))
        .where(CounterService.service_id == service.service_id)
        .order_by(Hall.id, Counter.number)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotOfferedError(_("Belum ada loket yang melayani ini."))
    hall, prefix = row
    return hall, prefix


def _lock_quota(session: Session, service: RegionService) -> None:
    """Takers of a limited service pass one by one; its series may change at noon, its own row never does."""
    if service.daily_quota is not None:
        row = select(RegionService.id).where(RegionService.id == service.id)
        session.execute(row.with_for_update(of=RegionService))


def _check_quota(session: Session, service: RegionService, day: dt.date) -> None:
    if service.daily_quota is None:
        return
    taken = session.scalar(
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.service_id == service.service_id, Ticket.local_day == day)
        .where(Ticket.state != TicketState.CANCELLED)
    )
    if (taken or 0) >= service.daily_quota:
        text = _("Nomor hari ini sudah habis (%(quota)s). Coba lagi besok pagi.", quota=service.daily_quota)
        raise QuotaReachedError(text)


def leave(code: str) -> Ticket:
    """Give up a place in line, by its holder. Raises NotFoundError, IllegalMoveError."""
    with write() as session:
        cancel = update(Ticket).where(Ticket.code == code, Ticket.state == TicketState.WAITING)
        values = {"state": TicketState.CANCELLED, "ended_at": func.clock_timestamp()}
        ticket = changed(session, cancel.values(**values).returning(Ticket))
        if ticket is not None:
            note(session, ticket, "cancel", reason="holder")
            return ticket
        ticket = session.scalar(select(Ticket).where(Ticket.code == code))
        if ticket is None:
            raise NotFoundError(_("Nomor antrean ini tidak ada."))
        if ticket.state == TicketState.CANCELLED:
            return ticket
        raise IllegalMoveError(_("Nomor Anda sudah dipanggil, jadi tidak bisa dibatalkan dari sini."))
