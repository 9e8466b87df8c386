"""Beginning helper mode, seeing it, ending it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.helping import blueprint
from blueprints.helping.forms import HelpForm
from mpp.accounts.service import AccountError
from mpp.database.session import read
from tenants.people import helping

INVALID = 422
FIELDS = {"name": "nama", "phone": "hp", "reason": "alasan", "consent": "setuju"}


@blueprint.route("", methods=["GET", "POST"])
def mode() -> ResponseReturnValue:
    """Show the help that is going on, or the form that begins one."""
    form = HelpForm()
    if form.validate_on_submit():
        try:
            going = helping.begin(
                current_user.id, form.nama.data, form.hp.data, form.alasan.data, consent=form.setuju.data
            )
        except AccountError as error:
            form[FIELDS.get(error.field or "", "nama")].errors = [str(error)]
        else:
            session[helping.KEY] = going.id
            return redirect(url_for("helping.mode"), 303)
    with read() as database:
        now = helping.current(database, session.get(helping.KEY), current_user.id)
    page = render_template("helping/mode.html", form=form, going=now, why=helping.reasons())
    return page, INVALID if request.method == "POST" else 200


@blueprint.post("/selesai")
def done() -> ResponseReturnValue:
    """End the help by hand."""
    kept = session.pop(helping.KEY, None)
    if isinstance(kept, int):
        helping.end(kept, current_user.id)
    flash("Mode membantu sudah selesai.", "success")
    return redirect(url_for("helping.mode"), 303)
