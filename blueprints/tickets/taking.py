"""Taking a number: choose a service, say who you are, done."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.tickets import blueprint
from blueprints.tickets.forms import TakeForm
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.kernel import limiter
from mpp.web.pages import kept
from tenants.lobby.choices import choice, choices
from tenants.queueing import service
from tenants.queueing.errors import BadHolderError, BadPhoneError, NotFoundError, QueueError
from tenants.queueing.policies import new_key

# A school sends a whole class through one address: 40 pupils and their teachers within minutes.
RATE = "60 per minute; 400 per hour"


@blueprint.get("/ambil")
def take() -> ResponseReturnValue:
    """Show the services to choose from or, with ?layanan=, the form of one: never kept, it has its own key."""
    slug = request.args.get("layanan", "")
    if slug:
        return _form(TakeForm(layanan=slug, kunci=new_key()), 200)
    return _choose()


@kept(live=True)
def _choose() -> ResponseReturnValue:
    with read() as session:
        found = choices(session, request.args.get("q", "").strip()[:80], current_region().now())
        return render_template("tickets/choose.html", found=found)


@blueprint.post("/ambil")
@limiter.limit(RATE)
def issue() -> ResponseReturnValue:
    """Give the number, once for each form, and go to its page."""
    form = TakeForm()
    if not form.validate_on_submit():
        return _form(form, 422)
    try:
        ticket = service.take_ticket(
            form.layanan.data or "", form.nama.data or "", form.hp.data, form.kunci.data or "", "web",
            priority_class=form.priority_class,
        )  # fmt: skip
    except NotFoundError:
        abort(404)
    except BadHolderError as error:
        form.nama.errors = [str(error)]
    except BadPhoneError as error:
        form.hp.errors = [str(error)]
    except QueueError as error:
        return _form(form, 409, refused=str(error))
    else:
        return redirect(url_for("tickets.show", code=ticket.code), 303)
    return _form(form, 422)


def _form(form: TakeForm, code: int, refused: str | None = None) -> ResponseReturnValue:
    with read() as session:
        chosen = choice(session, form.layanan.data or "", current_region().now())
        if chosen is None:
            abort(404)
        if refused:
            # Sent again after a refusal, this is a new wish.
            form.kunci.data = new_key()
        page = render_template("tickets/take.html", form=form, chosen=chosen, refused=refused)
    return page, code
