"""A ticket's own page in all its states, on a phone and on a desk; without scripts, and without a line."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from mpp.database.session import read, write
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.hall.models import OpeningHours
from tenants.queueing import desk as desks
from tenants.queueing import service
from tenants.queueing.models import Ticket
from tenants.queueing.policies import Officer, new_key
from tenants.waiting import service as waiting
from tests.browser.conftest import DESK, PHONE
from tests.support.hall import at, more_counters, seat
from tests.support.live import Live
from tests.support.pictures import PICTURES, picture

pytestmark = [pytest.mark.browser, pytest.mark.without_streams]
SERVICE = "ktp-el-baru"
SMALLEST = 44
Visit = Callable[..., Page]


@pytest.fixture
def line(app: Platform, bukittinggi: Region, platform: Live) -> Iterator[tuple[int, Officer, list[Ticket]]]:
    """One counter, and eight people before it."""
    with at(app, bukittinggi):
        (counter,) = more_counters(SERVICE, 1)
        officer = seat(counter)
        yield counter, officer, [take() for _one in range(8)]


def take() -> Ticket:
    return service.take_ticket(SERVICE, "S. A.", None, new_key(), "web")


def check(page: Page, name: str) -> None:
    """Nothing is cut off, everything can be tapped; a picture for whoever wants to look."""
    size = page.viewport_size
    assert size
    picture(page, f"ticket-{name}-{size['width']}")
    small = page.evaluate(
        """least => [...document.querySelectorAll("main a.button, main button, main summary")]
            .filter(one => one.offsetParent && one.getBoundingClientRect().height < least)
            .map(one => one.textContent.trim())""",
        SMALLEST,
    )
    assert small == [], name


def look(
    visit: Visit, here: Live, ticket: Ticket, name: str, words: str, query: str = "", wide: bool = True
) -> None:
    """See a ticket on a phone and, where that differs, on a desk; `words` stand on it."""
    for size in (PHONE, DESK) if wide or PICTURES else (PHONE,):
        page = visit(size)
        page.goto(here.url("bukittinggi", f"/antrean/{ticket.code}{query}"))
        expect(page.locator("main")).to_contain_text(re.compile(words))
        check(page, name)
        number = page.locator("main .ticket-number strong").bounding_box()
        paper = page.locator("main .ticket").bounding_box()
        assert number and paper and number["x"] + number["width"] <= paper["x"] + paper["width"], name
        page.context.close()


def test_the_states_of_a_ticket(
    line: tuple[int, Officer, list[Ticket]], platform: Live, visit: Visit
) -> None:
    counter, officer, tickets = line
    look(visit, platform, tickets[7], "far", r"Datang sekitar \d\d\.\d\d")
    look(visit, platform, tickets[0], "near", "Anda berikutnya", wide=False)
    look(visit, platform, tickets[7], "far-english", "Come at about", "?bahasa=en", wide=False)
    look(visit, platform, tickets[7], "far-large", "7 orang di depan", "?besar=1")
    look(visit, platform, tickets[7], "far-contrast", "7 orang di depan", "?kontras=1", wide=False)
    service.call_next(counter, officer)
    look(visit, platform, tickets[0], "called", "Silakan ke Loket")
    service.start(tickets[0].id, officer)
    look(visit, platform, tickets[0], "serving", "sedang dilayani", wide=False)
    service.hold(tickets[0].id, officer, "melengkapi berkas")
    look(visit, platform, tickets[0], "on-hold", "Nomor antrean Anda")
    service.call_next(counter, officer)
    service.no_show(tickets[1].id, officer)
    look(visit, platform, tickets[1], "missed", "tidak ada yang datang", wide=False)
    service.leave(tickets[2].code)
    look(visit, platform, tickets[2], "given-back", "sudah dibatalkan", wide=False)


def test_who_will_not_be_reached_is_told(
    line: tuple[int, Officer, list[Ticket]], platform: Live, visit: Visit
) -> None:
    counter, officer, tickets = line
    service.call_next(counter, officer)
    service.start(tickets[0].id, officer)
    now = current_region().now()
    closes = min(now + dt.timedelta(minutes=12), now.replace(hour=23, minute=59, second=59))
    with write() as session:
        session.execute(update(OpeningHours).values(opens=dt.time.min, closes=closes.time()))
    look(visit, platform, tickets[7], "late", "Mungkin tidak sempat dilayani hari ini")


def test_what_is_said_without_a_counter(
    line: tuple[int, Officer, list[Ticket]], platform: Live, visit: Visit
) -> None:
    counter, officer, tickets = line
    service.call_next(counter, officer)
    service.start(tickets[0].id, officer)
    with write() as session:
        long_ago = func.clock_timestamp() - dt.timedelta(minutes=40)
        session.execute(update(Ticket).where(Ticket.id == tickets[0].id).values(queued_at=long_ago))
    service.complete(tickets[0].id, officer)
    desks.close(counter, officer)
    look(visit, platform, tickets[1], "last-entrant", "orang yang terakhir dipanggil", wide=False)
    with write() as session:
        session.execute(update(Ticket).where(Ticket.id == tickets[0].id).values(called_at=None))
    # The outlook follows events after three seconds.
    time.sleep(waiting.SECONDS_CALM + 0.3)
    look(visit, platform, tickets[1], "nothing-known", "belum bisa diperkirakan", wide=False)


def test_the_page_follows_the_line_by_itself_and_asks_with_an_etag(
    line: tuple[int, Officer, list[Ticket]], platform: Live, visit: Visit
) -> None:
    counter, officer, tickets = line
    page, answers = visit(PHONE), []
    page.on(
        "response", lambda answer: answers.append(answer.status) if answer.url.endswith("/status") else None
    )
    page.goto(platform.url("bukittinggi", f"/antrean/{tickets[0].code}"))
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(600)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(600)
    assert answers == [200, 304]
    service.call_next(counter, officer)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-ticket-state=called]")).to_be_visible()
    expect(page).to_have_title(re.compile(rf"{tickets[0].label}.*Loket"))


def test_without_a_line_the_page_says_so_and_keeps_what_it_knew(
    line: tuple[int, Officer, list[Ticket]], platform: Live, visit: Visit
) -> None:
    tickets = line[2]
    page = visit(PHONE)
    page.goto(platform.url("bukittinggi", f"/antrean/{tickets[5].code}"))
    expect(page.locator("[data-offline]")).to_be_hidden()
    page.context.set_offline(True)
    expect(page.locator("[data-offline]")).to_be_visible()
    expect(page.locator("main")).to_contain_text(tickets[5].label)
    expect(page.locator("main")).to_contain_text("Nomor Anda tetap berlaku")
    check(page, "offline")
    page.context.set_offline(False)
    expect(page.locator("[data-offline]")).to_be_hidden()


def test_without_scripts_it_is_loaded_anew_and_the_place_can_be_given_up(
    line: tuple[int, Officer, list[Ticket]], platform: Live, visit: Visit
) -> None:
    tickets = line[2]
    page = visit(PHONE, scripts=False)
    page.goto(platform.url("bukittinggi", f"/antrean/{tickets[6].code}"))
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "20"
    page.locator("summary", has_text="Batalkan nomor ini").click()
    page.get_by_role("button", name=re.compile("Ya, batalkan")).click()
    expect(page.locator("main")).to_contain_text("dibatalkan")
    with read() as session:
        state = session.scalar(select(Ticket.state).where(Ticket.id == tickets[6].id))
    assert state == "cancelled"
