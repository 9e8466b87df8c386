"""The first page: is something wrong, then how much is going on."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.admin import blueprint
from tenants.operations import queries


@blueprint.get("")
def today() -> ResponseReturnValue:
    """Show what needs a look now, then the numbers of the day."""
    return render_template("admin/today.html", today=queries.today())
