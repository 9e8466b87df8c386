"""The hall's display: numbers and counters, never a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, Hall, QueueRule
from tenants.lobby.board import Board, board
from tenants.queueing import desk, service
from tenants.queueing.policies import new_key
from tenants.queueing.rule import Rule
from tenants.sound.models import HallSound
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
    state = screen.get("/keadaan/utama")
    for text in (page.text, state.text):
        assert "Rahasia" not in text and "3456" not in text
    assert state.response.json and state.response.json["calling"]["number"] == "A-001"
    assert [m.get("content") for m in page.all("meta") if m.get("http-equiv") == "refresh"] == ["15"]


def test_polling_is_quiet_while_nothing_changes(app: Platform, open_hall: Region, browse: Browse) -> None:
    screen = browse("bukittinggi")
    tag = {"If-None-Match": screen.get("/keadaan/utama").response.headers["ETag"]}
    assert screen.get("/keadaan/utama", headers=tag).status == 304
    with at(app, open_hall):
        service.take_ticket(SERVICE, "Siti", None, new_key(), "web")
    assert screen.get("/keadaan/utama", headers=tag).status == 200


def test_other_halls_and_neighbours_are_not_found(
    open_hall: Region, browse: Browse, banyuwangi: Region
) -> None:
    assert browse("bukittinggi").get("/layar/lain").status == 404
    assert browse("bukittinggi").get("/keadaan/lain").status == 404


def test_the_newest_call_nobody_has_answered_stands_large(app: Platform, open_hall: Region) -> None:
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
        with write() as session:
            values = {**asdict(Rule()), "recall_gap_seconds": 0}
            session.add(QueueRule(hall_id=first.hall_id, **values))
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
        assert state() == ("resting", None, "Salat")
        desk.resume(counter, officer)
        desk.pause(counter, officer, "Gangguan sistem")
        assert state() == ("paused", None, "Gangguan sistem")
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


def test_every_call_that_waits_is_said_with_its_units(app: Platform, open_hall: Region) -> None:
    with at(app, open_hall):
        desks = [(counter, seat(counter)) for counter in more_counters(SERVICE, 8)]
        for _person in desks:
            service.take_ticket(SERVICE, "Siti", None, new_key(), "web")
        tickets = [service.call_next(*pair) for pair in desks]
        now = shown()
        # More than the board shows: a burst of calls is said whole.
        assert [call.number for call in now.aloud] == [ticket.label for ticket in tickets if ticket]
        assert [call.id for call in now.aloud] == sorted(call.id for call in now.aloud)
        first = now.aloud[0]
        assert first.said[0][0] == "id/nomor-antrean" and len(first.said) == 1
        assert abs(now.now - first.at) < 60_000
        assert tickets[0]
        service.start(tickets[0].id, desks[0][1])
        assert tickets[0].label not in [call.number for call in shown().aloud]
        with write() as session:
            session.add(HallSound(hall_id=tickets[0].hall_id, speak="both"))
        assert [said[0] for said in shown().aloud[0].said] == ["id/nomor-antrean", "en/queue-number"]


def test_a_zone_has_its_own_board_whatever_it_is_called(
    app: Platform, open_hall: Region, browse: Browse
) -> None:
    with at(app, open_hall):
        here, there = more_counters(SERVICE, 2)
        with write() as session:
            session.get_one(Counter, here).zone = "Keadaan"
            session.get_one(Counter, there).zone = "Lantai 2"
        seats = [(counter, seat(counter)) for counter in (here, there)]
        for _person in seats:
            service.take_ticket(SERVICE, "Siti", None, new_key(), "web")
        one, two = (service.call_next(*pair) for pair in seats)
        assert one and two
    screen = browse("bukittinggi")
    page = screen.get("/layar/utama/keadaan")
    assert page.status == 200 and one.label in page.words() and two.label not in page.words()
    (root,) = [element for element in page.all("div") if element.get("data-board") is not None]
    assert root.get("data-poll") == "/keadaan/utama?zona=keadaan"
    assert (root.get("data-stream") or "").endswith("?zona=keadaan")
    state = screen.get("/keadaan/utama?zona=lantai-2").response.get_json()
    assert state["calling"]["number"] == two.label and len(state["counters"]) == 1
    assert (
        screen.get("/layar/utama/lantai-9").status == screen.get("/keadaan/utama?zona=lantai-9").status == 404
    )
    whole = screen.get("/keadaan/utama").response.get_json()
    assert {whole["calling"]["number"], whole["last"][0]["number"]} == {one.label, two.label}


def test_a_counters_zone_is_set_by_the_admin_and_spelled_one_way(
    app: Platform, open_hall: Region, browse: Browse
) -> None:
    with at(app, open_hall):
        first, second = more_counters(SERVICE, 2)
    admin = browse("bukittinggi", as_="admin")
    assert admin.submit(f"/admin/loket/{first}", f"/loket/{first}", zone=" Lantai 2 ").status == 302
    assert admin.submit(f"/admin/loket/{second}", f"/loket/{second}", zone="lantai  2").status == 302
    assert "huruf atau angka" in admin.submit(f"/admin/loket/{first}", f"/loket/{first}", zone="***").words()
    with at(app, open_hall), read() as session:
        assert {session.get_one(Counter, key).zone for key in (first, second)} == {"Lantai 2"}
    assert "Bagian gedung" in admin.get("/admin/catatan").words()
