"""What the officer does. Each act answers a plain form with the console, and a script with its new state."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.counter import blueprint
from blueprints.counter.views import officer
from mpp.database.session import read
from tenants.queueing import desk, service
from tenants.queueing.errors import NotFoundError, NotYourCounterError, QueueError
from tenants.queueing.models import Ticket
from tenants.queueing.policies import Officer
from tenants.queueing.queries import own_counter

MOVES: dict[str, Callable[[int, Officer], Ticket]] = {
    "ulang": service.recall,
    "mulai": service.start,
    "selesai": service.complete,
    "tidak-hadir": service.no_show,
}


@blueprint.post("/panggil")
def call() -> ResponseReturnValue:
    """Call the next person; sent again with its key it gives the same one."""
    counter_id = _own()

    def act() -> str | None:
        ticket = service.call_next(counter_id, officer(), request.form.get("kunci", "")[:64] or None)
        return None if ticket else "Tidak ada yang menunggu."

    return _answer(act)


@blueprint.post("/nomor/<int:ticket_id>/<any(ulang, mulai, selesai, 'tidak-hadir'):move>")
def move(ticket_id: int, move: str) -> ResponseReturnValue:
    """Recall, start, complete or note a no-show of the ticket at this counter."""

    def act() -> None:
        MOVES[move](ticket_id, officer())

    return _answer(act)


@blueprint.post("/<int:counter_id>/duduk")
def sit(counter_id: int) -> ResponseReturnValue:
    """Sit down at a counter; with `ambil_alih` also where a colleague sits."""
    return _answer(
        lambda: _done(desk.sit(counter_id, officer(), take_over=request.form.get("ambil_alih") == "1")),
        back="counter.choose",
    )


@blueprint.post("/jeda")
def pause() -> ResponseReturnValue:
    """Take nobody new for a while."""
    counter_id = _own()
    return _answer(lambda: _done(desk.pause(counter_id, officer(), request.form.get("catatan"))))


@blueprint.post("/buka")
def resume() -> ResponseReturnValue:
    """Take people again."""
    counter_id = _own()
    return _answer(lambda: _done(desk.resume(counter_id, officer())))


@blueprint.post("/tutup")
def close() -> ResponseReturnValue:
    """Close the counter and stand up."""
    counter_id = _own()
    return _answer(lambda: _done(desk.close(counter_id, officer())))


def _done(_counter: object) -> None:
    """A change of the counter needs no words: the console shows it."""


def _own() -> int:
    with read() as session:
        counter = own_counter(session, officer())
    if counter is None:
        abort(409, "Anda belum duduk di loket. Pilih loket Anda dahulu.")
    return counter.id


def _answer(act: Callable[[], str | None], back: str = "counter.console") -> ResponseReturnValue:
    """Do it and say how it went: to a script as JSON, to a form by going back to the console."""
    asked_by_script = request.accept_mimetypes.best == "application/json"
    try:
        notice = act()
    except NotFoundError:
        abort(404)
    except NotYourCounterError as error:
        notice, code, target = str(error), 409, "counter.choose"
    except QueueError as error:
        notice, code, target = str(error), 409, back
    else:
        code, target = 200, "counter.console"
    if asked_by_script:
        return jsonify(notice=notice), code
    if notice:
        flash(notice, "info" if code == 200 else "warning")
    return redirect(url_for(target), 303)
