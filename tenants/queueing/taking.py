"""Taking a number and giving it back, by whoever holds it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mpp.i18n import gettext as _
from mpp.tenancy.region import current_region
from tenants.hall.hours import service_status
from tenants.hall.models import Counter, Hall
from tenants.hall.serving import links, pairs_now
from tenants.queueing.errors import (
    FormReusedError,
    IllegalMoveError,
    KeyTakenError,
    NotFoundError,
    NotOfferedError,
    QuotaReachedError,
)
from tenants.queueing.history import changed, done_before, note, once
from tenants.queueing.leases import Leased, advance, check_leased, hall_of
from tenants.queueing.models import BY_HOLDER, Entry, PriorityClass, Ticket, TicketState
from tenants.queueing.policies import clean_holder, clean_key, clean_phone, new_code, offer
from tenants.queueing.written import Written
from tenants.services.models import RegionService
from tenants.services.queries import enabled_service
from tenants.waiting.closing import can_still_be_served, full_line


def take_ticket(  # noqa: PLR0913  # what the web, a kiosk, a receptionist and a cut-off device know of an arrival
    service_slug: str,
    holder: str,
    phone: str | None,
    idempotency_key: str,
    channel: str,
    *,
    priority_class: str | None = None,
    due_at: dt.datetime | None = None,
    more: Sequence[str] = (),
    hall_id: int | None = None,
    leased: Leased | None = None,
    written: Written | None = None,
    profile_id: int | None = None,
    then: Callable[[Session, Ticket], None] | None = None,
) -> Ticket:
    """Give the next number of a service, or the ticket that this key has made already.

    `channel` says where it was taken (web, counter, kiosk, reception, paper). `due_at` (aware) is the appointed time
    of a booking; `more` are slugs of further services of the same visit; `hall_id` is the hall in which one stands
    (where it does not serve this, and without it, the first that does); `leased` is a number given out by a device,
    `written` somebody on paper who has none yet;
    `profile_id` is the account of the person who is signed in;
    `then` is done in the same transaction to a ticket just made, not to one that the key has made already.
    Raises NotFoundError, NotOfferedError, QuotaReachedError, BadHolderError, BadPhoneError, FormReusedError, and
    LeaseError.
    """
    facts = {
        "idempotency_key": clean_key(idempotency_key),
        "holder": clean_holder(holder),
        "phone": clean_phone(phone),
        "channel": channel,
        "profile_id": profile_id,
        "priority_class": PriorityClass(priority_class) if priority_class else None,
        "due_at": due_at,
        "entry": Entry.BOOKED if due_at else Entry.PRIORITY if priority_class else Entry.WALK_IN,
    }
    return once(lambda session: _take(session, service_slug, facts, more, hall_id, leased or written, then))


def _take(
    session: Session,
    service_slug: str,
    facts: dict[str, Any],
    more: Sequence[str],
    hall_id: int | None,
    paper: Leased | Written | None,
    then: Callable[[Session, Ticket], None] | None,
) -> Ticket:
    service = enabled_service(session, service_slug)
    if service is None:
        raise NotFoundError(_("Layanan ini tidak ada di sini."))
    ticket = session.scalar(select(Ticket).where(Ticket.idempotency_key == facts["idempotency_key"]))
    if ticket is None:
        visit = _visit(session, service, more)
        where = hall_of(session, paper) if isinstance(paper, Leased) else hall_id
        ticket = _issue(session, service, {**facts, "visit_services": visit}, where, paper)
        if then is not None:
            then(session, ticket)
        return ticket
    if (ticket.visit_services or [ticket.service_id])[0] != service.service_id:
        raise FormReusedError(_("Formulir ini sudah dipakai untuk nomor lain. Muat ulang halaman."))
    return ticket


def _visit(session: Session, service: RegionService, more: Sequence[str]) -> list[int]:
    """The services of one visit in their order, [] when it is just one."""
    visit = [service.service_id]
    for slug in more:
        further = enabled_service(session, slug)
        if further is None:
            raise NotFoundError(_("Layanan ini tidak ada di sini."))
        if further.service_id not in visit:
            visit.append(further.service_id)
    return visit if len(visit) > 1 else []


def _issue(
    session: Session,
    service: RegionService,
    facts: dict[str, Any],
    hall_id: int | None,
    paper: Leased | Written | None,
) -> Ticket:
    region = current_region()
    moment = region.now()
    # A number given out on paper is typed back also when the hall's rule has changed since.
    hall, prefix = _desk(session, service, hall_id, links() if isinstance(paper, Leased) else pairs_now())
    # The statement begins after the series was locked: later numbers are never of an earlier moment.
    arrived: Any = func.statement_timestamp()
    data: dict[str, Any] = {"channel": facts["channel"]}
    if paper is None:
        offered = offer(service_status(session, hall, service, moment), moment)
        if not offered.available:
            raise NotOfferedError(offered.reason or _("Nomor belum bisa diambil."), offered.opens_at)
        if not can_still_be_served(session, hall, service, moment):
            raise NotOfferedError(full_line(session, hall, service, moment))
        _lock_quota(session, service)
        day = moment.date()
        number = advance(session, hall.id, prefix, day)
        _check_quota(session, service, day)
    # Somebody holds a number on paper already: hours and quota were for those to look at who gave it.
    elif isinstance(paper, Leased):
        day, arrived = check_leased(session, paper, hall.id, prefix, facts["idempotency_key"])
        number = paper.number
        data["lease"] = paper.lease_id
    else:
        day, arrived = paper.day, paper.arrived_at
        number = advance(session, hall.id, prefix, day)
        data["written"] = paper.label
    statement = (
        insert(Ticket)
        .values(
            code=new_code(), hall_id=hall.id, service_id=service.service_id, local_day=day,
            prefix=prefix, number=number, issued_at=func.statement_timestamp(), arrived_at=arrived,
            queued_at=arrived, **facts,
        )
        .on_conflict_do_nothing(index_elements=[Ticket.idempotency_key])
        .returning(Ticket)
    )  # fmt: skip
    ticket = session.scalar(statement)
    if ticket is None:
        raise KeyTakenError
    note(session, ticket, "issue", data=data)
    return ticket


def _desk(
    session: Session, service: RegionService, hall_id: int | None, serving: Select[int, int]
) -> tuple[Hall, str]:
    """The hall that serves it (`hall_id` before the first), and the prefix of the first counter that may call it."""
    pairs = serving.subquery()
    row = session.execute(
        select(Hall, Counter.prefix)
        .join(Counter, Counter.hall_id == Hall.id)
        .join(pairs, pairs.c.counter_id == Counter.id)
        .where(Hall.active, pairs.c.service_id == service.service_id)
        .order_by(Hall.id != hall_id if hall_id is not None else Hall.id, Hall.id, Counter.number)
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


def leave(code: str, key: str | None = None) -> Ticket:
    """Give up a place in line, or a parked visit, by its holder. Raises NotFoundError, IllegalMoveError."""

    def act(session: Session) -> Ticket:
        before = done_before(session, key, "cancel")
        if before is not None:
            return before
        mine = (Ticket.code == code, Ticket.state.in_((TicketState.WAITING, TicketState.ON_HOLD)))
        values = {"state": TicketState.CANCELLED, "ended_at": func.clock_timestamp()}
        ticket = changed(session, update(Ticket).where(*mine).values(**values).returning(Ticket))
        if ticket is not None:
            note(session, ticket, "cancel", reason=BY_HOLDER, key=key)
            return ticket
        ticket = session.scalar(select(Ticket).where(Ticket.code == code))
        if ticket is None:
            raise NotFoundError(_("Nomor antrean ini tidak ada."))
        if ticket.state == TicketState.CANCELLED:
            return ticket
        raise IllegalMoveError(_("Nomor Anda sudah dipanggil, jadi tidak bisa dibatalkan dari sini."))

    return once(act)
