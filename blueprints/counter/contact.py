"""The telephone number of the person at the counter: covered; whole only as the answer to a form that says what for."""

from __future__ import annotations

from flask import abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.counter import blueprint
from blueprints.counter.views import officer
from mpp.crypto.disclosure import WHY_WORDS, NoPurposeError
from mpp.database.session import read
from tenants.queueing.contact import Contact, contact, show_phone
from tenants.queueing.errors import NotFoundError


@blueprint.get("/nomor/<int:ticket_id>/hp")
def phone(ticket_id: int) -> ResponseReturnValue:
    """Show the covered number and ask what it is needed for."""
    return _asking(ticket_id)


@blueprint.post("/nomor/<int:ticket_id>/hp")
def reveal(ticket_id: int) -> ResponseReturnValue:
    """Show the number once, as the answer to this form; it is in no address and no cache."""
    try:
        return _page(show_phone(ticket_id, officer(), request.form.get("untuk", "")))
    except NoPurposeError as error:
        return _asking(ticket_id, str(error))
    except NotFoundError as error:
        abort(404, str(error))


def _asking(ticket_id: int, error: str | None = None) -> ResponseReturnValue:
    with read() as session:
        try:
            return _page(contact(session, ticket_id, officer()), error)
        except NotFoundError as missing:
            abort(404, str(missing))


def _page(found: Contact, error: str | None = None) -> ResponseReturnValue:
    page = render_template("counter/phone.html", found=found, why=WHY_WORDS, error=error)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.status_code = 422 if error else 200
    return response
