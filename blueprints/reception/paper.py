"""Paper for a bad day: sheets with numbers that nobody else gets, and typing back what was written on them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from blueprints.reception import blueprint
from blueprints.reception.place import here
from blueprints.reception.tickets import ID
from mpp.database.session import read
from mpp.web.form_data import wholes
from tenants.hall.queries import counters
from tenants.paper import service
from tenants.paper.errors import LineError
from tenants.paper.queries import Sheet, letters, sheet, sheets
from tenants.paper.service import Line, Outcome
from tenants.queueing.errors import QueueError
from tenants.queueing.models import PriorityClass, Ticket
from tenants.queueing.words import class_words
from tenants.reception.story import STATES

USUAL = 30
# An hour as people write it: 9, 9.05, 09:05, 0905.
CLOCK = re.compile(r"(\d{1,2})(?:[.:,]?(\d{2}))?")
CLASSES = [(c.value, class_words(c)) for c in PriorityClass]
OUTCOMES = [
    (Outcome.SERVED.value, "Dilayani"),
    (Outcome.NO_SHOW.value, "Tidak hadir"),
    (Outcome.CANCELLED.value, "Batal"),
]
# What may stand in a line, by the name of its field.
PARTS = ("datang", "layanan", "nama", "golongan", "hasil", "loket", "mulai", "selesai")
# Which of them a refusal belongs to.
FIELDS = {
    "came": "datang", "outcome": "hasil", "counter": "loket", "began": "mulai", "ended": "selesai",
    "number": "layanan",
}  # fmt: skip
# How much of one field is read at most, and how many sheets are printed at once.
MOST, MOST_SHEETS = 60, 50


@dataclass(slots=True)
class Row:
    """One number on the page: what was typed, and what was wrong with it."""

    number: int
    values: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    wrong: str | None = None
    said: str | None = None

    def empty(self, only: str) -> bool:
        """Whether nothing was typed; the letter's `only` service stands there by itself."""
        return not any(v for part, v in self.values.items() if (part, v) != ("layanan", only))


@blueprint.get("/lembar-darurat")
def paper() -> ResponseReturnValue:
    """Show the letters to print sheets for, and the sheets there are."""
    return _choice({}, None)


@blueprint.post("/lembar-darurat")
def lend() -> ResponseReturnValue:
    """Lend a block of numbers to each letter that was asked for, and show the sheets to print."""
    with read() as session:
        place = here(session)
        known = [letter.prefix for letter in letters(session, place.hall)]
    wanted = {p: request.form.get(f"jumlah-{p}", "").strip()[:4] for p in known}
    wanted = {prefix: text for prefix, text in wanted.items() if text not in {"", "0"}}
    bad = [p for p, t in wanted.items() if not t.isdecimal() or not service.LEAST <= int(t) <= service.MOST]
    if bad or not wanted:
        least, most = service.LEAST, service.MOST
        text = (
            f"Huruf {', '.join(bad)}: tulis {least} sampai {most} nomor." if bad else "Isi jumlah nomornya."
        )
        return _choice(wanted, text), 422
    blocks = [service.lend_block(place.hall.id, prefix, int(text)).id for prefix, text in wanted.items()]
    return redirect(url_for("reception.sheet_to_print", blok=blocks), 303)


@blueprint.get("/lembar-darurat/cetak")
def sheet_to_print() -> ResponseReturnValue:
    """Show the sheets of ?blok=…&blok=… as paper of A4."""
    wanted = wholes(request.args, "blok", MOST_SHEETS)
    with read() as session:
        found = [one for one in (sheet(session, key) for key in wanted) if one is not None]
    if not found or len(found) != len(wanted):
        abort(404)
    return render_template("reception/sheet.html", sheets=found, classes=CLASSES)


@blueprint.route(f"/lembar-darurat/<{ID}:lease_id>", methods=["GET", "POST"])
def type_back(lease_id: int) -> ResponseReturnValue:
    """Type back the numbers of a sheet: what is right is kept, what is wrong stays in its line with the reason."""
    rows: dict[int, Row] = {}
    code = 200
    if request.method == "POST":
        with read() as session:
            before = _sheet(session, lease_id)
            at = {str(c.number): c.id for c in counters(before.lease.hall_id)}
        rows = {row.number: row for row in _rows(before)}
        new = sum(_store(lease_id, row, at) for row in rows.values())
        wrong = sum(1 for row in rows.values() if row.error)
        flash(_summary(new, wrong), "warning" if wrong else "success")
        if not wrong and not any(row.said for row in rows.values()):
            return redirect(url_for("reception.type_back", lease_id=lease_id), 303)
        code = 422 if wrong else 200
    with read() as session:
        found = _sheet(session, lease_id)
        page = render_template(
            "reception/type_back.html", sheet=found, rows=_shown(found, rows), classes=CLASSES,
            outcomes=OUTCOMES, states=STATES,
            counter_options=[(c.number, f"{c.number} {c.name}") for c in counters(found.lease.hall_id)],
        )  # fmt: skip
    return page, code


def _choice(wanted: Mapping[str, str], error: str | None) -> str:
    with read() as session:
        place = here(session)
        return render_template(
            "reception/paper.html", place=place, letters=letters(session, place.hall),
            sheets=sheets(session, place.hall), wanted=wanted, error=error, usual=USUAL,
            least=service.LEAST, most=service.MOST,
        )  # fmt: skip


def _sheet(session: Session, lease_id: int) -> Sheet:
    found = sheet(session, lease_id)
    if found is None:
        abort(404)
    return found


def _rows(found: Sheet) -> Iterator[Row]:
    """The lines that were sent, empty ones aside; also of numbers that somebody has typed meanwhile."""
    only = _only(found)
    for number in found.numbers:
        sent = {part: request.form.get(f"{part}-{number}") for part in PARTS}
        row = Row(number, {part: " ".join((text or "").split())[:MOST] for part, text in sent.items()})
        if not row.empty(only):
            yield row


def _only(found: Sheet) -> str:
    """The slug of a letter's service when it has just one."""
    return found.letter.services[0][0] if len(found.letter.services) == 1 else ""


def _shown(found: Sheet, rows: Mapping[int, Row]) -> list[Row]:
    only = _only(found)
    return [rows.get(number) or Row(number, {"layanan": only}) for number in found.numbers]


def _store(lease_id: int, row: Row, counters_by_number: Mapping[str, int]) -> bool:
    """Keep one line; return whether it made a ticket. What is wrong with it is noted in the row."""
    values = row.values
    try:
        line = Line(
            number=row.number,
            service=_needed(values, "layanan", "Pilih layanannya."),
            came=_time(values, "datang") or _missing("Isi jam datangnya.", "came"),
            holder=values["nama"],
            priority_class=values["golongan"] if values["golongan"] in dict(CLASSES) else None,
            outcome=Outcome(values["hasil"]) if values["hasil"] in dict(OUTCOMES) else None,
            counter_id=_counter(values["loket"], counters_by_number),
            began=_time(values, "mulai"),
            ended=_time(values, "selesai"),
        )
        entered = service.enter(lease_id, line)
    except LineError as error:
        row.error, row.wrong = str(error), FIELDS.get(error.field, error.field)
        return False
    except QueueError as error:
        row.error, row.wrong = str(error), "layanan"
        return False
    if not entered.new and _differs(entered.ticket, line):
        row.said = "Sudah diketik sebelumnya. Isian yang pertama tetap berlaku."
    return entered.new


def _differs(ticket: Ticket, line: Line) -> bool:
    """Whether what was typed now is not what stands there; a number that waited may have moved on meanwhile."""
    done = "completed" if line.outcome is Outcome.SERVED else line.outcome
    return ticket.service.slug != line.service or (done is not None and ticket.state != done)


def _needed(values: Mapping[str, str], part: str, text: str) -> str:
    return values[part] or _missing(text, part)


def _missing(text: str, part: str) -> NoReturn:
    raise LineError(text, part)


def _counter(text: str, counters_by_number: Mapping[str, int]) -> int | None:
    if text and text not in counters_by_number:
        raise LineError("Loket ini tidak ada di gedung ini.", "loket")
    return counters_by_number.get(text)


def _time(values: Mapping[str, str], part: str) -> dt.time | None:
    text = values[part]
    if not text:
        return None
    match = CLOCK.fullmatch(text)
    if match is None or not int(match[1]) < 24 or not int(match[2] or 0) < 60:
        raise LineError(f"Jam “{text}” tidak dikenali. Tulis seperti 9.05.", part)
    return dt.time(int(match[1]), int(match[2] or 0))


def _summary(new: int, wrong: int) -> str:
    done = f"{new} nomor tersimpan." if new else "Tidak ada nomor baru yang tersimpan."
    return f"{done} {wrong} baris perlu diperbaiki; isinya masih ada di bawah." if wrong else done
