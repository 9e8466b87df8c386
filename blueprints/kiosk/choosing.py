"""From the start to a service: by agency, by a word, by its first letter. What is closed says why, until when."""

from __future__ import annotations

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.kiosk import blueprint
from blueprints.kiosk.place import here, visit_key
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.qr import qr_svg
from tenants.devices.menu import alternatives, menu
from tenants.queueing.models import PriorityClass

LONGEST_QUERY = 80


@blueprint.get("/<hall_slug>/instansi")
def agencies(hall_slug: str) -> ResponseReturnValue:
    """Show the agencies; a kiosk of one agency goes on to its services."""
    place = here(hall_slug)
    with read() as session:
        shown = menu(session, place.hall, place.settings, current_region().now())
        if len(shown.shelves) == 1:
            return render_template("kiosk/agency.html", shelf=shown.shelves[0], only=True)
        return render_template("kiosk/agencies.html", shown=shown)


@blueprint.get("/<hall_slug>/instansi/<slug>")
def agency(hall_slug: str, slug: str) -> ResponseReturnValue:
    """Show the services of an agency."""
    place = here(hall_slug)
    with read() as session:
        shelf = menu(session, place.hall, place.settings, current_region().now()).shelf(slug)
        if shelf is None:
            abort(404)
        return render_template("kiosk/agency.html", shelf=shelf, only=False)


@blueprint.get("/<hall_slug>/cari")
def search(hall_slug: str) -> ResponseReturnValue:
    """Show all services from A to Z, those of one letter, or what a word finds."""
    place = here(hall_slug)
    moment = current_region().now()
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    letter = request.args.get("huruf", "")[:1].upper()
    with read() as session:
        every = menu(session, place.hall, place.settings, moment)
        found = menu(session, place.hall, place.settings, moment, query) if query else None
        items = every.found(found, query) if found else [i for i in every.items if letter in ("", i.letter)]
        return render_template(
            "kiosk/search.html", every=every, found=found, items=items, query=query, letter=letter
        )


@blueprint.get("/<hall_slug>/layanan/<slug>")
def service(hall_slug: str, slug: str) -> ResponseReturnValue:
    """Ask who comes, or say why no number is given now and what to do instead."""
    return service_page(hall_slug, slug, 200)


def service_page(hall_slug: str, slug: str, code: int, refused: str | None = None) -> ResponseReturnValue:
    """Return the page of a service; `refused` says why a number was not given just now."""
    place = here(hall_slug)
    with read() as session:
        shown = menu(session, place.hall, place.settings, current_region().now())
        item = shown.item(slug)
        if item is None:
            abort(404)
        reason = refused or item.refusal
        if reason is None:
            page = render_template(
                "kiosk/who.html", item=item, key=visit_key(slug), classes=[c.value for c in PriorityClass]
            )
        else:
            address = request.host_url.rstrip("/") + url_for("portal.service", slug=slug)
            page = render_template(
                "kiosk/closed.html",
                item=item,
                reason=reason,
                others=alternatives(shown, item),
                qr=qr_svg(address),
            )
    return page, code
