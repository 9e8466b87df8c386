"""What the officer does. Each act answers a plain form with the console, and a script with its new state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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
    "selesai": lambda ticket, who, key: service.complete(ticket, who, key, _reason()),
    "lanjut": service.go_on,
    "tidak-hadir": service.no_show,
    "lanjutkan": lambda ticket, who, key: service.resume(ticket, who, here=True, key=key),
    "kembali": lambda ticket, who, key: service.resume(ticket, who, key=key),
    "tunda": lambda ticket, who, key: service.hold(ticket, who, _reason(), key),
    "pulihkan": lambda ticket, _who, key: service.reactivate(ticket, _reason(), key),
    "kelas": lambda ticket, who, key: service.reclassify(
        ticket, who, _chosen_class(), key, category=request.form.get("sebab-kelas"), words=_reason()
    ),
    "alihkan": lambda ticket, who, key: service.transfer(
        ticket, who, service=request.form.get("layanan") or None,
        counter_id=request.form.get("tujuan", type=whole), reason=_reason(), key=key,
    ),
}  # fmt: skip


# Where in the form a reason is said.
FIELDS = {"reason": "alasan", "category": "sebab", "class": "kelas", "raised": "sebab-kelas"}
MOVED = "Anda tidak lagi duduk di loket pada layar tadi. Periksa layar ini, lalu tekan lagi bila perlu."
# A word with a dash stands in quotes in an address.
WORDS = ", ".join(f"'{word}'" if "-" in word else word for word in MOVES)


@blueprint.post("/panggil")
def call() -> ResponseReturnValue:
    """Call the next person; sent again with its key it gives the same one."""

    def act() -> str | None:
        seen = request.form.get("sesudah", type=whole)
        ticket = service.call_next(_drawn_for(), officer(), _key(), seen)
        if ticket is None:
            desk.still_here(_drawn_for(), officer())
        return None if ticket else "Tidak ada yang menunggu."

    return _answer(act)


@blueprint.post("/nomor/<int:ticket_id>/panggil")
def call_one(ticket_id: int) -> ResponseReturnValue:
    """Call one person, with a reason when others would come first."""
    category = request.form.get("sebab")
    return _answer(
        lambda: _done(service.call_one(_drawn_for(), officer(), ticket_id, category, _reason(), _key()))
    )


@blueprint.post(f"/nomor/<int:ticket_id>/<any({WORDS}):move>")
def move(ticket_id: int, move: str) -> ResponseReturnValue:
    """Do one of the moves with a ticket."""
    return _answer(lambda: _done(MOVES[move](ticket_id, replace(officer(), at=_drawn_for()), _key())))


@blueprint.post("/bantuan")
def alarm() -> ResponseReturnValue:
    """Ask the hall's staff for help, silently: no word comes back, only a tick on the button.

    It goes from wherever the officer sits now, whatever the screen shows.
    """

    def act() -> None:
        if not alerts.raised(_key()):
            alerts.raise_alert(_own(), officer(), _key())

    return _answer(act)


@blueprint.post("/bantuan/<int:alert_id>/selesai")
def answered(alert_id: int) -> ResponseReturnValue:
    """Say what was done about a call for help."""
    return _answer(lambda: _done(alerts.acknowledge(alert_id, officer(), _reason())))


@blueprint.post("/di-sini")
def here() -> ResponseReturnValue:
    """Keep the counter open although nothing happens there."""
    return _answer(lambda: _done(desk.still_here(_drawn_for(), officer())))


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
    return _answer(lambda: _done(desk.pause(_drawn_for(), officer(), request.form.get("catatan"))))


@blueprint.post("/buka")
def resume() -> ResponseReturnValue:
    """Take people again."""
    return _answer(lambda: _done(desk.resume(_drawn_for(), officer())))


@blueprint.post("/tutup")
def close() -> ResponseReturnValue:
    """Close the counter and stand up."""
    return _answer(lambda: _done(desk.close(_drawn_for(), officer())))


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
        raise NotYourCounterError("Anda belum duduk di loket. Pilih loket Anda dahulu.")
    return counter.id


def _drawn_for() -> int:
    """The counter whose console was on the screen: in another tab the officer may have moved since."""
    counter_id = request.form.get("loket", type=whole)
    if counter_id is None:
        raise NotYourCounterError("Layar loket ini sudah lama. Muat ulang, lalu tekan lagi.")
    return counter_id


def _moved() -> bool:
    """Whether the officer no longer sits where the screen was drawn for."""
    drawn_for = request.form.get("loket", type=whole)
    with read() as session:
        own = own_counter(session, officer())
    return drawn_for is not None and (own is None or own.id != drawn_for)


def _answer(act: Callable[[], str | None], back: str = "counter.console") -> ResponseReturnValue:
    """Do it and say how it went: to a script as JSON, to a form by going back to the console."""
    asked_by_script = request.accept_mimetypes.best == "application/json"
    field, moved = None, False
    try:
        notice = act()
    except NotFoundError:
        abort(404)
    except QueueError as error:
        notice, code, target = str(error), 409, back
        if isinstance(error, NoReasonError):
            field = FIELDS[error.field]
        elif _moved():
            # The screen is another counter's: it is drawn anew.
            moved, notice, target = True, MOVED, "counter.console"
        elif isinstance(error, NotYourCounterError):
            target = "counter.choose"
    else:
        code, target = 200, "counter.console"
    if asked_by_script:
        return jsonify(notice=notice, field=field, moved=moved), code
    if notice:
        flash(notice, "info" if code == 200 else "warning")
    return redirect(url_for(target), 303)
