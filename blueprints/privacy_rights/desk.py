"""The admin's desk: what people ask about their data, with the clock of the law, and the decision."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.privacy_rights import blueprint
from blueprints.privacy_rights.forms import DecideForm
from mpp.crypto.masks import mask_phone
from mpp.database.session import read
from mpp.tenancy.region import current_region
from tenants.privacy import requests
from tenants.privacy.errors import BadWishError, DecidedError
from tenants.privacy.models import RequestState
from tenants.privacy.words import FIELD_WORDS, STATE_KINDS, STATE_WORDS

WORDS = {"field_words": FIELD_WORDS, "state_words": STATE_WORDS, "state_kinds": STATE_KINDS}


@blueprint.get("/admin/hak-data")
def desk() -> ResponseReturnValue:
    """List what waits, most urgent first, and what was decided lately."""
    with read() as session:
        return render_template(
            "privacy_rights/desk.html", waiting=requests.waiting(session), decided=requests.decided(session),
            now=current_region().now(), **WORDS,
        )  # fmt: skip


@blueprint.route("/admin/hak-data/<int(max=9223372036854775807):request_id>", methods=["GET", "POST"])
def decide(request_id: int) -> ResponseReturnValue:
    """Show one wish, and take the decision."""
    form = DecideForm()
    if form.validate_on_submit():
        try:
            requests.decide(
                request_id, grant=form.keputusan.data == "kabul", answer=form.jawaban.data or "",
                staff_id=current_user.id,
            )  # fmt: skip
        except BadWishError as error:
            form.jawaban.errors = [str(error)]
        except DecidedError as error:
            flash(str(error), "warning")
            return redirect(url_for("privacy_rights.desk"), 303)
        else:
            flash("Keputusan disimpan. Warga membacanya di halaman “Data saya”.", "success")
            return redirect(url_for("privacy_rights.desk"), 303)
    with read() as session:
        wish = requests.opened(session, request_id)
        if wish is None:
            abort(404)
        wanted = wish.wanted
        if wish.field == "phone":
            # Deciding needs no number: it goes in as its owner wrote it.
            wanted = mask_phone(wish.wanted) or "(dikosongkan)"
        page = render_template(
            "privacy_rights/decide.html", form=form, wish=wish, wanted=wanted, now=current_region().now(),
            phone=mask_phone(wish.ticket.phone) if wish.ticket and wish.field == "phone" else None,
            open=wish.state == RequestState.OPEN, **WORDS,
        )  # fmt: skip
    return page, 422 if form.errors else 200
