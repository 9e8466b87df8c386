"""Paper for one number: the page that the browser prints, and a printer of the hall; in the language of its holder."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.reception import blueprint
from blueprints.reception.tickets import ID, qr, story_or_404, ticket_address, told_wait
from mpp import i18n
from mpp.tenancy.region import current_region
from mpp.web.form_data import whole
from tenants.devices import printing
from tenants.devices.errors import NothingToPrintError, UnknownDeviceError
from tenants.devices.queries import slip_languages

SIZES = ("80", "a6")


@blueprint.get(f"/nomor/<{ID}:ticket_id>/cetak")
def slip(ticket_id: int) -> ResponseReturnValue:
    """Show the ticket as paper: a slip of 80 mm, or with ?ukuran=a6 in large type; ?tulisan= names its language."""
    hall_id = story_or_404(ticket_id).ticket.hall_id
    size, languages = request.args.get("ukuran", SIZES[0]), slip_languages(hall_id)
    chosen = _language(request.args.get("tulisan"), languages)
    with i18n.spoken(chosen):
        told = story_or_404(ticket_id)
        return render_template(
            "reception/slip.html",
            story=told,
            wait=told_wait(told),
            size=size if size in SIZES else SIZES[0],
            qr=qr(told.ticket),
            moment=current_region().now(),
            languages=languages,
            written=chosen,
        )


@blueprint.post(f"/nomor/<{ID}:ticket_id>/cetak")
def print_slip(ticket_id: int) -> ResponseReturnValue:
    """Send the ticket to a printer of its hall, once for each form."""
    ticket = story_or_404(ticket_id).ticket
    key, device = request.form.get("kunci", "")[:64], request.form.get("printer", type=whole)
    if not key or device is None:
        abort(400)
    chosen = _language(request.form.get("tulisan"), slip_languages(ticket.hall_id))
    try:
        printer = printing.print_from_desk(device, ticket, key, ticket_address(ticket), chosen)
    except UnknownDeviceError:
        flash("Printer itu tidak dipakai lagi di gedung ini. Pilih yang lain.", "warning")
    except NothingToPrintError as error:
        flash(str(error), "warning")
    else:
        text = f"{ticket.label} dikirim ke printer {printer.name}. Bila kertas tidak keluar, cetak lewat peramban."
        flash(text, "success")
    return redirect(url_for("reception.ticket", ticket_id=ticket_id), 303)


def _language(asked: str | None, offered: list[tuple[str, str]]) -> str:
    return asked if asked in dict(offered) else i18n.SOURCE
