"""Counters: what they serve, who may sit there, and their state."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.admin import blueprint
from blueprints.admin.forms import CounterForm
from blueprints.admin.halls import hall_or_404
from blueprints.admin.saving import ID, INVALID, attempt, complaints, press
from tenants.hall import counters as service
from tenants.hall import queries
from tenants.hall.limits import limits_of
from tenants.hall.models import Counter, Hall
from tenants.operations import counters as acts
from tenants.operations.queries import waiting_at, was_used
from tenants.services.admin_queries import enabled_choices, service_names

STATES = {
    "buka": (acts.Act.OPEN, "Loket {0.number} dibuka."),
    "jeda": (acts.Act.PAUSE, "Loket {0.number} dijeda. Orang yang sedang dilayani diselesaikan dahulu."),
    "tutup": (acts.Act.CLOSE, "Loket {0.number} ditutup."),
}


@blueprint.route(f"/gedung/<{ID}:hall_id>/loket/tambah", methods=["GET", "POST"])
def new_counter(hall_id: int) -> ResponseReturnValue:
    """Add a counter to a building."""
    hall = hall_or_404(hall_id)
    shown = {"number": queries.next_number(hall_id), "prefix": queries.free_prefix(hall_id)}
    form = CounterForm(data=None if request.method == "POST" else shown)
    _offer(form, hall)
    if form.validate_on_submit() and _agency_chosen(form):
        counter = attempt(
            form, lambda: service.create_counter(hall_id, _facts(form, hall), limits_of(current_user))
        )
        if counter:
            flash(f"Loket {counter.number} ditambahkan. Loket buka saat petugas mulai bertugas.", "ok")
            return redirect(url_for("admin.hall", hall_id=hall_id))
    return _form(form, hall, None)


@blueprint.route(f"/loket/<{ID}:counter_id>", methods=["GET", "POST"])
def counter(counter_id: int) -> ResponseReturnValue:
    """Show a counter, change it, or open, pause, close and retire it."""
    found = _counter(counter_id)
    form = CounterForm(data=None if request.method == "POST" else _shown(found))
    _offer(form, found.hall, found)
    if form.validate_on_submit() and _agency_chosen(form):
        saved = attempt(
            form,
            lambda: acts.save(
                counter_id, _facts(form, found.hall), limits_of(current_user), seen=form.seen.data
            ),
            lambda: service.seen_of(_counter(counter_id)),
        )
        if saved:
            flash(f"Loket {saved.number} tersimpan dan langsung berlaku.", "ok")
            return redirect(url_for("admin.hall", hall_id=saved.hall_id))
    return _form(form, found.hall, found)


@blueprint.post(f"/loket/<{ID}:counter_id>/<any(buka, jeda, tutup):word>")
def counter_state(counter_id: int, word: str) -> ResponseReturnValue:
    """Open, pause or close a counter."""
    act, text = STATES[word]
    press(lambda: acts.set_state(counter_id, act, request.form.get("reason")), text.format)
    return redirect(url_for("admin.counter", counter_id=counter_id))


@blueprint.post(f"/loket/<{ID}:counter_id>/<any(pensiunkan, hapus):word>")
def counter_end(counter_id: int, word: str) -> ResponseReturnValue:
    """Retire a counter, or delete one that was never used."""
    hall_id = _counter(counter_id).hall_id
    act: Callable[[], int]
    if word == "hapus":
        act, text = lambda: acts.delete(counter_id), "Loket {0} dihapus."
    else:
        act, text = (
            lambda: acts.retire(counter_id).number,
            "Loket {0} dipensiunkan. Riwayatnya tetap tersimpan.",
        )
    done = press(act, text.format)
    if done is None:
        return redirect(url_for("admin.counter", counter_id=counter_id))
    return redirect(url_for("admin.hall", hall_id=hall_id))


def _form(form: CounterForm, hall: Hall, found: Counter | None) -> ResponseReturnValue:
    errors = complaints(form)
    page = render_template(
        "admin/counter.html", form=form, errors=errors, hall=hall, counter=found,
        waiting=waiting_at(found) if found else 0, used=was_used(found.id) if found else False,
    )  # fmt: skip
    return page, INVALID if errors else 200


def _counter(counter_id: int) -> Counter:
    found = queries.counter_by_id(counter_id)
    if found is None:
        abort(404)
    return found


def _offer(form: CounterForm, hall: Hall, found: Counter | None = None) -> None:
    """Fill the lists, as far as the limits of the person at hand reach: agencies of this hall, services, officers.

    What the counter has already stays on them: saving must take nothing away that somebody else has given it.
    """
    limits = limits_of(current_user)
    here = [row for row in queries.presences(hall.id) if limits.agency(row.agency_id)]
    form.agency.choices = [("", "Pilih instansi")] + [
        (row.agency.slug, row.local_name or row.agency.name) for row in here
    ]
    own = {link.service_id for link in found.services} if found else set()
    offered = [
        (row.service_id, f"{row.standard.name} ({row.service.agency.short_name})")
        for row in enabled_choices()
        if limits.agency(row.service.agency_id) or row.service_id in own
    ]
    # A service switched off stays ticked here: switching it on again must not find its counters gone.
    missing = own - {key for key, _name in offered}
    form.services.choices = offered + [(key, f"{name} (nonaktif)") for key, name in service_names(missing)]
    seated = {seat.staff_id for seat in found.officers} if found else set()
    inside = {person.id for person in queries.officer_choices(limits)} | seated
    form.officers.choices = [(p.id, p.name) for p in queries.officer_choices() if p.id in inside]


def _agency_chosen(form: CounterForm) -> bool:
    if form.agency.data and form.agency.data in dict(form.agency.choices):
        return True
    form.agency.errors = ["Pilih instansi dari daftar."]
    return False


def _facts(form: CounterForm, hall: Hall) -> service.CounterFacts:
    agency_ids = {row.agency.slug: row.agency_id for row in queries.presences(hall.id)}
    return service.CounterFacts(
        number=form.number.data, name=form.name.data, prefix=form.prefix.data,
        agency_id=agency_ids[form.agency.data], service_ids=sorted(set(form.services.data or ())),
        officer_ids=sorted(set(form.officers.data or ())), quick=bool(form.quick.data),
        zone=form.zone.data,
    )  # fmt: skip


def _shown(found: Counter) -> dict[str, object]:
    return {
        "seen": service.seen_of(found), "number": found.number, "name": found.name, "prefix": found.prefix,
        "agency": found.agency.slug, "services": [link.service_id for link in found.services],
        "officers": [seat.staff_id for seat in found.officers], "quick": found.quick,
        "zone": found.zone,
    }  # fmt: skip
