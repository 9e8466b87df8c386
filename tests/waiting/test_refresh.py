"""How often a hall is reckoned anew: by events and by time, never by how many look."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import pytest

from mpp.database.session import read
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing import service
from tenants.queueing.models import Ticket
from tenants.queueing.policies import Officer, new_key
from tenants.waiting import service as waiting
from tenants.waiting.engine import Outlook, simulate
from tenants.waiting.state import State
from tests.support.client import Browser
from tests.support.hall import together
from tests.waiting.conftest import SERVICE

Desk = tuple[int, Officer]
PHONES = 8
PATIENCE = 20


class Watch:
    """A clock for the outlook's age that stands still, and how often the hall was reckoned."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now, self.reckoned = 1000.0, 0
        # What must have happened before a reckoning ends.
        self.until: Callable[[], None] = lambda: None
        patch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: self.now))
        patch.setattr(waiting, "simulate", self._simulate)

    def _simulate(self, state: State) -> Outlook:
        self.reckoned += 1
        self.until()
        return simulate(state)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


@pytest.fixture
def phones(desk: Desk, watch: Watch) -> list[Ticket]:
    """People with numbers, each of whom has looked once."""
    tickets = [service.take_ticket(SERVICE, "S.A.", None, new_key(), "web") for _one in range(PHONES)]
    watch.now += waiting.SECONDS_FRESH
    _look(tickets[-1])
    watch.reckoned = 0
    return tickets


def _look(ticket: Ticket) -> waiting.Told | None:
    with read() as session:
        return waiting.told(session, session.get_one(Ticket, ticket.id))


def test_a_hall_full_of_phones_is_reckoned_once(
    phones: list[Ticket], watch: Watch, desk: Desk, browse: Callable[..., Browser]
) -> None:
    browser = browse("bukittinggi")

    def all_look() -> int:
        for ticket in phones[1:]:
            assert browser.get(f"/antrean/{ticket.code}/status").status == 200
        return watch.reckoned

    assert all_look() == 0, "what one phone made is good for all"
    service.call_next(*desk)
    assert all_look() == 0, "an event within three seconds waits"
    watch.now += waiting.SECONDS_CALM + 0.1
    assert all_look() == 1, "then the first phone that asks sees it"
    watch.now += waiting.SECONDS_FRESH - 0.1
    assert all_look() == 1, "nothing has happened"
    watch.now += 0.2
    assert all_look() == 2, "time itself changes the figures"


def test_a_number_just_taken_is_in_the_outlook_at_once(phones: list[Ticket], watch: Watch) -> None:
    ticket = service.take_ticket(SERVICE, "S.A.", None, new_key(), "web")
    told = _look(ticket)
    assert told and told.place == PHONES + 1 and watch.reckoned == 1
    assert _look(ticket) == told and watch.reckoned == 1


def test_of_many_phones_at_once_one_reckons_and_nobody_waits_for_it(
    phones: list[Ticket], watch: Watch, desk: Desk, app: Platform, bukittinggi: Region
) -> None:
    service.call_next(*desk)
    watch.now += waiting.SECONDS_CALM + 0.1
    answered = threading.Semaphore(0)

    def everybody_else_has_looked() -> None:
        for _other in phones[2:]:
            assert answered.acquire(timeout=PATIENCE), "somebody waits for the reckoning"

    def look(ticket: Ticket) -> None:
        assert _look(ticket) is not None
        answered.release()

    watch.until = everybody_else_has_looked
    together(app, bukittinggi, [partial(look, ticket) for ticket in phones[1:]])
    assert watch.reckoned == 1
