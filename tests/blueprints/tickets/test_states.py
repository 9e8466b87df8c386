"""The ticket's page in every state: what the holder reads, and what they may do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import update

from mpp.database.session import read, write
from mpp.jobs.handlers import Job
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.queueing import service
from tenants.queueing.jobs import close_day
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.policies import Officer, new_key
from tests.support.client import Browser, Page
from tests.support.hall import at, more_counters, open_always, seat

Browse = Callable[..., Browser]
SERVICE, OTHER = "ktp-el-baru", "kk-baru"
Desks = list[tuple[int, Officer]]


@pytest.fixture
def desks(app: Platform, bukittinggi: Region) -> Desks:
    with at(app, bukittinggi):
        open_always()
        return [(counter, seat(counter)) for counter in more_counters(SERVICE, 2)]


class Holder:
    """A ticket, its page, and the officer who called it."""

    def __init__(self, app: Platform, region: Region, browser: Browser, desks: Desks) -> None:
        self.app, self.region, self.browser, self.desks = app, region, browser, desks
        with at(app, region):
            self.ticket = service.take_ticket(SERVICE, "Siti", None, new_key(), "web")

    def after(self, *acts: Callable[[int, Officer], Ticket]) -> Page:
        """The page after a call and these acts of the officer."""
        with at(self.app, self.region):
            service.call_next(*self.desks[0])
        return self.then(*acts)

    def then(self, *acts: Callable[[int, Officer], Ticket]) -> Page:
        """The page after these acts of the officer."""
        with at(self.app, self.region):
            for act in acts:
                act(self.ticket.id, self.desks[0][1])
        return self.page()

    def page(self) -> Page:
        return self.browser.get(f"/antrean/{self.ticket.code}")

    def may_leave(self, page: Page) -> bool:
        return any((f.get("action") or "").endswith("/batal") for f in page.all("form"))


@pytest.fixture
def holder(app: Platform, bukittinggi: Region, browse: Browse, desks: Desks) -> Holder:
    return Holder(app, bukittinggi, browse("bukittinggi"), desks)


def parked(ticket: int, officer: Officer) -> Ticket:
    return service.hold(ticket, officer, "Bu Siti lupa surat cerai")


def goes_on(page: Page) -> bool:
    """Whether the page looks for changes by itself."""
    return bool([d for d in page.all("div") if d.get("data-live-url")])


def test_waiting_called_and_served(holder: Holder) -> None:
    page = holder.page()
    assert holder.may_leave(page) and goes_on(page)
    page = holder.after()
    assert "Silakan ke Loket 1 sekarang." in page.words() and not holder.may_leave(page)
    page = holder.then(service.start)
    assert "Anda sedang dilayani di Loket 1." in page.words() and not holder.may_leave(page)
    page = holder.then(service.complete)
    assert "Terima kasih sudah datang" in page.words() and not goes_on(page)


def test_a_parked_ticket_is_not_a_cancelled_one(holder: Holder) -> None:
    page = holder.after(parked)
    assert "Ditunda: petugas akan memanggil Anda lagi." in page.words()
    assert "lapor ke Loket 1" in page.words() and "dibatalkan" not in page.words()
    assert "cerai" not in page.text, "the officer's words are not the citizen's"
    assert goes_on(page) and holder.may_leave(page) and page.all("figure", class_="qr")
    assert "Urusan yang ditunda tidak dilanjutkan" in page.words()
    assert holder.browser.submit(f"/antrean/{holder.ticket.code}", "/batal").status == 303
    assert "Nomor ini sudah dibatalkan." in holder.page().words()


def test_back_in_line(holder: Holder) -> None:
    page = holder.after(parked, service.resume)
    assert "Anda kembali ke antrean." in page.words() and "menurut waktu Anda datang" in page.words()
    assert holder.may_leave(page) and "Anda berikutnya" in page.words()


def test_a_missed_call_and_its_restoring(holder: Holder) -> None:
    page = holder.after(service.no_show)
    assert "bisa dipulihkan satu kali" in page.words() and goes_on(page)
    with at(holder.app, holder.region):
        service.reactivate(holder.ticket.id, "di toilet")
    page = holder.page()
    assert "Nomor Anda dipulihkan" in page.words() and "toilet" not in page.text
    page = holder.after(service.no_show)
    assert "sudah pernah dipulihkan" in page.words() and not goes_on(page)


def test_one_visit_shows_its_services(holder: Holder) -> None:
    def sent(ticket: int, officer: Officer) -> Ticket:
        return service.transfer(ticket, officer, service=OTHER, reason="sekalian")

    page = holder.after(sent)
    words = page.words()
    assert "dengan nomor yang sama" in words and holder.ticket.label in words and "sekalian" not in words
    steps = [li for ol in page.all("ol", class_="visit-steps") for li in ol.iter("li")]
    assert [li.get("aria-current") for li in steps] == [None, "step"]
    assert ["sudah" in "".join(li.itertext()) for li in steps] == [True, False]


def test_sent_to_one_counter(holder: Holder) -> None:
    def sent(ticket: int, officer: Officer) -> Ticket:
        return service.transfer(ticket, officer, counter_id=holder.desks[1][0], reason="berkas di sana")

    words = holder.after(sent).words()
    assert "mengarahkan Anda ke loket lain" in words and "Loket2" in words.replace(" ", "")


@pytest.mark.parametrize("acts", [(), (parked,), (service.start,)])
def test_the_day_that_ended(holder: Holder, acts: tuple[Callable[[int, Officer], Ticket], ...]) -> None:
    holder.after(*acts)
    with at(holder.app, holder.region), write() as session:
        yesterday = current_region().today() - dt.timedelta(days=1)
        session.execute(update(Ticket).values(local_day=yesterday))
    if not acts or acts[0] is parked:
        assert "sudah tidak berlaku" in holder.page().words()
    with at(holder.app, holder.region), write() as session:
        payload = {"day": yesterday.isoformat()}
        close_day(Job(session, payload, holder.app.settings, holder.region))
    with at(holder.app, holder.region), read() as session:
        state = session.get_one(Ticket, holder.ticket.id).state
    words = holder.page().words()
    if state == TicketState.COMPLETED:
        assert "Hari layanan sudah berakhir" in words
    else:
        assert "Hari layanan berakhir sebelum nomor ini" in words and "dibatalkan" not in words


def test_a_priority_class_is_said_on_the_phone_and_checked_at_the_counter(
    holder: Holder, app: Platform, bukittinggi: Region
) -> None:
    form = f"/antrean/ambil?layanan={SERVICE}"
    page = holder.browser.get(form)
    assert "petugas memeriksanya di loket" in page.words()
    checked = [i.get("value") for i in page.all("input", name="prioritas") if i.get("checked") is not None]
    assert checked == [""], "nobody is asked to say anything"
    sent = holder.browser.submit(form, "/antrean/ambil", nama="Pak Amir", prioritas="elderly")
    code = (sent.location or "").rpartition("/")[2]
    plain = holder.browser.submit(form, "/antrean/ambil", nama="Ani", prioritas="raja")
    with at(app, bukittinggi), read() as session:
        by_code = {t.code: t for t in session.query(Ticket)}
        ticket, other = by_code[code], by_code[(plain.location or "").rpartition("/")[2]]
        assert (ticket.priority_class, ticket.entry) == ("elderly", "priority")
        assert (other.priority_class, other.entry) == (None, "walk_in")
        corrected = service.reclassify(ticket.id, holder.desks[1][1], None)
        assert (corrected.priority_class, corrected.entry, corrected.kind) == (None, "walk_in", "walk_in")
