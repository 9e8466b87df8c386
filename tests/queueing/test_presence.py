"""Forgotten counters close themselves, absent officers are seen, and a silent call for help is answered."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update

from mpp.audit import AuditEntry
from mpp.database.session import read, write
from mpp.jobs.handlers import Job, find
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.hall.calendar import DaySchedule
from tenants.hall.limits import Limits
from tenants.hall.models import Counter, Hall, OpeningHours
from tenants.operations import counters
from tenants.operations.queries import today
from tenants.queueing import desk, service
from tenants.queueing.alerts import acknowledge, open_alerts, raise_alert
from tenants.queueing.console import targets
from tenants.queueing.errors import IllegalMoveError, NoReasonError
from tenants.queueing.models import Ticket
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.presence import away, closes_soon, left_standing, quiet
from tenants.queueing.rule import Rule
from tests.support.hall import more_counters, seat

SERVICE = "ktp-el-baru"
Desk = tuple[int, Officer]


@pytest.fixture
def place(hall: Region) -> Desk:
    """One counter with its officer, who sat down just now."""
    (counter,) = more_counters(SERVICE, 1)
    officer = seat(counter)
    since(counter, 0)
    return counter, officer


def since(counter: int, minutes: float) -> None:
    ago = current_region().now() - dt.timedelta(minutes=minutes)
    with write() as session:
        values = {"officer_since": ago, "active_at": ago}
        session.execute(update(Counter).where(Counter.id == counter).values(**values))


def tick(app: Platform, region: Region) -> None:
    with write() as session:
        find("counters.forgotten", region).run(Job(session, {}, app.settings, region))


def counter_now(counter: int) -> Counter:
    with read() as session:
        return session.get_one(Counter, counter, populate_existing=True)


def test_a_counter_without_an_act_closes_itself_and_says_so(app: Platform, hall: Region, place: Desk) -> None:
    counter, officer = place
    since(counter, 29)
    tick(app, hall)
    assert counter_now(counter).state == "open"
    since(counter, 31)
    desk.still_here(counter, officer)
    tick(app, hall)
    assert counter_now(counter).state == "open", "a word of the officer counts"
    since(counter, 31)
    tick(app, hall)
    closed = counter_now(counter)
    assert (closed.state, closed.officer_id) == ("closed", None)
    with read() as session:
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions[-1] == "counter.forgotten"
    tick(app, hall)


def test_nobody_is_left_alone_at_a_counter(app: Platform, hall: Region, place: Desk) -> None:
    service.take_ticket(SERVICE, "S.", None, new_key(), "web")
    service.call_next(*place)
    since(place[0], 500)
    tick(app, hall)
    assert counter_now(place[0]).state == "open"


def test_a_pause_ends_as_an_open_counter_does(app: Platform, hall: Region, place: Desk) -> None:
    desk.pause(*place, "Istirahat")
    since(place[0], 29)
    tick(app, hall)
    assert counter_now(place[0]).state == "paused"
    since(place[0], 31)
    tick(app, hall)
    assert counter_now(place[0]).state == "closed"


def test_the_officer_is_warned_before_the_counter_closes_itself(hall: Region, place: Desk) -> None:
    def warned() -> int | None:
        with read() as session:
            counter = session.get_one(Counter, place[0], populate_existing=True)
            return closes_soon(session, counter, Rule(), current_region().now(), 5)

    since(place[0], 20)
    assert warned() is None
    since(place[0], 27.5)
    assert warned() == 3
    desk.pause(*place)
    assert warned() is None
    since(place[0], 27.5)
    assert warned() == 3, "a pause too"


def test_the_halls_break_is_no_forgetting(hall: Region) -> None:
    noon = dt.datetime(2027, 3, 1, 12, 30, tzinfo=current_region().zone)
    day = DaySchedule(dt.time(8), dt.time(15), dt.time(12), dt.time(13))
    act = noon - dt.timedelta(minutes=40)
    assert quiet(act, day, noon) == dt.timedelta(0)
    assert quiet(act, day, noon + dt.timedelta(minutes=45)) == dt.timedelta(minutes=15)
    assert quiet(act, day, noon - dt.timedelta(minutes=31)) == dt.timedelta(minutes=9)
    assert quiet(act, None, noon) == dt.timedelta(minutes=40)


def test_a_counter_opened_without_an_officer_is_forgotten_too(
    app: Platform, hall: Region, place: Desk
) -> None:
    desk.close(*place)
    counters.set_state(place[0], counters.Act.OPEN)
    tick(app, hall)
    assert counter_now(place[0]).state == "open"
    with write() as session:
        ago = current_region().now() - dt.timedelta(minutes=31)
        session.execute(update(Counter).where(Counter.id == place[0]).values(active_at=ago))
    tick(app, hall)
    assert counter_now(place[0]).state == "closed"


def test_nobody_is_sent_where_nobody_sits(hall: Region) -> None:
    first, second = more_counters(SERVICE, 2)
    officer = seat(first)
    ticket = service.take_ticket(SERVICE, "S.", None, new_key(), "web")
    service.call_next(first, officer)

    def send() -> Ticket:
        return service.transfer(ticket.id, officer, counter_id=second, reason="berkas di sana")

    def offered() -> set[int]:
        with read() as session:
            return {counter.id for counter in targets(session, session.get_one(Hall, ticket.hall_id))[1]}

    desk_open = counters.set_state(second, counters.Act.OPEN)
    assert desk_open.officer_id is None and second not in offered()
    with pytest.raises(IllegalMoveError, match="tidak ada petugasnya"):
        send()
    colleague = seat(second)
    desk.pause(second, colleague)
    assert second not in offered()
    with pytest.raises(IllegalMoveError, match="sedang jeda"):
        send()
    desk.resume(second, colleague)
    service.take_ticket(SERVICE, "S.", None, new_key(), "web")
    since(second, 11)
    assert second not in offered()
    with pytest.raises(IllegalMoveError, match="tidak ada petugasnya"):
        send()
    since(second, 1)
    assert second in offered() and send().for_counter_id == second


def test_a_number_left_at_a_counter_is_told_to_the_halls_staff(hall: Region, place: Desk) -> None:
    ticket = service.take_ticket(SERVICE, "S.", None, new_key(), "web")
    service.call_next(*place)

    def standing(minutes: float) -> list[int]:
        with read() as session:
            there = session.get_one(Hall, ticket.hall_id)
            now = current_region().now() + dt.timedelta(minutes=minutes)
            return [item.ticket.id for item in left_standing(session, there, now)]

    assert standing(9) == [] and standing(11) == [ticket.id]
    assert today().standing == []
    service.start(ticket.id, place[1])
    assert standing(40) == [], "a service may take long"
    with write() as session:
        session.execute(update(OpeningHours).values(opens=dt.time(0, 0), closes=dt.time(0, 0, 1)))
    assert standing(29) == [] and standing(31) == [ticket.id], "but not when the hall has closed"


def test_after_closing_time_also_a_resting_counter_closes(app: Platform, hall: Region, place: Desk) -> None:
    desk.pause(*place, "Istirahat")
    since(place[0], 20)
    tick(app, hall)
    assert counter_now(place[0]).state == "paused"
    with write() as session:
        session.execute(update(OpeningHours).values(opens=dt.time(0, 0), closes=dt.time(0, 0, 1)))
    tick(app, hall)
    assert counter_now(place[0]).state == "closed"


def test_an_officer_who_calls_nobody_is_away(hall: Region, place: Desk) -> None:
    with read() as session:
        hall_id = session.scalars(select(Hall.id)).first()
    assert hall_id is not None
    since(place[0], 11)
    now = current_region().now()
    with read() as session:
        assert away(session, hall_id, now) == {}, "nobody waits"
    service.take_ticket(SERVICE, "S.", None, new_key(), "web")
    with read() as session:
        assert set(away(session, hall_id, now)) == {place[0]}
    service.call_next(*place)
    with read() as session:
        assert away(session, hall_id, current_region().now()) == {}
        assert session.scalars(select(Ticket)).one().state == "called"


def test_a_call_for_help_is_one_and_ends_with_words(hall: Region, place: Desk) -> None:
    counter, officer = place
    key = new_key()
    alert = raise_alert(counter, officer, key)
    assert raise_alert(counter, officer).id == alert.id, "one at a time"
    with read() as session:
        assert [a.id for a in open_alerts(session, Limits(alert.hall_id))] == [alert.id]
    with pytest.raises(NoReasonError):
        acknowledge(alert.id, officer, " ")
    acknowledge(alert.id, officer, "Didatangi satpam, tenang kembali")
    acknowledge(alert.id, officer, "lain")
    with read() as session:
        assert open_alerts(session) == []
    assert alert.outcome == "Didatangi satpam, tenang kembali"
    assert raise_alert(counter, officer, key).id == alert.id, "replayed: no new alert"
    assert raise_alert(counter, officer).id != alert.id
