"""The telephone number behind a ticket; whole only as the answer to a form that says what for."""

from __future__ import annotations

from flask import abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.contact import blueprint
from mpp.accounts.permissions import Action, may
from mpp.crypto.disclosure import WHY_WORDS, NoPurposeError
from mpp.database.session import read
from tenants.queueing.contact import Contact, contact, show_phone
from tenants.queueing.errors import NotFoundError
from tenants.queueing.policies import Officer

ID = "int(max=9007199254740991)"


@blueprint.get(f"/<{ID}:ticket_id>/hp")
def phone(ticket_id: int) -> ResponseReturnValue:
    """Show the covered number and ask what it is needed for."""
    return _asking(ticket_id)


@blueprint.post(f"/<{ID}:ticket_id>/hp")
def reveal(ticket_id: int) -> ResponseReturnValue:
    """Show the number once, as the answer to this form; it is in no address and no cache."""
    try:
        return _page(show_phone(ticket_id, _counter_only(), request.form.get("untuk", "")))
    except NoPurposeError as error:
        return _asking(ticket_id, str(error))
    except NotFoundError as error:
        abort(404, str(error))


def _counter_only() -> Officer | None:
    """The officer whose own counter must have called the ticket; None for the desk, where anybody may ask."""
    if may(current_user, Action.RECEIVE):
        return None
    return Officer(current_user.id, current_user.is_admin)


def _asking(ticket_id: int, error: str | None = None) -> ResponseReturnValue:
    with read() as session:
        try:
            return _page(contact(session, ticket_id, _counter_only()), error)
        except NotFoundError as missing:
            abort(404, str(missing))


def _page(found: Contact, error: str | None = None) -> ResponseReturnValue:
    desk = _counter_only() is None
    back = url_for("reception.ticket", ticket_id=found.ticket.id) if desk else url_for("counter.console")
    page = render_template(
        "contact/phone.html", found=found, why=WHY_WORDS, error=error, back=back,
        nav_current="reception.desk" if desk else "counter.console",
    )  # fmt: skip
    response = make_response(page)
    response.status_code = 422 if error else 200
    return response
