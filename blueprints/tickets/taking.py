"""Taking a number: choose a service, say who you are, done."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.tickets import blueprint
from blueprints.tickets.forms import TakeForm
from blueprints.tickets.owner import known_phone
from blueprints.tickets.standing import Standing, resolve, standing
from mpp.accounts.service import AccountError
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.limits import limited
from mpp.web.pages import kept
from tenants.lobby.choices import choice, choices
from tenants.people import acting
from tenants.queueing import service
from tenants.queueing.errors import BadHolderError, BadPhoneError, NotFoundError, QueueError
from tenants.queueing.policies import new_key

# Where a refusal of acting or helping belongs in this form.
FIELDS = {"name": "nama", "reason": "alasan", "consent": "setuju"}


@blueprint.get("/ambil")
def take() -> ResponseReturnValue:
    """Show the services to choose from or, with ?layanan=, the form of one: never kept, it has its own key."""
    slug = request.args.get("layanan", "")
    if slug:
        form = TakeForm(layanan=slug, kunci=new_key(), hp=known_phone())
        return _form(form, 200, standing(form))
    return _choose()


@kept(live=True)
def _choose() -> ResponseReturnValue:
    with read() as session:
        found = choices(session, request.args.get("q", "").strip()[:80], current_region().now())
        return render_template("tickets/choose.html", found=found)


@blueprint.post("/ambil")
@limited("take")
def issue() -> ResponseReturnValue:
    """Give the number, once for each form, and go to its page."""
    form = TakeForm()
    who = standing(form)
    if not form.validate_on_submit():
        return _form(form, 422, who)
    try:
        holder, then = resolve(form, who)
        ticket = service.take_ticket(
            form.layanan.data or "", holder, form.hp.data, form.kunci.data or "", "web",
            priority_class=form.priority_class, profile_id=who.profile_id, then=then,
        )  # fmt: skip
    except NotFoundError:
        abort(404)
    except AccountError as error:
        if who.profile_id is None:
            return _form(form, 409, who, refused=str(error))
        field = form[FIELDS.get(error.field or "", "untuk")]
        field.errors = [str(error)]
    except BadHolderError as error:
        form.nama.errors = [str(error)]
    except BadPhoneError as error:
        form.hp.errors = [str(error)]
    except QueueError as error:
        return _form(form, 409, who, refused=str(error))
    else:
        return redirect(url_for("tickets.show", code=ticket.code), 303)
    return _form(form, 422, who)


def _form(form: TakeForm, code: int, who: Standing, refused: str | None = None) -> ResponseReturnValue:
    with read() as session:
        chosen = choice(session, form.layanan.data or "", current_region().now())
        if chosen is None:
            abort(404)
        if refused:
            # Sent again after a refusal, this is a new wish.
            form.kunci.data = new_key()
        rights = {person.key: acting.words(person) for person in who.people}
        page = render_template(
            "tickets/take.html", form=form, chosen=chosen, refused=refused, who=who, rights=rights
        )
    return page, code
