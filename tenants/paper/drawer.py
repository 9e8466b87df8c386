"""Sheets K: printed once without a date and kept in a drawer, for the day on which nobody has printed numbers.

They borrow nothing. Whoever is written down on one gets a number of ours when the sheet is typed back, and keeps the
place in line of the hour that stands there.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mpp.tenancy.region import current_region
from tenants.hall.models import Hall
from tenants.paper.errors import LineError
from tenants.paper.queries import Letter, letters
from tenants.paper.service import Entered, Line, Origin, enter_line
from tenants.queueing.models import Ticket
from tenants.queueing.policies import CODE_SIGNS
from tenants.queueing.queries import service_names
from tenants.queueing.rule import Rule
from tenants.queueing.rules import current_rule
from tenants.queueing.written import Written

# Two pages of A4.
ROWS = 36
# Two desks may write at once: their sheets differ by this, so that K-1 of one is not K-1 of the other.
CODE_SIZE = 4
# A sheet of last week is no news any more.
DAYS_BACK = 7


@dataclass(frozen=True, slots=True)
class DrawerSheet:
    """A sheet K of a hall; `day` on which it was used, None as long as it lies in the drawer."""

    hall: Hall
    code: str
    day: dt.date | None
    letter: Letter
    typed: dict[int, Ticket]
    names: dict[int, str]
    rule: Rule

    @property
    def numbers(self) -> range:
        """Every row of the sheet."""
        return range(1, ROWS + 1)

    @property
    def left(self) -> int:
        """How many are not typed back."""
        return ROWS - len(self.typed)

    @property
    def past(self) -> bool:
        """Whether its day is over."""
        return self.day is not None and self.day < current_region().today()

    def label(self, number: int) -> str:
        """The row as it stands on paper."""
        return f"K-{number}"


def new_sheets(session: Session, hall: Hall, count: int) -> list[DrawerSheet]:
    """Return `count` sheets to print, each with a code of its own. Nothing is stored."""
    every, rule = _every(session, hall), current_rule(session, hall.id)
    codes = ["".join(secrets.choice(CODE_SIGNS) for _sign in range(CODE_SIZE)) for _sheet in range(count)]
    return [DrawerSheet(hall, code, None, every, {}, {}, rule) for code in codes]


def used_sheet(session: Session, hall: Hall, code: str, day: dt.date) -> DrawerSheet:
    """Return a sheet as it was used on a local day, with what is typed back of it."""
    keys = {key_of(hall.id, day, code, number): number for number in range(1, ROWS + 1)}
    found = session.scalars(
        select(Ticket).where(Ticket.idempotency_key.in_(keys)).options(joinedload(Ticket.counter)),
        execution_options={"populate_existing": True},
    )
    typed = {keys[ticket.idempotency_key]: ticket for ticket in found}
    names = service_names(session, [ticket.service_id for ticket in typed.values()])
    return DrawerSheet(hall, code, day, _every(session, hall), typed, names, current_rule(session, hall.id))


def clean_sheet_code(text: str) -> str | None:
    """Return the code of a sheet as it was typed, None when it can't be one."""
    code = "".join(text.upper().split())
    return code if len(code) == CODE_SIZE and set(code) <= set(CODE_SIGNS) else None


def usable(day: dt.date) -> bool:
    """Return whether a sheet of that local day may be typed back."""
    return dt.timedelta(0) <= current_region().today() - day <= dt.timedelta(days=DAYS_BACK)


def key_of(hall_id: int, day: dt.date, code: str, number: int) -> str:
    """Return the key of a row: whoever types it, and however often, it is one ticket."""
    return f"lembar-k-{hall_id}-{day:%Y%m%d}-{code}-{number:03d}"


def enter_row(sheet: DrawerSheet, line: Line) -> Entered:
    """Make the ticket of a row, with what became of it, once; who waits joins the line by the hour of arrival.

    Raises LineError, BadHolderError, NotFoundError, NotOfferedError; then nothing was stored.
    """
    if sheet.day is None or not usable(sheet.day):
        raise LineError("Pilih hari ini, atau salah satu dari tujuh hari terakhir.", "came")
    if line.service not in {slug for slug, _name in sheet.letter.services}:
        raise LineError("Layanan ini tidak ada di gedung ini.", "service")
    day, label = sheet.day, f"{sheet.label(line.number)} {sheet.code}"
    origin = Origin(sheet.hall.id, day, sheet.numbers, label, None)
    key = key_of(sheet.hall.id, day, sheet.code, line.number)
    return enter_line(origin, line, key, lambda came: {"written": Written(day, came, label)})


def _every(session: Session, hall: Hall) -> Letter:
    """All services of a hall: a sheet K is of no letter."""
    found = letters(session, hall)
    services = sorted(
        {pair for letter in found for pair in letter.services}, key=lambda pair: pair[1].lower()
    )
    return Letter("K", [], services)
