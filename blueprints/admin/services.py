"""Services: on or off, local terms, and what changed in the national text."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.admin import blueprint
from blueprints.admin.forms import FEE_ROWS_FREE, MOST_FEE_ROWS, TermsForm
from blueprints.admin.saving import INVALID, attempt, complaints, press
from mpp.web.form_data import whole
from tenants.operations.queries import services_served, waiting_for_service
from tenants.services import admin_queries, service
from tenants.services.admin_queries import CatalogueRow
from tenants.services.models import RegionService

SHOWN = {"semua": "Semua", "aktif": "Aktif", "nonaktif": "Belum aktif", "perubahan": "Ada perubahan nasional"}


@blueprint.get("/layanan")
def services() -> ResponseReturnValue:
    """List the national catalogue with what this region made of it."""
    rows = admin_queries.catalogue_rows()
    groups = {
        "semua": rows,
        "aktif": [row for row in rows if row.state == "on"],
        "nonaktif": [row for row in rows if row.state != "on"],
        "perubahan": [row for row in rows if row.pending and not row.declined and row.state == "on"],
    }
    chosen = request.args.get("tampil", "semua")
    chosen = chosen if chosen in groups else "semua"
    tabs = [
        (label, url_for("admin.services", tampil=key), key == chosen, len(groups[key]))
        for key, label in SHOWN.items()
    ]
    return render_template(
        "admin/services.html", rows=groups[chosen], tabs=tabs, chosen=chosen, served=services_served()
    )


@blueprint.route("/layanan/<slug>", methods=["GET", "POST"], endpoint="service")
def edit_service(slug: str) -> ResponseReturnValue:
    """Show a service and change its local terms."""
    row = _row(slug)
    if row.row is None:
        if request.method == "POST":
            abort(404)
        return render_template("admin/service_new.html", row=row)
    form = TermsForm(data=None if request.method == "POST" else _shown(row.row))
    if form.validate_on_submit():
        terms = _terms(form)
        saved = attempt(
            form, lambda: service.save_terms(slug, terms, seen=form.seen.data), lambda: _fresh(slug)
        )
        if saved:
            flash("Ketentuan daerah tersimpan dan sudah tampil di portal.", "ok")
            return redirect(url_for("admin.service", slug=slug))
    errors = complaints(form)
    return (
        render_template(
            "admin/service.html", row=row, form=form, errors=errors,
            counters=services_served().get(row.service.id, []), waiting=waiting_for_service(row.service.id),
        ),
        INVALID if errors else 200,
    )  # fmt: skip


@blueprint.post("/layanan/<slug>/aktifkan")
def enable_service(slug: str) -> ResponseReturnValue:
    """Turn a service on."""
    name = _row(slug).standard.name
    press(lambda: service.enable(slug), lambda _row: f"{name} aktif dan sudah tampil di portal.")
    return redirect(url_for("admin.service", slug=slug))


@blueprint.post("/layanan/<slug>/nonaktifkan")
def disable_service(slug: str) -> ResponseReturnValue:
    """Turn a service off."""
    name = _row(slug).standard.name
    press(lambda: service.disable(slug), lambda _row: f"{name} tidak aktif. Nomor baru tidak bisa diambil.")
    return redirect(url_for("admin.service", slug=slug))


@blueprint.get("/layanan/<slug>/perubahan")
def service_change(slug: str) -> ResponseReturnValue:
    """Show what the newest national text changes."""
    row = _row(slug)
    if row.row is None:
        abort(404)
    return render_template("admin/service_change.html", row=row, changes=admin_queries.pending_changes(row))


@blueprint.post("/layanan/<slug>/perubahan/<any(terima, tolak):decision>")
def decide_change(slug: str, decision: str) -> ResponseReturnValue:
    """Accept or decline the national text that the page showed."""
    name = _row(slug).standard.name
    standard_id = request.form.get("standard_id", type=whole, default=0)
    if decision == "terima":
        act, text = service.accept_standard, f"Teks nasional yang baru untuk {name} sudah tampil di portal."
    else:
        act, text = (
            service.decline_standard,
            f"Teks {name} tetap seperti sekarang. Versi berikutnya akan ditanyakan.",
        )
    done = press(lambda: act(slug, standard_id), lambda _row: text)
    return redirect(url_for("admin.service" if done else "admin.service_change", slug=slug))


def _row(slug: str) -> CatalogueRow:
    row = admin_queries.catalogue_row(slug)
    if row is None:
        abort(404)
    return row


def _fresh(slug: str) -> str:
    row = _row(slug).row
    return service.seen_of(row) if row else ""


def _shown(row: RegionService) -> dict[str, Any]:
    fees = [_fee_shown(fee) for fee in row.local_fees]
    blank = min(FEE_ROWS_FREE, MOST_FEE_ROWS - len(fees))
    return {
        "seen": service.seen_of(row), "weekdays": row.weekdays or [], "opens": row.opens, "closes": row.closes,
        "daily_quota": row.daily_quota, "fees": [*fees, *({} for _free in range(blank))],
        "extra_requirements": row.extra_requirements, "contact": row.contact, "local_note": row.local_note,
    }  # fmt: skip


def _fee_shown(fee: dict[str, Any]) -> dict[str, Any]:
    since = fee.get("effective_from")
    return {
        "label": fee.get("label"), "amount": fee.get("amount"), "text": fee.get("text") or fee.get("formula"),
        "perda": fee.get("perda") or fee.get("legal_basis"),
        "effective_from": dt.date.fromisoformat(since) if since else None,
    }  # fmt: skip


def _terms(form: TermsForm) -> service.LocalTerms:
    return service.LocalTerms(
        weekdays=form.weekdays.chosen, opens=form.opens.data, closes=form.closes.data,
        daily_quota=form.daily_quota.data, local_fees=[_fee(row.form) for row in form.fees if row.form.filled],
        extra_requirements=form.extra_requirements.data, local_note=form.local_note.data,
        contact=form.contact.data,
    )  # fmt: skip


def _fee(row: Any) -> dict[str, Any]:
    cost = {"text": row.text.data} if row.amount.data is None else {"amount": row.amount.data}
    since = row.effective_from.data
    fee = {"label": row.label.data, **cost, "perda": row.perda.data}
    return {**fee, "effective_from": since.isoformat()} if since else fee
