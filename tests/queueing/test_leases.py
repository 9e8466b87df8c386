"""Blocks of numbers for a device: nobody else has them, and each comes back as a ticket once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select

from mpp.database.session import read
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.queueing import service
from tenants.queueing.errors import LeaseError
from tenants.queueing.leases import Leased
from tenants.queueing.models import NumberLease, Ticket
from tenants.queueing.policies import new_key
from tests.support.hall import counters_of, together

SERVICE = "ktp-el-baru"


@pytest.fixture
def lease(hall: Region) -> NumberLease:
    """Five numbers for one device."""
    counter = counters_of(SERVICE)[0]
    return service.lease_numbers(counter.hall_id, counter.prefix, 5, "kios-1")


def leased(lease: NumberLease, number: int = 2) -> Leased:
    return Leased(lease.id, "kios-1", number, current_region().now())


def take(given: Leased | None = None, key: str | None = None) -> Ticket:
    return service.take_ticket(SERVICE, "S.A.", None, key or new_key(), "kiosk", leased=given)


def test_others_get_the_numbers_after_the_block(lease: NumberLease) -> None:
    assert (lease.first, lease.last) == (1, 5)
    assert take().number == 6
    assert service.lease_numbers(lease.hall_id, lease.prefix, 3, "kios-2").first == 7


def test_a_leased_number_becomes_one_ticket_however_often_it_is_replayed(lease: NumberLease) -> None:
    given, key = leased(lease), new_key()
    first = take(given, key)
    assert first.number == 2 and take(given, key).id == first.id
    with pytest.raises(LeaseError, match="sudah dipakai"):
        take(given)


def test_it_keeps_its_own_arrival_within_what_can_be_true(lease: NumberLease) -> None:
    moment = lease.created_at + (current_region().now() - lease.created_at) / 2
    assert take(replace(leased(lease, 1), arrived_at=moment)).arrived_at == moment
    wrong = dt.timedelta(hours=5)
    early = take(replace(leased(lease, 2), arrived_at=moment - wrong))
    late = take(replace(leased(lease, 3), arrived_at=moment + wrong))
    assert early.arrived_at == lease.created_at and late.arrived_at <= current_region().now()


@pytest.mark.parametrize("change", [{"number": 6}, {"number": 0}, {"device": "kios-2"}, {"lease_id": 999}])
def test_numbers_of_others_are_refused(lease: NumberLease, change: dict[str, int]) -> None:
    with pytest.raises(LeaseError):
        take(replace(leased(lease), **change))  # type: ignore[arg-type]
    with read() as session:
        assert session.scalar(select(Ticket)) is None


def test_replays_at_once_make_one_ticket(app: Platform, hall: Region, lease: NumberLease) -> None:
    given, key = leased(lease), new_key()
    found = together(app, hall, [partial(take, given, key)] * 12)
    assert len({t.id for t in found}) == 1


def test_a_block_has_a_size_and_a_letter_of_the_hall(lease: NumberLease) -> None:
    for prefix, count in ((lease.prefix, 0), (lease.prefix, 201), ("ZZ", 5)):
        with pytest.raises(LeaseError):
            service.lease_numbers(lease.hall_id, prefix, count, "kios-1")
