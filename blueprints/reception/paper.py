"""Paper for a bad day: sheets with numbers that nobody else gets, and typing back what was written on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TypeVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from blueprints.reception import blueprint
from blueprints.reception.paper_rows import CLASSES, OUTCOMES, Row, rows, shown, store, summary
from blueprints.reception.place import here
from blueprints.reception.tickets import ID
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.form_data import wholes
from tenants.hall.queries import counters
from tenants.paper import drawer, service
from tenants.paper.drawer import DrawerSheet
from tenants.paper.queries import Sheet, letters, sheet, sheets
from tenants.paper.service import Entered, Line
from tenants.reception.story import STATES

S = TypeVar("S", Sheet, DrawerSheet)
USUAL = 30
# How many sheets are printed at once.
MOST_SHEETS = 50
MOST_DRAWER, USUAL_DRAWER = 20, 4


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
    return _typing(
        lambda session: _sheet(session, lease_id),
        lambda _found, line: service.enter(lease_id, line),
        url_for("reception.type_back", lease_id=lease_id),
    )


@blueprint.get("/lembar-darurat/k/cetak")
def drawer_to_print() -> ResponseReturnValue:
    """Show ?lembar=… sheets K as paper of A4, for the drawer: each has a code of its own."""
    count = (wholes(request.args, "lembar", 1) or [USUAL_DRAWER])[0]
    with read() as session:
        found = drawer.new_sheets(session, here(session).hall, min(max(count, 1), MOST_DRAWER))
        return render_template("reception/sheet_k.html", sheets=found)


@blueprint.route("/lembar-darurat/k", methods=["GET", "POST"])
def type_back_k() -> ResponseReturnValue:
    """Type back the sheet K with the code ?kode=… that was used on the day ?hari=…."""
    code, day = drawer.clean_sheet_code(request.args.get("kode", "")), _day(request.args.get("hari", ""))
    if code is None or day is None or not drawer.usable(day):
        flash(
            "Isi kode lembar (empat huruf atau angka) dan tanggal dipakai, paling lama tujuh hari lalu.",
            "warning",
        )
        return redirect(url_for("reception.paper", _anchor="lembar-k"), 303)
    return _typing(
        lambda session: drawer.used_sheet(session, here(session).hall, code, day),
        drawer.enter_row,
        url_for("reception.type_back_k", kode=code, hari=day.isoformat()),
        exact=True,
    )


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _typing(
    find: Callable[[Session], S], enter: Callable[[S, Line], Entered], address: str, *, exact: bool = False
) -> ResponseReturnValue:
    """Keep the lines that were sent, and show the sheet with what is still wrong."""
    sent: dict[int, Row] = {}
    code = 200
    if request.method == "POST":
        with read() as session:
            before = find(session)
            at = {str(c.number): c.id for c in counters(before.hall.id)}
        sent = {row.number: row for row in rows(before)}
        new = sum(store(row, at, lambda line: enter(before, line), exact=exact) for row in sent.values())
        wrong = sum(1 for row in sent.values() if row.error)
        flash(summary(new, wrong), "warning" if wrong else "success")
        if not wrong and not any(row.said for row in sent.values()):
            return redirect(address, 303)
        code = 422 if wrong else 200
    with read() as session:
        found = find(session)
        page = render_template(
            "reception/type_back.html", sheet=found, rows=shown(found, sent), classes=CLASSES,
            outcomes=OUTCOMES, states=STATES, address=address,
            counter_options=[(c.number, f"{c.number} {c.name}") for c in counters(found.hall.id)],
        )  # fmt: skip
    return page, code


def _choice(wanted: Mapping[str, str], error: str | None) -> str:
    with read() as session:
        place = here(session)
        return render_template(
            "reception/paper.html", place=place, letters=letters(session, place.hall),
            sheets=sheets(session, place.hall), wanted=wanted, error=error, usual=USUAL,
            least=service.LEAST, most=service.MOST, usual_k=USUAL_DRAWER, most_k=MOST_DRAWER,
            today=current_region().today(), days_back=drawer.DAYS_BACK,
        )  # fmt: skip


def _sheet(session: Session, lease_id: int) -> Sheet:
    found = sheet(session, lease_id)
    if found is None:
        abort(404)
    return found
