"""What the officer sees."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.counter import blueprint
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.flask import platform_app
from mpp.web.form_data import whole
from mpp.web.headers import stream_address
from tenants.queueing.console import console as console_of
from tenants.queueing.console import targets
from tenants.queueing.exceptions import OutOfOrder, Raised, category_words, raised_words
from tenants.queueing.models import PriorityClass
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.queries import counters_for, own_counter
from tenants.queueing.why import find_in_hall, why_before_me
from tenants.queueing.words import class_words

# Without the event stream the console looks by itself this often.
SECONDS_FRESH = 5


def officer() -> Officer:
    """Return who is signed in, as the queue knows them."""
    return Officer(current_user.id, current_user.is_admin)


@blueprint.get("")
def console() -> ResponseReturnValue:
    """Show the console of the counter the officer sits at; without one, the choice of a counter."""
    with read() as session:
        counter = own_counter(session, officer())
        if counter is None:
            return redirect(url_for("counter.choose"))
        services, counters = targets(session, counter.hall)
        return render_template(
            "counter/console.html",
            view=console_of(session, counter),
            services=services,
            counters=counters,
            categories=[(category.value, category_words(category)) for category in OutOfOrder],
            raised=[(category.value, raised_words(category)) for category in Raised],
            classes=[(kind.value, class_words(kind)) for kind in PriorityClass],
            key=new_key(),
            moment=current_region().now(),
            seconds=SECONDS_FRESH,
            stream=stream_address(platform_app().settings, request.host, f"/events/hall/{counter.hall_id}"),
        )


@blueprint.get("/isi")
def body() -> ResponseReturnValue:
    """Return the console's changing part; 304 while it has not changed. 410 once the counter is not theirs.

    `loket` is the counter that the page around it was drawn for.
    """
    with read() as session:
        counter = own_counter(session, officer())
        if counter is None or request.args.get("loket", counter.id, whole) != counter.id:
            return "", 410
        page = render_template("counter/_body.html", view=console_of(session, counter), key="")
    response = make_response(page)
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


@blueprint.get("/pilih")
def choose() -> ResponseReturnValue:
    """Show the counters at which the officer may sit."""
    with read() as session:
        who = officer()
        return render_template(
            "counter/choose.html",
            counters=counters_for(session, who),
            mine=own_counter(session, who),
            who=who,
        )


@blueprint.get("/mengapa")
def why() -> ResponseReturnValue:
    """Show why one number was called before another, with the officer's own words for the person asking."""
    asked = {name: request.args.get(name, "")[:12].strip() for name in ("nomor", "dari")}
    with read() as session:
        counter = own_counter(session, officer())
        if counter is None:
            return redirect(url_for("counter.choose"))
        first, second = (find_in_hall(session, counter.hall_id, asked[name]) for name in ("nomor", "dari"))
        answer = why_before_me(session, second, first) if first and second else None
    return render_template("counter/why.html", asked=asked, first=first, second=second, answer=answer)
