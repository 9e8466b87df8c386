"""The hall's display: numbers and counters, never a person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Hall
from tenants.lobby.board import Board, board
from tenants.queueing import desk, service
from tenants.queueing.policies import new_key
from tests.support.client import Browser
from tests.support.hall import at, more_counters, seat

Browse = Callable[..., Browser]
SERVICE = "ktp-el-baru"


def shown() -> Board:
    with read() as session:
        return board(session, session.query(Hall).one())


def test_the_page_shows_the_call_and_no_person(app: Platform, open_hall: Region, browse: Browse) -> None:
    screen = browse("bukittinggi")
    assert "Belum ada nomor yang dipanggil" in screen.get("/layar/utama").words()
    with at(app, open_hall):
        service.take_ticket(SERVICE, "Nama Rahasia", "0812 3456 7890", new_key(), "web")
        (counter,) = more_counters(SERVICE, 1)
        officer = seat(counter)
        service.call_next(counter, officer)
    page = screen.get("/layar/utama")
    assert "Sekarang dipanggil A-001 Loket 1 Disdukcapil" in page.words()
    state = screen.get("/layar/utama/keadaan")
    for text in (page.text, state.text):
        assert "Rahasia" not in text and "3456" not in text
    assert state.response.json and state.response.json["calling"]["number"] == "A-001"
    assert [m.get("content") for m in page.all("meta") if m.get("http-equiv") == "refresh"] == ["15"]


def test_polling_is_quiet_while_nothing_changes(app: Platform, open_hall: Region, browse: Browse) -> None:
    screen = browse("bukittinggi")
    tag = {"If-None-Match": screen.get("/layar/utama/keadaan").response.headers["ETag"]}
    assert screen.get("/layar/utama/keadaan", headers=tag).status == 304
    with at(app, open_hall):
        service.take_ticket(SERVICE, "Siti", None, new_key(), "web")
    assert screen.get("/layar/utama/keadaan", headers=tag).status == 200


def test_other_halls_and_neighbours_are_not_found(
    open_hall: Region, browse: Browse, banyuwangi: Region
) -> None:
    assert browse("bukittinggi").get("/layar/lain").status == 404
    assert browse("bukittinggi").get("/layar/lain/keadaan").status == 404


def test_the_newest_call_nobody_has_answered_stands_large(
    app: Platform, open_hall: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at(app, open_hall):
        desks = [(counter, seat(counter)) for counter in more_counters(SERVICE, 3)]
        for _person in desks:
            service.take_ticket(SERVICE, "Siti", None, new_key(), "web")
        first, second, third = (service.call_next(*pair) for pair in desks)
        assert first and second and third
        before = shown()
        assert before.calling and before.calling.number == third.label
        assert [call.number for call in before.last] == [second.label, first.label]
        service.start(third.id, desks[2][1])
        assert (shown().calling or before.calling).number == second.label
        monkeypatch.setattr(service, "RECALL_GAP", service.RECALL_GAP * 0)
        service.recall(first.id, desks[0][1])
        again = shown()
        assert again.calling and again.calling.number == first.label and again.calling.id > before.calling.id


def test_each_counter_says_how_it_stands(app: Platform, open_hall: Region) -> None:
    with at(app, open_hall):
        counter, other, third = more_counters(SERVICE, 3)
        officer = seat(counter)

        def state(counter_number: int = 0) -> tuple[str, str | None, str | None]:
            now = shown().counters[counter_number]
            return now.state, now.ticket, now.note

        assert state() == ("free", None, None)
        service.take_ticket(SERVICE, "Siti", None, new_key(), "web")
        ticket = service.call_next(counter, officer)
        assert ticket and state() == ("calling", ticket.label, None)
        service.start(ticket.id, officer)
        assert state() == ("serving", ticket.label, None)
        service.complete(ticket.id, officer)
        desk.pause(counter, officer, "Salat")
        assert state() == ("paused", None, "Salat")
        desk.close(counter, officer)
        assert state() == ("closed", None, None)
        assert other and third


def test_the_running_text_changes_the_version(app: Platform, open_hall: Region) -> None:
    with at(app, open_hall):
        before = shown()
        assert shown().version == before.version
        with write() as session:
            session.query(Hall).one().running_text = "Besok  tutup pukul 12.00."
        after = shown()
        assert after.running[0] == "Besok tutup pukul 12.00." and after.version != before.version
