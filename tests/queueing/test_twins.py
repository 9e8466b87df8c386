"""One press sent by two: whoever is slower finds it done, also when things went on between two of its looks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from sqlalchemy import func, select, update

from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import QueueRule
from tenants.queueing import calling, service, taking
from tenants.queueing.errors import IllegalMoveError, TooSoonError
from tenants.queueing.models import Ticket, TicketEvent
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.rule import Rule
from tenants.services.models import RegionService
from tests.support.hall import at, counters_of, seat

SERVICE = "ktp-el-baru"


def _take(key: str | None = None) -> Ticket:
    return service.take_ticket(SERVICE, "S.", None, key or new_key(), "web")


@pytest.fixture
def desk(hall: Region) -> tuple[int, Officer]:
    counter = counters_of(SERVICE)[0].id
    return counter, seat(counter)


@pytest.fixture
def meanwhile(
    app: Platform, hall: Region, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Any, str, Callable[[], object]], None]:
    """Let the other sender act once, with a connection of its own, right after the first look of this one."""

    def arrange(module: Any, look: str, other: Callable[[], object]) -> None:
        real = getattr(module, look)

        def away() -> None:
            with at(app, hall):
                other()

        def looked(*given: Any, **named: Any) -> Any:
            seen = real(*given, **named)
            monkeypatch.setattr(module, look, real)
            twin = threading.Thread(target=away)
            twin.start()
            twin.join(20)
            assert not twin.is_alive()
            return seen

        monkeypatch.setattr(module, look, looked)

    return arrange


def _call_again(first: Ticket, desk: tuple[int, Officer], key: str) -> None:
    """The slower of two senders of a call is told whom it called; nobody else was."""
    called = service.call_next(*desk, key)
    assert called is not None and called.id == first.id
    with read() as session:
        session.rollback()
        assert session.scalars(select(func.count()).where(TicketEvent.kind == "call")).one() == 1


def test_a_call_whose_twin_is_already_being_served(meanwhile: Any, desk: tuple[int, Officer]) -> None:
    counter, officer = desk
    first, key = _take(), new_key()
    _take()

    def other() -> None:
        called = service.call_next(counter, officer, key)
        assert called is not None
        service.start(called.id, officer)

    meanwhile(calling, "done_before", other)
    _call_again(first, desk, key)


def test_a_call_whose_twin_is_already_served(meanwhile: Any, desk: tuple[int, Officer]) -> None:
    counter, officer = desk
    first, key = _take(), new_key()
    _take()

    def other() -> None:
        called = service.call_next(counter, officer, key)
        assert called is not None
        service.start(called.id, officer)
        service.complete(called.id, officer)

    meanwhile(calling, "done_before", other)
    _call_again(first, desk, key)


def test_a_call_whose_twin_called_the_last_of_the_line(meanwhile: Any, desk: tuple[int, Officer]) -> None:
    counter, officer = desk
    first, key = _take(), new_key()

    def other() -> None:
        called = service.call_next(counter, officer, key)
        assert called is not None
        service.no_show(called.id, officer)

    meanwhile(calling, "done_before", other)
    _call_again(first, desk, key)


def test_a_refusal_stays_one_when_the_key_did_nothing(desk: tuple[int, Officer]) -> None:
    counter, officer = desk
    _take()
    called = service.call_next(counter, officer, new_key())
    assert called is not None
    service.start(called.id, officer)
    with pytest.raises(IllegalMoveError, match="masih dilayani"):
        service.call_next(counter, officer, new_key())


def test_a_recall_whose_twin_was_heard(meanwhile: Any, desk: tuple[int, Officer]) -> None:
    counter, officer = desk
    _take()
    called = service.call_next(counter, officer, new_key())
    assert called is not None
    _gap(called.hall_id, 0)
    key = new_key()

    def other() -> None:
        service.recall(called.id, officer, key)
        _gap(called.hall_id, 60)

    meanwhile(service, "done_before", other)
    assert service.recall(called.id, officer, key).calls == 2
    with pytest.raises(TooSoonError):
        service.recall(called.id, officer, new_key())


def _gap(hall_id: int, seconds: int) -> None:
    """The pause between two calls of one person, shorter than a region may set it."""
    with write() as session:
        session.add(QueueRule(hall_id=hall_id, **{**asdict(Rule()), "recall_gap_seconds": seconds}))


def test_the_last_number_of_the_day_sent_twice(meanwhile: Any, hall: Region) -> None:
    """Somebody whose number was the last is not told that there are none left."""
    with write() as session:
        session.execute(
            update(RegionService).where(RegionService.service.has(slug=SERVICE)).values(daily_quota=1)
        )
    key, made = new_key(), []
    meanwhile(taking, "_visit", lambda: made.append(_take(key).id))
    assert _take(key).id == made[0]
