"""People waiting now, and a ticket's own page."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.tickets import blueprint
from blueprints.tickets.owner import profile_id
from mpp.database.session import read
from mpp.i18n import gettext as _
from mpp.tenancy.region import current_region
from mpp.web.pages import kept
from mpp.web.qr import qr_svg
from tenants.lobby.choices import lines_now
from tenants.lobby.counters import CounterNow, counters_now
from tenants.queueing import service
from tenants.queueing.counted import counted_today
from tenants.queueing.errors import NotFoundError, QueueError
from tenants.queueing.models import TicketState
from tenants.queueing.policies import CODE_LENGTH, clean_code
from tenants.queueing.queries import TicketView, ticket_view
from tenants.waiting import service as waiting
from tenants.waiting.models import TicketMessage
from tenants.waiting.queries import accuracy
from tenants.waiting.service import Told

SECONDS_FRESH = 8


@blueprint.get("")
@kept(live=True)
def index() -> ResponseReturnValue:
    """Show how many people wait for each service, and the way to a number or to one's own ticket."""
    code = clean_code(request.args.get("kode", ""))
    if len(code) == CODE_LENGTH:
        return redirect(url_for("tickets.show", code=code))
    moment = current_region().now()
    with read() as session:
        found = lines_now(session, moment)
        counted = {hall.now.hall.id: counted_today(session, hall.now.hall.id) for hall in found}
        true = accuracy(session, [hall.now.hall.id for hall in found])
        return render_template(
            "tickets/index.html",
            halls=found,
            moment=moment,
            code=code,
            counted=counted,
            accuracy=true,
        )


@blueprint.get("/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show a ticket to whoever holds its code."""
    view = _ticket(code)
    address = url_for("tickets.show", code=view.ticket.code, _external=False)
    wait, sent = _wait(view)
    return render_template(
        "tickets/show.html",
        view=view,
        desks=_desks(view),
        wait=wait,
        sent=sent,
        moment=current_region().now(),
        qr=qr_svg(request.host_url.rstrip("/") + address),
        seconds=SECONDS_FRESH,
        mine=profile_id(),
    )


@blueprint.get("/<code>/status")
def status(code: str) -> ResponseReturnValue:
    """Return the part of the ticket's page that changes; 304 while it has not."""
    view = _ticket(code)
    wait, sent = _wait(view)
    page = render_template("tickets/_status.html", view=view, desks=_desks(view), wait=wait, sent=sent)
    response = make_response(page)
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


@blueprint.post("/<code>/batal")
def leave(code: str) -> ResponseReturnValue:
    """Give up the place in line."""
    try:
        ticket = service.leave(clean_code(code))
    except NotFoundError:
        abort(404)
    except QueueError as error:
        flash(str(error), "warning")
        return redirect(url_for("tickets.show", code=clean_code(code)), 303)
    flash(_("Nomor %(number)s sudah dibatalkan.", number=ticket.label), "success")
    return redirect(url_for("tickets.show", code=ticket.code), 303)


def _wait(view: TicketView) -> tuple[Told | None, list[TicketMessage]]:
    """What the holder is told about the wait, logged as shown, and what was sent to their phone."""
    if view.past:
        return None, []
    with read() as session:
        what, sent = waiting.told(session, view.ticket), waiting.messages(session, view.ticket.id)
    if what is not None:
        waiting.show(view.ticket, what)
    return what, sent


def _desks(view: TicketView) -> list[CounterNow]:
    """The counters that may call a waiting ticket, as they are now."""
    ticket = view.ticket
    if view.past or ticket.state != TicketState.WAITING:
        return []
    may = [counter for counter in view.counters if ticket.for_counter_id in (None, counter.id)]
    with read() as session:
        return counters_now(session, ticket.hall_id, may)


def _ticket(code: str) -> TicketView:
    with read() as session:
        view = ticket_view(session, clean_code(code))
    if view is None:
        abort(404)
    return view
