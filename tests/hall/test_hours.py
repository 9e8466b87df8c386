"""Hours read from rows: the seed's week, national holidays, closures, in the region's own zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from mpp.database.session import db, read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.calendar import Reason
from tenants.hall.hours import hall_status, load_calendar, schedule_on, service_status
from tenants.hall.models import Closure, Hall
from tenants.services.models import RegionService
from tests.support.hall import at

# A Wednesday, and a national holiday of the seed (Nyepi, Thursday).
WEDNESDAY, NYEPI = dt.date(2026, 3, 4), dt.date(2026, 3, 19)


@pytest.fixture
def session(app: Platform, bukittinggi: Region) -> Iterator[Session]:
    with at(app, bukittinggi), read() as session:
        yield session


@pytest.fixture
def hall(session: Session) -> Hall:
    return session.query(Hall).one()


def moment(day: dt.date, hour: int, region: Region) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=region.zone)


def test_the_seeded_week(session: Session, hall: Hall, bukittinggi: Region) -> None:
    assert schedule_on(session, hall, WEDNESDAY).closes == dt.time(15)  # type: ignore[union-attr]  # open
    assert schedule_on(session, hall, WEDNESDAY + dt.timedelta(days=3)) is None
    friday = hall_status(session, hall, moment(WEDNESDAY + dt.timedelta(days=2), 12, bukittinggi))
    assert friday.open and friday.on_break


def test_national_holidays_and_collective_leave_close(
    session: Session, hall: Hall, bukittinggi: Region
) -> None:
    status = hall_status(session, hall, moment(NYEPI, 9, bukittinggi))
    assert not status.open and "Nyepi" in (status.reason or "")
    assert schedule_on(session, hall, NYEPI - dt.timedelta(days=1)) is None
    with write() as inner:
        inner.add(
            Closure(hall_id=hall.id, kind="open", starts_on=NYEPI, ends_on=NYEPI, reason="Tetap melayani")
        )
    assert hall_status(session, hall, moment(NYEPI, 9, bukittinggi)).open


def test_immigration_comes_on_wednesdays(session: Session, hall: Hall, bukittinggi: Region) -> None:
    paspor = session.query(RegionService).filter(RegionService.service.has(slug="paspor")).one()
    assert service_status(session, hall, paspor, moment(WEDNESDAY, 9, bukittinggi)).available
    tuesday = service_status(session, hall, paspor, moment(WEDNESDAY - dt.timedelta(days=1), 9, bukittinggi))
    assert tuesday.code is Reason.NOT_THIS_DAY and tuesday.next_day == WEDNESDAY and tuesday.days == (3,)
    paspor_off = service_status(session, hall, paspor, moment(NYEPI, 9, bukittinggi))
    assert paspor_off.code is Reason.HALL_CLOSED and paspor_off.next_day is not None


def test_a_calendar_is_one_read_however_much_is_asked(session: Session, hall: Hall) -> None:
    statements: list[str] = []
    services = session.query(RegionService).all()
    event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    calendar = load_calendar(session, hall, WEDNESDAY)
    for service in services:
        calendar.service_status(service, dt.datetime.combine(WEDNESDAY, dt.time(9), tzinfo=calendar.zone))
    assert len(statements) == 1
