"""Machines in the hall: let in with a code, named, set up, looked after, shut out."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.admin import blueprint
from blueprints.admin.device_forms import (
    KIND_NOTES,
    KINDS,
    PRINTING_NOTES,
    PRINTINGS,
    KioskForm,
    NameForm,
    NewDeviceForm,
    PressForm,
)
from blueprints.admin.saving import ID, INVALID, attempt, complaints, press
from mpp import i18n
from mpp.database.session import read
from tenants.devices import printing, queries, service
from tenants.devices.models import Device, DeviceKind, DeviceState, PrintState
from tenants.devices.settings import PRINTER_PORTS, KioskSettings, Printing, settings_of
from tenants.devices.tokens import CODE_LIFE, shown_code
from tenants.hall.queries import hall_rows
from tenants.queueing.policies import new_key
from tenants.services.queries import enabled_services
from tenants.services.view import service_name

PRINT_WORDS = {
    PrintState.WAITING: ("info", "menunggu printer"),
    PrintState.SENDING: ("info", "sedang dikirim"),
    PrintState.DONE: ("success", "terkirim ke printer"),
    PrintState.UNKNOWN: ("warning", "mungkin tidak tercetak"),
    PrintState.EXPIRED: ("warning", "tidak tercetak, printer tidak terjangkau"),
}


@blueprint.get("/perangkat")
def devices() -> ResponseReturnValue:
    """List the machines: who is online, and which slips may not have come out."""
    return render_template(
        "admin/devices.html", rows=queries.device_rows(), kinds=KINDS, printings=PRINTINGS, settings_of=settings_of,
        languages=_languages(), halls=_halls(),
    )  # fmt: skip


@blueprint.route("/perangkat/tambah", methods=["GET", "POST"])
def new_device() -> ResponseReturnValue:
    """Add a machine; its code stands on the answer and nowhere else."""
    form = NewDeviceForm()
    form.hall.choices = _halls()
    if form.validate_on_submit():
        made = attempt(
            form,
            lambda: service.add_device(
                DeviceKind(form.kind.data), form.hall.data, form.name.data, form.zone.data
            ),
        )
        if made:
            return _code_page(*made)
    errors = complaints(form)
    page = render_template("admin/device_form.html", form=form, errors=errors, device=None, notes=KIND_NOTES)
    return page, INVALID if errors else 200


@blueprint.get(f"/perangkat/<{ID}:device_id>")
def device(device_id: int) -> ResponseReturnValue:
    """Show a machine: how it is, what it printed, and what can be done."""
    found = _device(device_id)
    with read() as session:
        zone = queries.zone_shown(session, found)
        return render_template(
            "admin/device.html", device=found, settings=settings_of(found.settings), kinds=KINDS, printings=PRINTINGS,
            online=queries.online(found), code_open=queries.code_open(found), slips=queries.last_prints(device_id),
            words=PRINT_WORDS, languages=_languages(), key=new_key(), zone_known=bool(zone),
        )  # fmt: skip


@blueprint.post(f"/perangkat/<{ID}:device_id>/kode")
def device_code(device_id: int) -> ResponseReturnValue:
    """Give a new code; it stands on the answer and nowhere else."""
    made = press(
        lambda: service.give_code(device_id), lambda _made: "Kode baru dibuat. Kode lama tidak berlaku."
    )
    return _code_page(*made) if made else redirect(url_for("admin.device", device_id=device_id))


@blueprint.route(f"/perangkat/<{ID}:device_id>/ubah", methods=["GET", "POST"])
def edit_device(device_id: int) -> ResponseReturnValue:
    """Change a machine's name and place."""
    found = _device(device_id)
    form = NameForm(data=None if request.method == "POST" else {"name": found.name, "zone": found.zone})
    if form.validate_on_submit():
        saved = attempt(form, lambda: service.rename(device_id, form.name.data, form.zone.data))
        if saved:
            flash(f"{saved.name} tersimpan.", "ok")
            return redirect(url_for("admin.device", device_id=device_id))
    errors = complaints(form)
    page = render_template("admin/device_form.html", form=form, errors=errors, device=found, notes={})
    return page, INVALID if errors else 200


@blueprint.post(f"/perangkat/<{ID}:device_id>/suara")
def device_sound(device_id: int) -> ResponseReturnValue:
    """Let a display say the calls, or be silent."""
    speaks = request.form.get("suara") == "ya"
    press(
        lambda: service.let_speak(device_id, speaks),
        lambda told: f"{told.name} {'bersuara' if speaks else 'diam'}. Layarnya mengikuti dalam satu menit.",
    )
    return redirect(url_for("admin.device", device_id=device_id))


@blueprint.route(f"/perangkat/<{ID}:device_id>/pengaturan", methods=["GET", "POST"])
def device_settings(device_id: int) -> ResponseReturnValue:
    """Change how a kiosk behaves, from its next page on."""
    found = _device(device_id)
    if found.kind != DeviceKind.KIOSK:
        abort(404)
    agencies, services = _offered()
    form = KioskForm(data=None if request.method == "POST" else _shown(found, agencies, services))
    form.languages.choices = list(_languages().items())
    form.agencies.choices = [(key, name) for key, (_slug, name) in agencies.items()]
    form.services.choices = [(key, name) for key, (_slug, name) in services.items()]
    if form.validate_on_submit():
        saved = attempt(
            form,
            lambda: service.configure(device_id, _wanted(form, agencies, services), form.seen.data),
            lambda: service.seen_settings(_device(device_id)),
        )
        if saved:
            flash(f"Pengaturan {saved.name} tersimpan. Kios memakainya pada kunjungan berikutnya.", "ok")
            return redirect(url_for("admin.device", device_id=device_id))
    errors = complaints(form)
    page = render_template(
        "admin/device_settings.html", form=form, errors=errors, device=found, notes=PRINTING_NOTES
    )
    return page, INVALID if errors else 200


@blueprint.post(f"/perangkat/<{ID}:device_id>/uji")
def device_test(device_id: int) -> ResponseReturnValue:
    """Print a test page at the network printer."""
    found, form = _device(device_id), PressForm()
    if not form.validate() or settings_of(found.settings).printing is not Printing.NETWORK:
        flash("Perangkat ini tidak memakai printer jaringan.", "error")
    elif found.state != DeviceState.ACTIVE:
        flash("Perangkat ini belum dipakai. Masukkan kodenya dahulu.", "error")
    else:
        printing.print_test(found, form.key.data)
        flash("Halaman uji dikirim ke printer. Lihat hasilnya di daftar kertas di bawah.", "ok")
    return redirect(url_for("admin.device", device_id=device_id))


@blueprint.post(f"/perangkat/<{ID}:device_id>/kertas/<{ID}:job_id>/ulang")
def print_again(device_id: int, job_id: int) -> ResponseReturnValue:
    """Print a slip again that may not have come out."""
    press(
        lambda: printing.print_again(device_id, job_id),
        lambda _job: "Nomor dikirim lagi ke printer. Berikan kertasnya kepada pemilik nomor.",
    )
    return redirect(url_for("admin.device", device_id=device_id))


@blueprint.post(f"/perangkat/<{ID}:device_id>/cabut")
def revoke_device(device_id: int) -> ResponseReturnValue:
    """Shut a machine out at once and for good."""
    press(lambda: service.revoke(device_id), lambda gone: f"{gone.name} dicabut dan tidak bisa dipakai lagi.")
    return redirect(url_for("admin.device", device_id=device_id))


def _code_page(found: Device, code: str) -> ResponseReturnValue:
    minutes = int(CODE_LIFE.total_seconds() // 60)
    address = request.host + url_for("enrolment.enter")
    return render_template(
        "admin/device_code.html",
        device=found,
        code=shown_code(code),
        minutes=minutes,
        address=address,
        kinds=KINDS,
    )


def _device(device_id: int) -> Device:
    found = queries.device_by_id(device_id)
    if found is None:
        abort(404)
    return found


def _halls() -> list[tuple[int, str]]:
    return [(row.hall.id, row.hall.name) for row in hall_rows() if row.hall.active]


def _languages() -> dict[str, str]:
    draft = " (naskah contoh, belum diperiksa penuturnya)"
    return {code: found.name + draft * found.draft for code, found in i18n.catalogues().items()}


Named = dict[int, tuple[str, str]]


def _offered() -> tuple[Named, Named]:
    """Agencies and services that are on here: (slug, name) by id."""
    with read() as session:
        rows = enabled_services(session)
        agencies = {
            row.service.agency_id: (row.service.agency.slug, row.service.agency.short_name) for row in rows
        }
        services = {
            row.service_id: (row.service.slug, f"{service_name(row)} ({row.service.agency.short_name})")
            for row in rows
        }
    return agencies, services


def _shown(found: Device, agencies: Named, services: Named) -> dict[str, object]:
    settings = settings_of(found.settings)
    return {
        "seen": service.seen_settings(found), "languages": list(settings.languages),
        "printing": settings.printing.value,
        "agencies": [key for key, (slug, _name) in agencies.items() if slug in settings.agencies],
        "services": [key for key, (slug, _name) in services.items() if slug in settings.services],
        "printer_host": settings.printer_host, "printer_port": settings.printer_port,
        "quiet_seconds": settings.quiet_seconds,
    }  # fmt: skip


def _wanted(form: KioskForm, agencies: Named, services: Named) -> KioskSettings:
    return KioskSettings(
        agencies=tuple(agencies[key][0] for key in sorted(set(form.agencies.data or ()))),
        services=tuple(services[key][0] for key in sorted(set(form.services.data or ()))),
        # In the order of the list: the first is the one a visit begins with.
        languages=tuple(code for code in _languages() if code in set(form.languages.data or ())),
        printing=Printing(form.printing.data),
        printer_host=form.printer_host.data or "",
        printer_port=form.printer_port.data or PRINTER_PORTS.start,
        quiet_seconds=form.quiet_seconds.data,
    )
