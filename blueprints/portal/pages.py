"""The home page and the pages about the hall, the agencies and the portal itself."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from blueprints.portal import blueprint
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.pages import kept
from tenants.lobby.counters import counters_now
from tenants.portal import queries
from tenants.portal.home import home_view
from tenants.services.view import service_view
from tenants.waiting.queries import accuracy


@blueprint.get("/")
@kept(live=True)
def home() -> ResponseReturnValue:
    """Show what the region offers and what is going on in its halls now."""
    with read() as session:
        return render_template("portal/home.html", **home_view(session, current_region().now()))


@blueprint.get("/mpp")
@kept(live=True)
def hall() -> ResponseReturnValue:
    """Show the halls: place, hours, facilities, counters with their state."""
    moment = current_region().now()
    with read() as session:
        halls = [(now, counters_now(session, now.hall.id)) for now in queries.halls_now(session, moment)]
        true = accuracy(session, [now.hall.id for now, _counters in halls])
        return render_template("portal/hall.html", moment=moment, halls=halls, accuracy=true)


@blueprint.get("/instansi")
@kept(live=True)
def agencies() -> ResponseReturnValue:
    """List the agencies in the halls."""
    with read() as session:
        found = queries.agencies(session, current_region().now())
        return render_template("portal/agencies.html", agencies=found)


@blueprint.get("/instansi/<slug>")
@kept(live=True)
def agency(slug: str) -> ResponseReturnValue:
    """Show one agency and its services; 404 when it is in no hall here."""
    with read() as session:
        found = queries.agency(session, slug, current_region().now())
        if found is None:
            abort(404)
        views = [service_view(row) for row in found.services]
        return render_template("portal/agency.html", here=found, views=views)


@blueprint.get("/peristiwa/<slug>")
@kept()
def life_event(slug: str) -> ResponseReturnValue:
    """Show the services that something in life needs, in order."""
    with read() as session:
        found = queries.life_event(session, slug)
        if found is None:
            abort(404)
        return render_template("portal/life_event.html", event=found[0], steps=found[1])


@blueprint.get("/privasi")
@kept()
def privacy() -> ResponseReturnValue:
    """Say what the portal keeps about a visitor, and for how long."""
    return render_template("portal/privacy.html")


@blueprint.get("/aksesibilitas")
@kept()
def accessibility() -> ResponseReturnValue:
    """Say how the portal can be used by everybody, and whom to tell when it cannot."""
    return render_template("portal/accessibility.html")


@blueprint.get("/maklumat")
@kept()
def charter() -> ResponseReturnValue:
    """Show the service charter."""
    return render_template("portal/charter.html")


@blueprint.get("/lapor-calo")
@kept()
def report() -> ResponseReturnValue:
    """Say where touts and illegal fees are reported."""
    return render_template("portal/report.html")
