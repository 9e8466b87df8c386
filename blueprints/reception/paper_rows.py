"""The lines of a sheet as they are typed back: what is right is kept, what is wrong stays with its reason."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from flask import request

from mpp.tenancy.region import current_region
from tenants.paper.errors import LineError
from tenants.paper.queries import Letter
from tenants.paper.service import Entered, Line, Outcome
from tenants.queueing.errors import QueueError
from tenants.queueing.models import PriorityClass, Ticket
from tenants.queueing.words import class_words

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
    "number": "layanan", "service": "layanan",
}  # fmt: skip
# How much of one field is read at most.
MOST = 60


class Typed(Protocol):
    """A sheet of either kind."""

    @property
    def letter(self) -> Letter: ...  # noqa: D102  # the services that may stand in its lines

    @property
    def numbers(self) -> range: ...  # noqa: D102  # its lines


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


def rows(found: Typed) -> Iterator[Row]:
    """Yield the lines that were sent, empty ones aside; also of numbers that somebody has typed meanwhile."""
    only = _only(found)
    for number in found.numbers:
        sent = {part: request.form.get(f"{part}-{number}") for part in PARTS}
        row = Row(number, {part: " ".join((text or "").split())[:MOST] for part, text in sent.items()})
        if not row.empty(only):
            yield row


def _only(found: Typed) -> str:
    """The slug of a letter's service when it has just one."""
    return found.letter.services[0][0] if len(found.letter.services) == 1 else ""


def shown(found: Typed, sent: Mapping[int, Row]) -> list[Row]:
    """Return every line of a sheet, those of `sent` as they were typed."""
    only = _only(found)
    return [sent.get(number) or Row(number, {"layanan": only}) for number in found.numbers]


def store(
    row: Row, counters_by_number: Mapping[str, int], enter: Callable[[Line], Entered], *, exact: bool = False
) -> bool:
    """Keep one line by `enter`; return whether it made a ticket. What is wrong with it is noted in the row.

    `exact`: another hour of arrival than the one that stands already is somebody else's line.
    """
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
        entered = enter(line)
    except LineError as error:
        row.error, row.wrong = str(error), FIELDS.get(error.field, error.field)
        return False
    except QueueError as error:
        row.error, row.wrong = str(error), "layanan"
        return False
    if not entered.new and (_differs(entered.ticket, line) or (exact and _came(entered.ticket) != line.came)):
        row.said = "Sudah diketik sebelumnya. Isian yang pertama tetap berlaku."
    return entered.new


def _differs(ticket: Ticket, line: Line) -> bool:
    """Whether what was typed now is not what stands there; a number that waited may have moved on meanwhile."""
    done = "completed" if line.outcome is Outcome.SERVED else line.outcome
    return ticket.service.slug != line.service or (done is not None and ticket.state != done)


def _came(ticket: Ticket) -> dt.time:
    """The hour and minute of arrival, as people write it."""
    return ticket.arrived_at.astimezone(current_region().zone).time().replace(second=0, microsecond=0)


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


def summary(new: int, wrong: int) -> str:
    """Return what became of the lines sent: how many are kept now, how many are wrong."""
    done = f"{new} nomor tersimpan." if new else "Tidak ada nomor baru yang tersimpan."
    return f"{done} {wrong} baris perlu diperbaiki; isinya masih ada di bawah." if wrong else done
