"""One ticket at the desk: its story, its paper, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.reception import blueprint
from blueprints.reception.arriving import note_arrival
from blueprints.reception.place import officer
from mpp.database.session import read
from mpp.web.qr import qr_svg
from tenants.devices.printing import printers
from tenants.devices.queries import slip_languages
from tenants.people.acting import represented
from tenants.queueing import service
from tenants.queueing.errors import IllegalMoveError, NotFoundError, QueueError
from tenants.queueing.models import Ticket
from tenants.queueing.policies import new_key
from tenants.queueing.why import find_number, why_before_me
from tenants.reception.story import Story, story
from tenants.waiting import service as waiting
from tenants.waiting.service import Told

ID = "int(max=9007199254740991)"


@blueprint.get(f"/nomor/<{ID}:ticket_id>")
def ticket(ticket_id: int) -> ResponseReturnValue:
    """Show a ticket, what happened to it, and with ?banding= why another number comes before it."""
    text = request.args.get("banding", "")[:12].strip()
    told = story_or_404(ticket_id)
    wait = told_wait(told)
    with read() as session:
        machines = printers(session, told.ticket.hall_id) if told.going else []
        other = find_number(session, told.ticket, text) if text else None
        answer = why_before_me(session, told.ticket, other) if other else None
        stands_in = represented(session, ticket_id)
    return render_template(
        "reception/ticket.html",
        story=told,
        stands_in=stands_in,
        wait=wait,
        text=text,
        other=other,
        answer=answer,
        fresh=request.args.get("baru") == "1",
        qr=qr(told.ticket),
        key=new_key(),
        printers=machines,
        languages=slip_languages(told.ticket.hall_id),
    )


@blueprint.post(f"/nomor/<{ID}:ticket_id>/datang")
def came(ticket_id: int) -> ResponseReturnValue:
    """Note once that the holder is in the hall."""
    found = story_or_404(ticket_id).ticket
    note_arrival(found.hall, found.code)
    return redirect(url_for("reception.ticket", ticket_id=ticket_id), 303)


@blueprint.post(f"/nomor/<{ID}:ticket_id>/<any(pulihkan, kembali, batal):act>")
def act(ticket_id: int, act: str) -> ResponseReturnValue:
    """Put a missed or parked person back into the line, or cancel at their wish."""
    key, reason = request.form.get("kunci", "")[:64] or None, request.form.get("alasan", "")
    acts: dict[str, tuple[Callable[[], Ticket], str]] = {
        "pulihkan": (lambda: service.reactivate(ticket_id, reason, key), "{} kembali ke antrean."),
        "kembali": (lambda: service.resume(ticket_id, officer(), key=key), "{} kembali ke antrean."),
        "batal": (lambda: _cancel(ticket_id, key), "{} dibatalkan."),
    }
    move, done = acts[act]
    try:
        changed = move()
    except NotFoundError:
        abort(404)
    except QueueError as error:
        flash(str(error), "warning")
    else:
        flash(done.format(changed.label), "success")
    return redirect(url_for("reception.ticket", ticket_id=ticket_id), 303)


def _cancel(ticket_id: int, key: str | None) -> Ticket:
    found = story_or_404(ticket_id).ticket
    try:
        return service.leave(found.code, key)
    except IllegalMoveError as error:
        text = f"{found.label} sudah dipanggil atau selesai, jadi tidak bisa dibatalkan dari sini."
        raise IllegalMoveError(text) from error


def story_or_404(ticket_id: int) -> Story:
    """Return a ticket with its story, or end the request with 404."""
    with read() as session:
        found = story(session, ticket_id)
    if found is None:
        abort(404)
    return found


def told_wait(told: Story) -> Told | None:
    """Return what the person is told about the wait, logged as shown."""
    if told.past:
        return None
    with read() as session:
        what = waiting.told(session, told.ticket)
    if what is not None:
        waiting.show(told.ticket, what)
    return what


def ticket_address(found: Ticket) -> str:
    """Return the address of a ticket's own page, as its QR code carries it."""
    return request.host_url.rstrip("/") + url_for("tickets.show", code=found.code, _external=False)


def qr(found: Ticket) -> str:
    """Return the QR code of a ticket's own page, as SVG."""
    return qr_svg(ticket_address(found))
