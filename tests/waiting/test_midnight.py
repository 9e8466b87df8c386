"""The waiting time goes by the region's own day and clock, in every zone of the country."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import update

from mpp.database.session import read, write
from mpp.i18n import clock as words_of
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import OpeningHours
from tenants.queueing import service
from tenants.queueing.errors import NotOfferedError
from tenants.queueing.models import Ticket
from tenants.queueing.policies import new_key
from tenants.waiting import service as waiting
from tests.simulator.clock import movable
from tests.support.hall import at, more_counters, open_always, seat
from tests.waiting.conftest import SERVICE

ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


@pytest.mark.parametrize("zone", ZONES)
def test_at_midnight_a_new_line_begins(
    zone: str, app: Platform, bukittinggi: Region, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    region = dataclasses.replace(bukittinggi, timezone=zone)
    late = dt.datetime(2027, 3, 1, 23, 50, tzinfo=region.zone)

    def take() -> tuple[Ticket, waiting.Told]:
        ticket = service.take_ticket(SERVICE, "S.A.", None, new_key(), "web")
        waiting.forget_moment()
        with read() as session:
            told = waiting.told(session, session.get_one(Ticket, ticket.id))
        assert told is not None
        return ticket, told

    with movable(settings, late, monkeypatch) as moved:
        moved.set(late)
        with at(app, region):
            open_always()
            with write() as session:
                session.execute(update(OpeningHours).values(closes=dt.time(23, 59)))
            (counter,) = more_counters(SERVICE, 1)
            seat(counter)
            ticket, told = take()
            assert (ticket.number, ticket.local_day, told.place, told.late) == (1, late.date(), 1, False)
            moved.set(late + dt.timedelta(minutes=8))
            with pytest.raises(
                NotOfferedError, match=r"penuh sampai tutup hari ini.*2 Maret 2027 pukul 00\.00"
            ):
                take()
            moved.set(late + dt.timedelta(minutes=20))
            after = [take() for _one in range(6)]
            assert [number.number for number, _told in after] == [1, 2, 3, 4, 5, 6]
            assert [told.place for _ticket, told in after] == [1, 2, 3, 4, 5, 6], "yesterday's line is over"
            assert {ticket.local_day for ticket, _told in after} == {late.date() + dt.timedelta(days=1)}
            come = after[-1][1].come_at
            assert come is not None and come.date() == after[0][0].local_day
            assert words_of(come).endswith(ZONES[zone])
