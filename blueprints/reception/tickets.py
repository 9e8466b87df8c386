"""One ticket at the desk: its story, its paper, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.reception import blueprint
from blueprints.reception.place import officer
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.qr import qr_svg
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
SIZES = ("80", "a6")


@blueprint.get(f"/nomor/<{ID}:ticket_id>")
def ticket(ticket_id: int) -> ResponseReturnValue:
    """Show a ticket, what happened to it, and with ?banding= why another number comes before it."""
    text = request.args.get("banding", "")[:12].strip()
    told = _story(ticket_id)
    wait = _wait(told)
    with read() as session:
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
        qr=_qr(told.ticket),
        key=new_key(),
    )


@blueprint.get(f"/nomor/<{ID}:ticket_id>/cetak")
def slip(ticket_id: int) -> ResponseReturnValue:
    """Show the ticket as paper: a slip of 80 mm, or with ?ukuran=a6 in large type."""
    told = _story(ticket_id)
    size = request.args.get("ukuran", SIZES[0])
    return render_template(
        "reception/slip.html",
        story=told,
        wait=_wait(told),
        size=size if size in SIZES else SIZES[0],
        qr=_qr(told.ticket),
        moment=current_region().now(),
    )


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
    found = _story(ticket_id).ticket
    try:
        return service.leave(found.code, key)
    except IllegalMoveError as error:
        text = f"{found.label} sudah dipanggil atau selesai, jadi tidak bisa dibatalkan dari sini."
        raise IllegalMoveError(text) from error


def _story(ticket_id: int) -> Story:
    with read() as session:
        found = story(session, ticket_id)
    if found is None:
        abort(404)
    return found


def _wait(told: Story) -> Told | None:
    """What the person is told about the wait, logged as shown."""
    if told.past:
        return None
    with read() as session:
        what = waiting.told(session, told.ticket)
    if what is not None:
        waiting.show(told.ticket, what)
    return what


def _qr(found: Ticket) -> str:
    address = url_for("tickets.show", code=found.code, _external=False)
    return qr_svg(request.host_url.rstrip("/") + address)
