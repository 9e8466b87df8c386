"""The rule of a hall's line: its values, what others would have meant on a real day, and its history."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.admin import blueprint
from blueprints.admin.forms import QueueRuleForm
from blueprints.admin.halls import hall_or_404
from blueprints.admin.saving import ID, INVALID, complaints, find
from mpp.database.session import read
from mpp.i18n import short_date
from tenants.queueing import preview
from tenants.queueing.errors import NoReasonError, RuleValueError
from tenants.queueing.preview import Comparison
from tenants.queueing.rule import Rule
from tenants.queueing.rules import NAMES, current_rule, history, save_rule

MOVED_SHOWN = 12


@blueprint.route(f"/gedung/<{ID}:hall_id>/aturan", methods=["GET", "POST"])
def queue_rule(hall_id: int) -> ResponseReturnValue:
    """Show and change the rule; "coba" replays a day under the values in the form and saves nothing."""
    hall = hall_or_404(hall_id)
    with read() as session:
        rule = current_rule(session, hall_id)
        days = preview.days_with_calls(session, hall_id)
    form = QueueRuleForm(data=None if request.method == "POST" else asdict(rule))
    form.day.choices = [(day.isoformat(), short_date(day)) for day in days]
    compared = None
    if form.validate_on_submit():
        wanted = Rule(**{name: form[name].data for name in NAMES})
        if request.form.get("act") == "coba":
            compared = _tried(form, hall_id, rule, wanted, days)
        elif _saved(form, hall_id, wanted):
            flash("Aturan antrean tersimpan dan berlaku mulai panggilan berikutnya.", "ok")
            return redirect(url_for("admin.queue_rule", hall_id=hall_id))
    errors = complaints(form)
    with read() as session:
        page = render_template(
            "admin/queue_rule.html", form=form, errors=errors, hall=hall, days=days, compared=compared,
            history=history(session, hall_id), moved_shown=MOVED_SHOWN,
        )  # fmt: skip
    return page, INVALID if errors else 200


def _tried(
    form: QueueRuleForm, hall_id: int, rule: Rule, wanted: Rule, days: list[dt.date]
) -> Comparison | None:
    chosen = next((day for day in days if day.isoformat() == form.day.data), None)
    if chosen is None:
        form.form_errors.append("Pilih hari yang pernah memanggil orang.")
        return None
    with read() as session:
        return preview.compare(session, hall_id, chosen, rule, wanted)


def _saved(form: QueueRuleForm, hall_id: int, wanted: Rule) -> bool:
    try:
        save_rule(hall_id, wanted, form.reason.data or "")
    except NoReasonError as error:
        form.reason.errors = [*form.reason.errors, str(error)]
    except RuleValueError as error:
        field = find(form, error.field)
        if field is not None:
            field.errors = [*field.errors, str(error)]
    else:
        return True
    return False
