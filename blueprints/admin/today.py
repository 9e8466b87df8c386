"""The first page: is something wrong, then how much is going on."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.admin import blueprint
from blueprints.admin.saving import ID
from mpp.database.session import read
from tenants.operations import queries
from tenants.queueing.alerts import acknowledge, open_alerts
from tenants.queueing.errors import QueueError
from tenants.queueing.policies import Officer


@blueprint.get("")
def today() -> ResponseReturnValue:
    """Show what needs a look now, then the numbers of the day."""
    with read() as session:
        return render_template("admin/today.html", today=queries.today(), alerts=open_alerts(session))


@blueprint.post(f"/bantuan/<{ID}:alert_id>/selesai")
def alert_answered(alert_id: int) -> ResponseReturnValue:
    """Say what was done about a call for help from a counter."""
    try:
        acknowledge(alert_id, Officer(current_user.id, admin=True), request.form.get("reason", ""))
    except QueueError as error:
        flash(str(error), "error")
    return redirect(url_for("admin.today"))
