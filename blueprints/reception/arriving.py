"""Whoever took a number on a phone is here: by the number, the code, or the QR code that is scanned at the desk."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.reception import blueprint
from blueprints.reception.place import here
from mpp.database.session import read
from mpp.i18n import clock
from tenants.devices.check_in import IN_HALL, LONGEST, Found, check_in
from tenants.hall.models import Hall
from tenants.queueing.models import TicketState
from tenants.reception.story import STATES


@blueprint.post("/datang")
def arrived() -> ResponseReturnValue:
    """Note the arrival once, and show where the number stands."""
    with read() as session:
        hall = here(session).hall
    text = request.form.get("nomor", "").strip()[:LONGEST]
    found = note_arrival(hall, text)
    if found is None or not found.here:
        return redirect(url_for("reception.desk"), 303)
    return redirect(url_for("reception.ticket", ticket_id=found.view.ticket.id), 303)


def note_arrival(hall: Hall, text: str) -> Found | None:
    """Note that the holder of a number has come to `hall`, and say what became of it. None when there is none."""
    found = check_in(hall, text) if text else None
    done = found is not None and (found.since is not None or _came_before(found))
    flash(_words(text, found), "success" if done else "warning")
    return found


def _came_before(found: Found) -> bool:
    ticket = found.view.ticket
    return (
        ticket.state == TicketState.WAITING
        and found.here
        and not found.view.past
        and ticket.channel in IN_HALL
    )


def _words(text: str, found: Found | None) -> str:
    if found is None:
        return (
            f"Nomor “{text[:40]}” tidak ditemukan hari ini."
            if text
            else "Ketik nomornya, atau pindai QR-nya."
        )
    ticket = found.view.ticket
    if not found.here:
        return f"{ticket.label} adalah nomor {ticket.hall.name}, bukan gedung ini."
    if found.view.past:
        return f"{ticket.label} adalah nomor hari lain dan sudah tidak berlaku."
    if found.since is not None:
        return f"{ticket.label} sudah datang, tercatat pukul {clock(found.since)}."
    if _came_before(found):
        return f"{ticket.label} diambil di gedung ini, jadi orangnya sudah datang."
    return f"{ticket.label} tidak sedang menunggu: {STATES[TicketState(ticket.state)][1].lower()}."
