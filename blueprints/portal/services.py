"""The list of services with its search, and the page of one service."""

from __future__ import annotations

import zlib

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.portal import blueprint
from mpp.database.session import read
from mpp.i18n import gettext as _
from mpp.tenancy.region import current_region
from mpp.web.pages import kept
from tenants.portal import queries
from tenants.portal.places import places, ticket_offer
from tenants.portal.search import LONGEST_QUERY, search
from tenants.services.queries import enabled_service, enabled_services
from tenants.services.standard import components
from tenants.services.view import CaseView, ServiceView, service_view


@blueprint.get("/layanan", endpoint="services")
@kept()
def service_list() -> ResponseReturnValue:
    """List the services by agency, or those that ?q= finds."""
    query = _query()
    with read() as session:
        rows = enabled_services(session)
        found = search(session, query) if query else None
        return render_template(
            "portal/services.html",
            query=query,
            found=found,
            events=[queries.event_view(event) for event in found.life_events] if found else [],
            results=[service_view(row) for row in found.services] if found else [],
            views=[] if found and not found.empty else [service_view(row) for row in rows],
            wishes=queries.wishes(rows),
        )


@blueprint.get("/layanan/<slug>")
@kept(live=True)
def service(slug: str) -> ResponseReturnValue:
    """Show one service for the case in ?kasus=; 404 when it is not on here."""
    moment = current_region().now()
    with read() as session:
        row = enabled_service(session, slug)
        if row is None:
            abort(404)
        view = service_view(row)
        case = view.case(request.args.get("kasus"))
        here = places(session, row, moment)
        return render_template(
            "portal/service.html",
            moment=moment,
            view=view,
            case=case,
            bring=_bring(view, case),
            fees=view.fees_of(case),
            components=components(view),
            served=here,
            offer=ticket_offer(here, moment),
            waiting=queries.waiting_for(session, row, moment.date()),
            address=request.base_url,
        )


def _query() -> str:
    """What was asked in ?q=, without the signs that no page can show."""
    asked = "".join(sign if sign.isprintable() else " " for sign in request.args.get("q", ""))
    return " ".join(asked.split())[:LONGEST_QUERY]


def _bring(view: ServiceView, case: CaseView | None) -> list[dict[str, str]]:
    """What to bring, each with a key that stays when the list around it changes."""
    items = [(text, "") for text in (case.requirements if case else [])]
    items += [(text, _("Tambahan dari daerah ini")) for text in view.extra_requirements]
    return [{"text": text, "note": note, "key": f"{zlib.crc32(text.encode()):08x}"} for text, note in items]
