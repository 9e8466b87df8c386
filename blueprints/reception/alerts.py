"""Calls for help from the counters: who asked, and what was done about it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.reception import blueprint
from blueprints.reception.place import officer
from blueprints.reception.tickets import ID
from mpp.database.session import read
from tenants.queueing import alerts
from tenants.queueing.errors import NoReasonError, NotFoundError
from tenants.reception.queries import alert as alert_of


@blueprint.get(f"/bantuan/<{ID}:alert_id>")
def alert(alert_id: int) -> ResponseReturnValue:
    """Show a call for help and ask what was found and done."""
    return _page(alert_id, None)


@blueprint.post(f"/bantuan/<{ID}:alert_id>")
def answered(alert_id: int) -> ResponseReturnValue:
    """End a call for help by saying what was done."""
    words = request.form.get("alasan", "")
    try:
        alerts.acknowledge(alert_id, officer(), words)
    except NotFoundError:
        abort(404)
    except NoReasonError as error:
        return _page(alert_id, str(error)), 422
    flash("Permintaan bantuan ditutup. Catatannya tersimpan.", "success")
    return redirect(url_for("reception.desk"), 303)


def _page(alert_id: int, error: str | None) -> str:
    with read() as session:
        found = alert_of(session, alert_id)
        if found is None:
            abort(404)
        return render_template("reception/alert.html", alert=found, error=error)
