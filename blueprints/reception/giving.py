"""Giving a number to somebody who stands at the desk."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.reception import blueprint
from blueprints.reception.forms import FURTHER, GiveForm
from blueprints.reception.place import here
from mpp.database.session import read
from mpp.tenancy.region import current_region
from tenants.lobby.choices import choice
from tenants.people import helping
from tenants.people.helping import HelpingError
from tenants.queueing import service
from tenants.queueing.errors import BadHolderError, BadPhoneError, NotFoundError, QueueError
from tenants.queueing.policies import LONGEST_HOLDER, NO_NAME, new_key
from tenants.queueing.representing import in_help, without_phone
from tenants.reception.queries import offered


@blueprint.get("/beri")
def give() -> ResponseReturnValue:
    """Show the form for one service, with a key of its own; or why there is no number for it now."""
    slug = request.args.get("layanan", "")
    if not slug:
        return redirect(url_for("reception.desk"))
    form = GiveForm(layanan=slug, kunci=new_key())
    with read() as session:
        going = helping.current(session, browser.get(helping.KEY), current_user.id)
    form.nama.data = (going.name or "")[:LONGEST_HOLDER] if going else None
    return _form(form, 200)


@blueprint.post("/beri")
def given() -> ResponseReturnValue:
    """Give the number, once for each form, and show its ticket."""
    form = GiveForm()
    _further(form)
    with read() as session:
        hall_id = here(session).hall.id
        going = helping.current(session, browser.get(helping.KEY), current_user.id)
    alone = bool((form.hp.data or "").strip())
    then = in_help(going) if going else None if alone else without_phone(current_user.id)
    if not form.validate_on_submit():
        return _form(form, 422)
    try:
        ticket = service.take_ticket(
            form.layanan.data or "", (form.nama.data or "").strip() or NO_NAME, form.hp.data, form.kunci.data or "",
            "reception", priority_class=form.priority_class, more=form.further, hall_id=hall_id, then=then,
        )  # fmt: skip
    except NotFoundError:
        abort(404)
    except BadHolderError as error:
        form.nama.errors = [str(error)]
    except BadPhoneError as error:
        form.hp.errors = [str(error)]
    except (QueueError, HelpingError) as error:
        return _form(form, 409, refused=str(error))
    else:
        return redirect(url_for("reception.ticket", ticket_id=ticket.id, baru=1), 303)
    return _form(form, 422)


def _further(form: GiveForm) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the services (slug, name) that a visit may go on with, by agency; what is not among them is dropped."""
    with read() as session:
        found = offered(session, here(session).hall, "", current_region().now())
    groups = [
        (agency, [(c.slug, c.name) for c in group if c.slug != form.layanan.data])
        for agency, group in found.groups
    ]
    known = {slug for _agency, group in groups for slug, _name in group}
    for name in FURTHER:
        if form[name].data not in known:
            form[name].data = ""
    return [(agency, group) for agency, group in groups if group]


def _form(form: GiveForm, code: int, refused: str | None = None) -> ResponseReturnValue:
    groups = _further(form)
    with read() as session:
        chosen = choice(session, form.layanan.data or "", current_region().now(), here(session).hall)
        if chosen is None:
            abort(404)
        if refused:
            # Sent again after a refusal, this is a new wish.
            form.kunci.data = new_key()
        page = render_template(
            "reception/give.html", form=form, chosen=chosen, refused=refused, groups=groups, further=FURTHER
        )
    return page, code
