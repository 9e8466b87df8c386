"""What is offered is what some counter may call: quick counters, and counters whose services change."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from mpp.database.session import central_write, read, write
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.catalogue.models import ServiceStandard
from tenants.hall.counters import CounterFacts, seen_of
from tenants.hall.errors import InUseError
from tenants.hall.models import Counter
from tenants.hall.queries import counter_by_id
from tenants.lobby.choices import choice
from tenants.operations import counters as acts
from tenants.operations.queries import today
from tenants.queueing import service
from tenants.queueing.errors import NotOfferedError
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.policies import new_key
from tenants.queueing.rule import Rule
from tenants.queueing.rules import save_rule
from tenants.services.queries import enabled_service
from tests.support.hall import at, counters_of, more_counters, open_always, seat

SERVICE = "paspor"


@pytest.fixture
def here(app: Platform, bukittinggi: Region) -> Iterator[Region]:
    with at(app, bukittinggi):
        open_always()
        yield bukittinggi


def take() -> Ticket:
    return service.take_ticket(SERVICE, "S.A.", None, new_key(), "web")


def quick(minutes: int | None, counter_id: int | None = None) -> Counter:
    """A counter, else the service's only one, becomes quick; the service takes so many usual minutes."""
    with read() as session:
        row = enabled_service(session, SERVICE)
        assert row is not None
        standard = row.standard_id
    with central_write() as session:
        session.execute(
            update(ServiceStandard).where(ServiceStandard.id == standard).values(service_minutes=minutes)
        )
    key = counter_id or counters_of(SERVICE)[0].id
    with write() as session:
        session.execute(update(Counter).where(Counter.id == key).values(quick=True))
        return session.get_one(Counter, key, populate_existing=True)


def offered() -> bool:
    with read() as session:
        found = choice(session, SERVICE, current_region().now())
        assert found is not None
        return found.offer.available


@pytest.mark.parametrize("minutes", [None, 11])
def test_what_only_a_quick_counter_has_and_may_not_call_is_not_offered(
    here: Region, minutes: int | None
) -> None:
    counter = quick(minutes)
    officer = seat(counter.id)
    assert not offered()
    with pytest.raises(NotOfferedError, match="Belum ada loket"):
        take()
    assert service.call_next(counter.id, officer) is None
    assert SERVICE in {row.service.slug for row in today().unserved}, "the administrator is told"


def test_a_shorter_bound_takes_the_offer_away_and_says_who_is_left(here: Region) -> None:
    counter = quick(8)
    officer = seat(counter.id)
    assert offered()
    ticket = take()
    save_rule(counter.hall_id, dataclasses.replace(Rule(), quick_minutes=5), "uji")
    assert not offered()
    with pytest.raises(NotOfferedError):
        take()
    assert service.call_next(counter.id, officer) is None
    (left,) = today().stranded
    assert left.people == 1 and left.counters == [] and left.hall.id == ticket.hall_id
    save_rule(counter.hall_id, Rule(), "kembali")
    assert offered() and today().stranded == []
    called = service.call_next(counter.id, officer)
    assert called is not None and called.id == ticket.id


def test_a_quick_counter_is_no_other_counter_for_a_long_service(here: Region) -> None:
    first, second = more_counters(SERVICE, 2)
    quick(45, second)
    take()
    with pytest.raises(InUseError, match="1 orang masih menunggu"):
        acts.retire(first)


def facts(counter: Counter, **changes: object) -> CounterFacts:
    own = CounterFacts(
        counter.number, counter.name, counter.prefix, counter.agency_id,
        [link.service_id for link in counter.services], [own.staff_id for own in counter.officers],
        counter.quick, counter.zone,
    )  # fmt: skip
    return dataclasses.replace(own, **changes)  # type: ignore[arg-type]


def found(counter_id: int) -> Counter:
    counter = counter_by_id(counter_id)
    assert counter is not None
    return counter


def test_a_counter_keeps_the_service_for_which_people_wait_at_it_alone(here: Region) -> None:
    (counter,) = more_counters(SERVICE, 1)
    ticket = take()
    before = found(counter)
    with pytest.raises(InUseError, match="1 orang masih menunggu") as refused:
        acts.save(counter, facts(before, service_ids=[]), seen=seen_of(before))
    assert refused.value.field == "services"
    assert [link.service_id for link in found(counter).services] == [ticket.service_id]
    service.leave(ticket.code)
    acts.save(counter, facts(found(counter), service_ids=[]), seen=seen_of(found(counter)))
    assert found(counter).services == []


def test_who_was_sent_to_a_counter_is_let_go_when_it_drops_their_service(here: Region) -> None:
    first, second = more_counters(SERVICE, 2)
    officer = seat(first)
    seat(second)
    ticket = take()
    service.call_next(first, officer)
    service.transfer(ticket.id, officer, counter_id=second, reason="berkasnya di sana")
    assert service.call_next(first, officer) is None
    acts.save(second, facts(found(second), name="Lain"), seen=seen_of(found(second)))
    assert service.call_next(first, officer) is None, "a new name sends nobody away"
    acts.save(second, facts(found(second), service_ids=[]), seen=seen_of(found(second)))
    called = service.call_next(first, officer)
    assert called is not None and called.id == ticket.id
    with read() as session:
        reasons = session.scalars(
            select(TicketEvent.reason).where(
                TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "transfer"
            )
        ).all()
    assert reasons[-1] == "Loket tujuan tidak lagi melayani urusan ini"
