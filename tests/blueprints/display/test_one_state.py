"""A counter's state is one: what the display says of it, the portal and the phone say too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, Hall
from tenants.lobby.board import board
from tenants.queueing import desk, service
from tenants.queueing.models import Ticket
from tenants.queueing.policies import new_key
from tests.support.client import Browser
from tests.support.hall import at, more_counters, seat

Browse = Callable[..., Browser]
SERVICE = "ktp-el-baru"


def states() -> list[str]:
    with read() as session:
        return [counter.state for counter in board(session, session.query(Hall).one()).counters]


def only_counter() -> tuple[int, int]:
    """Id and number of the first counter of the service; all of the hall are closed."""
    with write() as session:
        session.query(Counter).update({"state": "closed", "officer_id": None})
        (counter,) = more_counters(SERVICE, 1)
        return counter, session.get_one(Counter, counter).number


def leave(counter_id: int) -> None:
    """Let the officer of a counter do nothing for a quarter of an hour."""
    with write() as session:
        counter = session.get_one(Counter, counter_id)
        counter.officer_since = counter.active_at = dt.datetime.now(tz=dt.UTC) - dt.timedelta(minutes=15)


def test_an_officer_who_is_away_is_away_on_every_screen(
    app: Platform, open_hall: Region, browse: Browse
) -> None:
    visitor = browse("bukittinggi")
    with at(app, open_hall):
        counter, number = only_counter()
        officer = seat(counter)
        ticket = service.take_ticket(SERVICE, "Siti", None, new_key(), "web")
        leave(counter)
        assert "absent" in states()
    board_page = visitor.get("/layar/utama").words()
    assert f"Petugas tidak di tempat: loket {number}" in board_page and "kosong" not in board_page
    status = visitor.get(f"/antrean/{ticket.code}/status")
    assert f"Petugas tidak di tempat: loket {number}." in status.words()
    whole = visitor.get(f"/antrean/{ticket.code}").words()
    assert "Petugas tidak di tempat" in whole, whole[200:900]
    row = next(row for row in visitor.get("/mpp").all("tr") if f"Loket {number} ·" in "".join(row.itertext()))
    assert "Petugas tidak di tempat" in "".join(row.itertext()) and "Buka" not in "".join(row.itertext())
    # The officer is back, and the phone is told so at its next look.
    with at(app, open_hall):
        desk.pause(counter, officer, "Salat")
    paused = visitor.get(f"/antrean/{ticket.code}/status")
    assert f"Sedang jeda: loket {number}." in paused.words() and "tidak di tempat" not in paused.words()
    assert paused.response.headers["ETag"] != status.response.headers["ETag"]
    (line,) = [
        element for element in visitor.get("/layar/utama").all("p") if element.get("data-nobody") is not None
    ]
    assert line.get("hidden") is not None


def test_an_open_counter_without_an_officer_is_not_open_to_citizens(
    app: Platform, open_hall: Region, browse: Browse
) -> None:
    with at(app, open_hall):
        counter, number = only_counter()
        ticket = service.take_ticket(SERVICE, "Siti", None, new_key(), "web")
    visitor = browse("bukittinggi")
    assert (
        "Belum ada loket yang buka untuk layanan ini."
        in visitor.get(f"/antrean/{ticket.code}/status").words()
    )
    with at(app, open_hall), write() as session:
        session.get_one(Counter, counter).state = "open"
    assert f"loket {number}" in visitor.get("/layar/utama").words()
    row = next(row for row in visitor.get("/mpp").all("tr") if f"Loket {number} ·" in "".join(row.itertext()))
    assert "Petugas tidak di tempat" in "".join(row.itertext())
    # To those who wait for another counter by name, this one says nothing.
    with at(app, open_hall):
        (other,) = [found for found in more_counters(SERVICE, 2) if found != counter]
        with write() as session:
            session.get_one(Ticket, ticket.id).for_counter_id = other
    assert "tidak di tempat" not in visitor.get(f"/antrean/{ticket.code}/status").words()
