"""Who comes first is called first, also when another act holds the number for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from mpp.database.session import apart, read
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing import calling, service
from tenants.queueing.models import Ticket
from tenants.queueing.policies import new_key
from tenants.queueing.why import why_before_me
from tests.support.hall import at, counters_of, seat

SERVICE = "ktp-el-baru"


def _take() -> Ticket:
    return service.take_ticket(SERVICE, "S.", None, new_key(), "web")


@contextmanager
def held(ticket: Ticket) -> Iterator[None]:
    """Another act has changed the number and not yet committed."""
    with apart() as session:
        session.execute(select(Ticket.id).where(Ticket.id == ticket.id).with_for_update())
        yield


def test_a_number_held_for_a_moment_is_waited_for(app: Platform, hall: Region) -> None:
    first, _second = _take(), _take()
    counter = counters_of(SERVICE)[0].id
    officer, locked = seat(counter), threading.Event()

    def hold() -> None:
        with at(app, hall), held(first):
            locked.set()
            time.sleep(sum(calling.PAUSES) / 3)

    other = threading.Thread(target=hold)
    other.start()
    assert locked.wait(10)
    called = service.call_next(counter, officer, new_key())
    other.join()
    assert called is not None and called.label == first.label


def test_a_number_held_for_long_does_not_hold_up_the_hall_and_its_holder_is_told(hall: Region) -> None:
    first, second = _take(), _take()
    counter = counters_of(SERVICE)[0].id
    officer = seat(counter)
    with held(first):
        called = service.call_next(counter, officer, new_key())
    assert called is not None and called.label == second.label
    with read() as session:
        mine, theirs = session.get_one(Ticket, first.id), session.get_one(Ticket, second.id)
        answer = why_before_me(session, mine, theirs)
    assert answer.short == "Saat itu nomor Anda sedang diubah, jadi loket ini memanggil nomor berikutnya."
