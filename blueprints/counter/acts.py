"""What the officer does. Each act answers a plain form with the console, and a script with its new state."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.counter import blueprint
from blueprints.counter.views import officer
from mpp.database.session import read
from mpp.web.form_data import whole
from tenants.queueing import alerts, desk, service
from tenants.queueing.errors import NoReasonError, NotFoundError, NotYourCounterError, QueueError
from tenants.queueing.policies import Officer
from tenants.queueing.queries import own_counter

# What the form says for somebody who is not a priority person.
NO_CLASS = "biasa"
Move = Callable[[int, Officer, str | None], object]

MOVES: dict[str, Move] = {
    "ulang": service.recall,
    "mulai": service.start,
    "selesai": service.complete,
    "tidak-hadir": service.no_show,
    "lanjutkan": lambda ticket, who, key: service.resume(ticket, who, here=True, key=key),
    "kembali": lambda ticket, who, key: service.resume(ticket, who, key=key),
    "tunda": lambda ticket, who, key: service.hold(ticket, who, _reason(), key),
    "pulihkan": lambda ticket, _who, key: service.reactivate(ticket, _reason(), key),
    "kelas": lambda ticket, who, key: service.reclassify(ticket, who, _chosen_class(), key),
    "alihkan": lambda ticket, who, key: service.transfer(
        ticket, who, service=request.form.get("layanan") or None,
        counter_id=request.form.get("tujuan", type=whole), reason=_reason(), key=key,
    ),
}  # fmt: skip


# Where in the form a reason is said.
FIELDS = {"reason": "alasan", "category": "sebab", "class": "kelas"}
# A word with a dash stands in quotes in an address.
WORDS = ", ".join(f"'{word}'" if "-" in word else word for word in MOVES)


@blueprint.post("/panggil")
def call() -> ResponseReturnValue:
    """Call the next person; sent again with its key it gives the same one."""
    counter_id = _own()

    def act() -> str | None:
        ticket = service.call_next(counter_id, officer(), _key())
        if ticket is None:
            desk.still_here(counter_id, officer())
        return None if ticket else "Tidak ada yang menunggu."

    return _answer(act)


@blueprint.post("/nomor/<int:ticket_id>/panggil")
def call_one(ticket_id: int) -> ResponseReturnValue:
    """Call one person, with a reason when others would come first."""
    counter_id, category = _own(), request.form.get("sebab")
    return _answer(
        lambda: _done(service.call_one(counter_id, officer(), ticket_id, category, _reason(), _key()))
    )


@blueprint.post(f"/nomor/<int:ticket_id>/<any({WORDS}):move>")
def move(ticket_id: int, move: str) -> ResponseReturnValue:
    """Do one of the moves with a ticket."""
    return _answer(lambda: _done(MOVES[move](ticket_id, officer(), _key())))


@blueprint.post("/bantuan")
def alarm() -> ResponseReturnValue:
    """Ask the hall's staff for help, silently: no word comes back, only a tick on the button."""
    counter_id = _own()
    return _answer(lambda: _done(alerts.raise_alert(counter_id, officer(), _key())))


@blueprint.post("/bantuan/<int:alert_id>/selesai")
def answered(alert_id: int) -> ResponseReturnValue:
    """Say what was done about a call for help."""
    return _answer(lambda: _done(alerts.acknowledge(alert_id, officer(), _reason())))


@blueprint.post("/di-sini")
def here() -> ResponseReturnValue:
    """Keep the counter open although nothing happens there."""
    counter_id = _own()
    return _answer(lambda: _done(desk.still_here(counter_id, officer())))


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


def _key() -> str | None:
    """The name of this press: sent again, it happens once."""
    return request.form.get("kunci", "")[:64] or None


def _reason() -> str:
    return request.form.get("alasan", "")


def _chosen_class() -> str | None:
    chosen = request.form.get("kelas", "")
    if not chosen:
        raise NoReasonError("Pilih kelas yang benar, lalu tekan “Ubah kelas”.", "class")
    return None if chosen == NO_CLASS else chosen


def _done(_result: object) -> None:
    """A change needs no words: the console shows it."""


def _own() -> int:
    with read() as session:
        counter = own_counter(session, officer())
    if counter is None:
        abort(409, "Anda belum duduk di loket. Pilih loket Anda dahulu.")
    return counter.id


def _answer(act: Callable[[], str | None], back: str = "counter.console") -> ResponseReturnValue:
    """Do it and say how it went: to a script as JSON, to a form by going back to the console."""
    asked_by_script = request.accept_mimetypes.best == "application/json"
    field = None
    try:
        notice = act()
    except NotFoundError:
        abort(404)
    except NotYourCounterError as error:
        notice, code, target = str(error), 409, "counter.choose"
    except NoReasonError as error:
        notice, code, target, field = str(error), 409, back, FIELDS[error.field]
    except QueueError as error:
        notice, code, target = str(error), 409, back
    else:
        code, target = 200, "counter.console"
    if asked_by_script:
        return jsonify(notice=notice, field=field), code
    if notice:
        flash(notice, "info" if code == 200 else "warning")
    return redirect(url_for(target), 303)
