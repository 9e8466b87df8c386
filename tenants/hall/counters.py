"""Counters: what they are called and serve, and the rules of their numbers and letters.

A letter in a hall belongs to one agency, and a service has one letter there: the number on a ticket alone tells a
person where to listen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from mpp import audit
from mpp.accounts.models import Staff
from mpp.database.optimistic import check_unchanged, fingerprint
from mpp.database.session import write
from mpp.tenancy.content import touch
from tenants.catalogue.models import Service
from tenants.hall.errors import CounterRuleError, InUseError, UnknownHallError
from tenants.hall.limits import ANYWHERE, Limits
from tenants.hall.models import AgencyPresence, Counter, CounterOfficer, CounterService, CounterState
from tenants.hall.service import locked_hall
from tenants.hall.serving import served_now
from tenants.hall.zones import spelled


@dataclass(frozen=True, slots=True)
class CounterFacts:
    """What an administrator says about a counter; services and officers by id."""

    number: int
    name: str
    prefix: str
    agency_id: int
    service_ids: Sequence[int]
    officer_ids: Sequence[int]
    # Takes only short services.
    quick: bool = False
    # The part of the building that it stands in; None: it has none of its own.
    zone: str | None = None


def seen_of(counter: Counter) -> str:
    """Return the mark of what a counter's form shows."""
    return fingerprint(_facts(counter))


def create_counter(hall_id: int, facts: CounterFacts, limits: Limits = ANYWHERE) -> Counter:
    """Add a counter; it starts closed, until an officer sits down. `limits` are the admin's. Raises HallError."""
    with write() as session:
        hall = locked_hall(session, hall_id)
        _check(session, hall.id, facts, None)
        _check_limits(session, hall.id, facts, None, limits)
        counter = Counter(
            hall_id=hall.id, number=facts.number, name=facts.name, prefix=facts.prefix, agency_id=facts.agency_id,
            state=CounterState.CLOSED.value, quick=facts.quick, zone=spelled(session, hall.id, facts.zone),
        )  # fmt: skip
        session.add(counter)
        _connect(counter, facts)
        session.flush()
        _public(session, "counter.create", counter, {"after": _told(_facts(counter))})
    return counter


def save_counter(
    counter_id: int,
    facts: CounterFacts,
    limits: Limits = ANYWHERE,
    *,
    seen: str,
    dropped: Callable[[Session, Counter, set[int]], None],
) -> Counter:
    """Change a counter; `limits` are the admin's. Numbers already given keep their letter.

    `dropped` is asked, in the same transaction, about the services that it no longer calls for; it may refuse.
    Raises HallError, ChangedMeanwhileError.
    """
    with write() as session:
        counter = locked_counter(session, counter_id)
        # Counters of a hall are changed one by one: the rules look at the neighbours.
        locked_hall(session, counter.hall_id)
        before, served = _facts(counter), served_now(session, counter.id)
        check_unchanged(seen, before)
        _check(session, counter.hall_id, facts, counter)
        _check_limits(session, counter.hall_id, facts, counter, limits)
        counter.number, counter.name, counter.prefix = facts.number, facts.name, facts.prefix
        counter.agency_id, counter.quick = facts.agency_id, facts.quick
        counter.zone = spelled(session, counter.hall_id, facts.zone)
        _connect(counter, facts)
        session.flush()
        gone = served - served_now(session, counter.id)
        if gone:
            dropped(session, counter, gone)
        after = _facts(counter)
        if after != before:
            _public(session, "counter.edit", counter, _difference(before, after))
    return counter


def locked_counter(session: Session, counter_id: int) -> Counter:
    """Return a counter that is not retired, held until the transaction ends. Raises UnknownHallError, InUseError."""
    options = [selectinload(Counter.services), selectinload(Counter.officers)]
    counter = session.scalar(
        select(Counter).where(Counter.id == counter_id).options(*options).with_for_update(of=Counter)
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if counter is None:
        raise UnknownHallError
    if counter.retired_at is not None:
        raise InUseError("Loket ini sudah dipensiunkan dan tidak bisa diubah lagi.")
    return counter


def _check(session: Session, hall_id: int, facts: CounterFacts, counter: Counter | None) -> None:
    own = counter.id if counter else 0
    neighbours = session.scalars(
        select(Counter)
        .where(Counter.hall_id == hall_id, Counter.id != own)
        .options(selectinload(Counter.services))
    ).all()
    _check_number(facts, neighbours)
    if session.get(AgencyPresence, (hall_id, facts.agency_id)) is None:
        raise CounterRuleError(
            "Instansi ini belum ada di gedung. Tambahkan dahulu di daftar instansi.", "agency"
        )
    working = [row for row in neighbours if row.retired_at is None]
    for row in working:
        if row.prefix == facts.prefix and row.agency_id != facts.agency_id:
            text = (
                f"Huruf {facts.prefix} milik {row.agency.short_name} (loket {row.number}). Pilih huruf lain."
            )
            raise CounterRuleError(text, "prefix")
    _check_services(session, facts, working)
    _check_known(session, facts)


def _check_number(facts: CounterFacts, neighbours: Collection[Counter]) -> None:
    for row in neighbours:
        if row.number == facts.number:
            retired = " yang sudah dipensiunkan" if row.retired_at else ""
            text = f"Nomor {facts.number} sudah dipakai loket {row.name}{retired}. Pilih nomor lain."
            raise CounterRuleError(text, "number")


def _check_services(session: Session, facts: CounterFacts, working: Collection[Counter]) -> None:
    for row in working:
        shared = {link.service_id for link in row.services} & set(facts.service_ids)
        if shared and row.prefix != facts.prefix:
            service = session.get_one(Service, min(shared))
            text = (
                f"Layanan “{_name(service)}” sudah memakai huruf {row.prefix} di loket {row.number}. "
                f"Pakai huruf {row.prefix}, atau lepaskan layanan itu dari sini."
            )
            raise CounterRuleError(text, "prefix")


def _check_known(session: Session, facts: CounterFacts) -> None:
    """Names that a form can't offer are refused, also where somebody sends them by hand."""
    services = set(session.scalars(select(Service.id).where(Service.id.in_(facts.service_ids))))
    officers = set(session.scalars(select(Staff.id).where(Staff.id.in_(facts.officer_ids), Staff.active)))
    if services != set(facts.service_ids):
        raise CounterRuleError("Pilih layanan dari daftar.", "services")
    if officers != set(facts.officer_ids):
        raise CounterRuleError("Pilih petugas dari daftar.", "officers")


def _check_limits(
    session: Session, hall_id: int, facts: CounterFacts, counter: Counter | None, limits: Limits
) -> None:
    """Who is held to a hall or an agency gives a counter nothing of another's; what it has already may stay."""
    if limits == ANYWHERE:
        return
    if not limits.hall(hall_id) or not limits.agency(facts.agency_id):
        raise CounterRuleError("Loket ini harus tetap milik instansi Anda.", "agency")
    had = {link.service_id for link in counter.services} if counter else set()
    new = select(Service).where(Service.id.in_(set(facts.service_ids) - had))
    if any(not limits.agency(row.agency_id) for row in session.scalars(new)):
        raise CounterRuleError("Pilih layanan instansi Anda sendiri.", "services")
    seated = {seat.staff_id for seat in counter.officers} if counter else set()
    joining = select(Staff).where(Staff.id.in_(set(facts.officer_ids) - seated))
    if not all(Limits(hall_id, limits.agency_id).holds(person) for person in session.scalars(joining)):
        raise CounterRuleError("Pilih petugas instansi dan gedung Anda sendiri.", "officers")


def _name(service: Service) -> str:
    return service.standards[0].name if service.standards else service.slug


def _connect(counter: Counter, facts: CounterFacts) -> None:
    """Keep the links that stay, so that nothing is deleted and inserted under one key."""
    for link in [link for link in counter.services if link.service_id not in facts.service_ids]:
        counter.services.remove(link)
    have = {link.service_id for link in counter.services}
    counter.services += [CounterService(service_id=key) for key in facts.service_ids if key not in have]
    for seat in [seat for seat in counter.officers if seat.staff_id not in facts.officer_ids]:
        counter.officers.remove(seat)
    seated = {seat.staff_id for seat in counter.officers}
    counter.officers += [CounterOfficer(staff_id=key) for key in facts.officer_ids if key not in seated]


def _facts(counter: Counter) -> tuple[Any, ...]:
    return (
        counter.number, counter.name, counter.prefix, counter.agency_id,
        sorted(link.service_id for link in counter.services), sorted(seat.staff_id for seat in counter.officers),
        bool(counter.quick), counter.zone,
    )  # fmt: skip


def _told(facts: tuple[Any, ...]) -> dict[str, Any]:
    return dict(
        zip(
            ("number", "name", "prefix", "agency_id", "service_ids", "officer_ids", "quick", "zone"),
            facts,
            strict=True,
        )
    )


def _difference(before: tuple[Any, ...], after: tuple[Any, ...]) -> dict[str, Any]:
    old, new = _told(before), _told(after)
    changed = [name for name in old if old[name] != new[name]]
    return {"before": {name: old[name] for name in changed}, "after": {name: new[name] for name in changed}}


def _public(session: Session, action: str, counter: Counter, data: dict[str, Any]) -> None:
    audit.record(
        session, action=action, subject=f"counter:{counter.id}", data={"number": counter.number, **data}
    )
    touch(session)
