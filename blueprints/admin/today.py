"""The first page: is something wrong, then how much is going on."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.admin import blueprint
from mpp.database.session import read
from tenants.hall.limits import limits_of
from tenants.operations import queries


@blueprint.get("")
def today() -> ResponseReturnValue:
    """Show what needs a look now, then the numbers of the day; to staff of one place, those of that place."""
    with read():
        return render_template("admin/today.html", today=queries.today(limits_of(current_user)))
