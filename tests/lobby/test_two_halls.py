"""A region with two halls: whoever stands in one gets a number of that one, and the lines don't mix."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mpp.database.session import read, write
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.devices.menu import menu
from tenants.devices.settings import KioskSettings
from tenants.hall.models import AgencyPresence, Counter, CounterService, Hall, OpeningHours
from tenants.lobby.choices import choice, lines_now
from tenants.paper.queries import letters
from tenants.queueing.policies import new_key
from tenants.queueing.service import take_ticket
from tests.support.hall import at, counters_of, open_always

SERVICE = "ktp-el-baru"


@pytest.fixture
def second(app: Platform, bukittinggi: Region) -> int:
    """A second hall, with a counter of another letter that serves the same service."""
    with at(app, bukittinggi):
        model = counters_of(SERVICE)[0]
        with write() as session:
            hall = Hall(slug="gedung-dua", name="Gedung Dua", address="Jalan Uji 2")
            session.add(hall)
            session.flush()
            served = session.scalars(
                select(CounterService).where(CounterService.counter_id == model.id)
            ).all()
            counter = Counter(
                hall_id=hall.id, number=1, name="Loket 1", prefix="Z", agency_id=model.agency_id
            )
            session.add_all([counter, AgencyPresence(hall_id=hall.id, agency_id=model.agency_id)])
            session.add(OpeningHours(hall_id=hall.id, weekday=1, opens="08:00", closes="15:00"))
            session.flush()
            session.add_all(
                CounterService(counter_id=counter.id, service_id=row.service_id) for row in served
            )
            found = hall.id
        open_always()
    return found


def test_a_number_is_of_the_hall_one_stands_in(app: Platform, bukittinggi: Region, second: int) -> None:
    with at(app, bukittinggi):
        here = take_ticket(SERVICE, "A. B.", None, new_key(), "kiosk", hall_id=second)
        first = take_ticket(SERVICE, "A. B.", None, new_key(), "web")
        assert (here.hall_id, here.label) == (second, "Z-001")
        assert first.hall_id != second and first.label == "A-001"
        elsewhere = take_ticket("skck", "A. B.", None, new_key(), "kiosk", hall_id=second)
        assert elsewhere.hall_id == first.hall_id


def test_each_hall_shows_its_own_line(app: Platform, bukittinggi: Region, second: int) -> None:
    with at(app, bukittinggi):
        for _ in range(2):
            take_ticket(SERVICE, "A. B.", None, new_key(), "kiosk", hall_id=second)
        take_ticket(SERVICE, "A. B.", None, new_key(), "web")
        moment = current_region().now()
        with read() as session:
            hall = session.get_one(Hall, second)
            lines = {found.now.hall.name: found.people for found in lines_now(session, moment)}
            assert lines == {hall.name: 2, "Mal Pelayanan Publik Kota Bukittinggi": 1}
            made = choice(session, SERVICE, moment, hall)
            assert made and (made.hall, made.people) == ("Gedung Dua", 2)
            item = menu(session, hall, KioskSettings(), moment).item(SERVICE)
            assert item and item.refusal is None
            other = menu(session, hall, KioskSettings(), moment).item("skck")
            assert other and other.refusal and "Mal Pelayanan Publik" in other.refusal
            assert [letter.prefix for letter in letters(session, hall)] == ["Z"]
