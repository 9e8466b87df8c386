"""When a number may be taken, and what its holder must say."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, select

from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.calendar import Reason, ServiceStatus
from tenants.hall.models import Closure, OpeningHours
from tenants.queueing import service
from tenants.queueing.errors import (
    BadHolderError,
    BadPhoneError,
    FormReusedError,
    NotFoundError,
    NotOfferedError,
)
from tenants.queueing.models import Ticket, TicketSeries
from tenants.queueing.policies import CODE_SIGNS, clean_phone, new_code, new_key, offer
from tenants.queueing.queries import ticket_view, waiting_now
from tenants.services.models import RegionService
from tests.support.hall import at, counters_of, open_always

SERVICE = "ktp-el-baru"


def take(
    holder: str = "Siti", phone: str | None = None, key: str | None = None, slug: str = SERVICE
) -> Ticket:
    return service.take_ticket(slug, holder, phone, key or new_key(), "web")


def test_a_ticket_gets_the_prefix_of_the_lowest_counter_and_the_local_day(hall: Region) -> None:
    ticket = take(phone="0812 3456 7890")
    assert ticket.label == f"{counters_of(SERVICE)[0].prefix}-001"
    assert ticket.local_day == hall.today()
    assert ticket.phone == "+6281234567890"
    assert len(ticket.code) == 12 and set(ticket.code) <= set(CODE_SIGNS)


def test_the_place_in_line_counts_those_before_at_the_same_counters(hall: Region) -> None:
    tickets = [take() for _person in range(3)]
    with read() as session:
        views = [ticket_view(session, ticket.code) for ticket in tickets]
        assert [view.ahead for view in views if view] == [0, 1, 2]
        assert waiting_now(session, hall.today()) == [(tickets[0].service_id, 3)]


@pytest.mark.parametrize("written", ["08123456789", "628123456789", "+62 812-3456-789", "(0812) 3456789"])
def test_telephone_numbers_are_read_as_people_write_them(written: str) -> None:
    number = clean_phone(written)
    assert number and number.e164 == "+628123456789"


@pytest.mark.parametrize("written", ["12", "abc", "0812 3456 7890 1234 5678", "+62"])
def test_other_texts_are_no_telephone_number(written: str) -> None:
    with pytest.raises(BadPhoneError, match="kosongkan"):
        clean_phone(written)


@pytest.mark.parametrize("holder", ["", "   ", "...", "a\u202eb", "x" * 61])
def test_a_holder_needs_a_readable_name(hall: Region, holder: str) -> None:
    with pytest.raises(BadHolderError):
        take(holder)


def test_a_refused_wish_leaves_nothing(hall: Region) -> None:
    with pytest.raises(NotFoundError):
        take(slug="tidak-ada")
    with pytest.raises(FormReusedError):
        take(key="pendek")
    with read() as session:
        assert session.scalars(select(Ticket)).all() == []
        assert session.scalars(select(TicketSeries)).all() == []


def test_a_key_belongs_to_one_service(hall: Region) -> None:
    key = new_key()
    take(key=key)
    assert take(key=key).number == 1
    with pytest.raises(FormReusedError, match="nomor lain"):
        take(key=key, slug="kk-baru")


def test_a_closed_hall_gives_no_number_and_says_why(hall: Region) -> None:
    with write() as session:
        session.execute(delete(OpeningHours))
        session.execute(delete(Closure))
    with pytest.raises(NotOfferedError, match="Tutup"):
        take()


def test_a_service_on_other_days_says_when(hall: Region) -> None:
    # Not tomorrow: its numbers are given from an hour before midnight on.
    later = hall.today() + dt.timedelta(days=2)
    with write() as session:
        row = session.scalars(select(RegionService).where(RegionService.service.has(slug=SERVICE))).one()
        row.weekdays = [later.isoweekday()]
    with pytest.raises(NotOfferedError, match="Nomor dibuka lagi") as refused:
        take()
    assert refused.value.opens_at is not None
    assert refused.value.opens_at + dt.timedelta(hours=1) == dt.datetime.combine(
        later, dt.time.min, hall.zone
    )


def test_numbers_open_an_hour_before_the_service() -> None:
    zone = dt.timezone(dt.timedelta(hours=7))
    opens = dt.datetime(2026, 8, 18, 8, 0, tzinfo=zone)
    status = ServiceStatus(False, "Nomor dibuka pukul 08.00.", opens.date(), (2,), Reason.BEFORE_HOURS, opens)
    early = offer(status, opens - dt.timedelta(minutes=61))
    assert not early.available and early.reason == "Nomor antrean dibuka pukul 07.00."
    assert early.opens_at == opens - dt.timedelta(minutes=60)
    assert offer(status, opens - dt.timedelta(minutes=60)).available
    assert offer(status, opens - dt.timedelta(seconds=1)).available


def test_after_hours_the_next_day_is_named() -> None:
    zone = dt.timezone(dt.timedelta(hours=7))
    opens = dt.datetime(2026, 8, 19, 8, 0, tzinfo=zone)
    status = ServiceStatus(
        False, "Jam layanan hari ini sudah selesai.", opens.date(), (3,), Reason.AFTER_HOURS, opens
    )
    late = offer(status, opens - dt.timedelta(hours=16))
    assert late.reason == (
        "Jam layanan hari ini sudah selesai. Nomor dibuka lagi Rabu, 19 Agustus 2026 pukul 07.00."
    )


def test_codes_do_not_repeat() -> None:
    assert len({new_code() for _code in range(2000)}) == 2000


def test_numbers_of_two_regions_know_nothing_of_each_other(
    app: Platform, hall: Region, banyuwangi: Region
) -> None:
    mine = take()
    with at(app, banyuwangi):
        open_always()
        with read() as session:
            assert ticket_view(session, mine.code) is None
        with pytest.raises(NotFoundError):
            service.leave(mine.code)
        assert take().number == 1
