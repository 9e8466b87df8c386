"""Checking in: whoever has a number already says so, and sees where they stand."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.kiosk import blueprint
from blueprints.kiosk.place import Place, here
from mpp.database.session import read
from mpp.i18n import gettext as _
from mpp.web.limits import limited
from tenants.devices.check_in import LONGEST, check_in
from tenants.hall.queries import counters
from tenants.waiting import service as waiting

# What is longer was scanned, and is no use to be shown again.
LONGEST_NUMBER = 16


@blueprint.get("/<hall_slug>/punya")
def has_number(hall_slug: str) -> ResponseReturnValue:
    """Ask for the number; a scanner types the code itself."""
    return _ask(here(hall_slug), 200)


@blueprint.post("/<hall_slug>/punya")
@limited("kiosk check-in")
def arrive(hall_slug: str) -> ResponseReturnValue:
    """Note the arrival once, and show where the number stands."""
    place = here(hall_slug)
    text = request.form.get("nomor", "").strip()[:LONGEST]
    if not text:
        return _ask(place, 422, _("Ketik nomor Anda, atau pindai kodenya."))
    found = check_in(place.hall, text)
    if found is None:
        if len(text) > LONGEST_NUMBER:
            return _ask(place, 422, _("Kode itu tidak ditemukan. Periksa lagi."))
        return _ask(
            place, 422, _("Nomor %(number)s tidak ditemukan hari ini. Periksa lagi.", number=text), text
        )
    ticket = found.view.ticket
    with read() as session:
        wait = waiting.told(session, ticket) if found.here and not found.view.past else None
    if wait is not None:
        waiting.show(ticket, wait)
    return render_template("kiosk/standing.html", found=found, view=found.view, wait=wait)


def _ask(place: Place, code: int, refused: str | None = None, text: str = "") -> ResponseReturnValue:
    letters = sorted({counter.prefix for counter in counters(place.hall.id)})
    return render_template("kiosk/has_number.html", refused=refused, text=text, letters=letters), code
