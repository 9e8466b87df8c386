"""Why another number was called before mine: for whoever holds the ticket."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from blueprints.tickets import blueprint
from mpp.database.session import read
from tenants.queueing.counted import counted_today
from tenants.queueing.models import Ticket
from tenants.queueing.policies import CODE_LENGTH, clean_code
from tenants.queueing.queries import ticket_view
from tenants.queueing.why import find_number, why_before_me


@blueprint.get("/<code>/mengapa")
def why(code: str) -> ResponseReturnValue:
    """Show the true reason of one call, and how many calls out of order the hall has had today."""
    text = request.args.get("nomor", "")[:12].strip()
    with read() as session:
        ticket = _ticket(session, code)
        other = find_number(session, ticket, text) if text else None
        return render_template(
            "tickets/why.html",
            ticket=ticket,
            text=text,
            other=other,
            answer=why_before_me(session, ticket, other) if other else None,
            counted=counted_today(session, ticket.hall_id),
        )


def _ticket(session: Session, code: str) -> Ticket:
    cleaned = clean_code(code)
    view = ticket_view(session, cleaned) if len(cleaned) == CODE_LENGTH else None
    if view is None:
        abort(404)
    return view.ticket
