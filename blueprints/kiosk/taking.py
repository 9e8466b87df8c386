"""Giving the number: once for each visit and service, printed once, shown large."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.kiosk import blueprint
from blueprints.kiosk.choosing import service_page
from blueprints.kiosk.place import Place, here
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.limits import limited
from mpp.web.qr import qr_svg
from tenants.devices import printing
from tenants.devices.menu import menu
from tenants.devices.settings import Printing
from tenants.queueing.errors import NotFoundError, QueueError
from tenants.queueing.models import PriorityClass, Ticket
from tenants.queueing.policies import VISITOR, clean_code
from tenants.queueing.queries import TicketView, ticket_view
from tenants.queueing.service import take_ticket
from tenants.waiting import service as waiting

# A number page that is found later, in a browser that was started anew, prints nothing.
PRINTED_WITHIN = printing.PATIENCE


@blueprint.post("/<hall_slug>/nomor")
@limited("kiosk number")
def issue(hall_slug: str) -> ResponseReturnValue:
    """Give the number, promise its slip, and go to its page."""
    place = here(hall_slug)
    slug, kind = request.form.get("layanan", ""), request.form.get("kelas", "")
    key = request.form.get("kunci", "")
    if kind and kind not in set(PriorityClass):
        abort(404)
    with read() as session:
        item = menu(session, place.hall, place.settings, current_region().now()).item(slug)
    if item is None:
        abort(404)
    if item.choice.offer.available and item.refusal:
        return service_page(hall_slug, slug, 409)
    try:
        ticket = take_ticket(
            slug, VISITOR, None, key, "kiosk", priority_class=kind or None, hall_id=place.hall.id
        )
    except NotFoundError:
        abort(404)
    except QueueError as error:
        return service_page(hall_slug, slug, 409, str(error))
    printing.print_ticket(place.device, ticket, key, _address(ticket))
    return redirect(url_for("kiosk.number", hall_slug=hall_slug, code=ticket.code), 303)


@blueprint.get("/<hall_slug>/nomor/<code>")
def number(hall_slug: str, code: str) -> ResponseReturnValue:
    """Show the number, large, with what its holder may count on."""
    place = here(hall_slug)
    with read() as session:
        view = ticket_view(session, clean_code(code))
        if view is None or view.ticket.hall_id != place.hall.id:
            abort(404)
        wait = waiting.told(session, view.ticket)
    if wait is not None:
        waiting.show(view.ticket, wait)
    return render_template(
        "kiosk/number.html",
        view=view,
        wait=wait,
        qr=qr_svg(_address(view.ticket)),
        prints=_prints(place, view),
    )


def _prints(place: Place, view: TicketView) -> bool:
    """Whether this browser prints it: only a fresh number of a kiosk, however often the page is loaded."""
    ticket = view.ticket
    fresh = current_region().now() - ticket.issued_at < PRINTED_WITHIN
    return place.settings.printing is Printing.BROWSER and ticket.channel == "kiosk" and fresh


def _address(ticket: Ticket) -> str:
    return request.host_url.rstrip("/") + url_for("tickets.show", code=ticket.code)
