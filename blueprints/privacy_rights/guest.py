"""A guest's way to their own data: by a ticket's link, or by a telephone that answers.

Nothing is told about a telephone before it has answered: the same code goes to one that is known and one that isn't.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import undefer

from blueprints.privacy_rights import blueprint
from blueprints.privacy_rights.door import GUEST_DOOR, Purpose, forget, keep, let_in, way
from blueprints.privacy_rights.forms import AskForm, CodeForm
from mpp.accounts.guard import TooManyTriesError
from mpp.accounts.service import AccountError
from mpp.citizens import codes
from mpp.citizens.person import clean_phone
from mpp.crypto.masks import mask_phone
from mpp.database.session import read
from mpp.i18n import gettext as _
from mpp.web import bots
from mpp.web.limits import limited
from tenants.privacy.owner import by_code, by_phone
from tenants.queueing.models import Ticket
from tenants.queueing.policies import clean_code


@blueprint.route("/data-saya", methods=["GET", "POST"])
@limited("own data proof")
def ask() -> ResponseReturnValue:
    """Ask for a ticket's code or a telephone number."""
    form = AskForm()
    if not form.validate_on_submit():
        return _asking(form, 422 if form.errors else 200)
    if (form.kode.data or "").strip():
        with read() as session:
            owner = by_code(session, clean_code(form.kode.data.strip().rstrip("/").rpartition("/")[2]))
        if owner is not None:
            let_in(owner)
            return redirect(GUEST_DOOR.url("show"), 303)
        form.kode.errors = [_("Nomor antrean dengan kode ini tidak ada, atau datanya sudah dihapus.")]
        return _asking(form, 422)
    if not (form.hp.data or "").strip():
        form.hp.errors = [_("Isi nomor HP, atau kode nomor antrean Anda.")]
        return _asking(form, 422)
    try:
        _send(clean_phone(form.hp.data, "hp"), worked=bots.proven())
    except (AccountError, TooManyTriesError) as error:
        form.hp.errors = [str(error)]
        return _asking(form, 422)
    return redirect(url_for("privacy_rights.code"), 303)


@blueprint.post("/data-saya/kirim")
@limited("own data proof")
def send_code() -> ResponseReturnValue:
    """Send a code to the telephone of the ticket whose link was shown; the number itself is not told."""
    owner = GUEST_DOOR.owner()
    if owner is None or owner.ticket_id is None:
        return GUEST_DOOR.closed()
    with read() as session:
        ticket = session.get(Ticket, owner.ticket_id, options=[undefer(Ticket.phone)])
        phone = ticket.phone if ticket else None
    if phone is None:
        return redirect(GUEST_DOOR.url("show"), 303)
    try:
        _send(phone)
    except TooManyTriesError as error:
        flash(str(error), "warning")
        return redirect(GUEST_DOOR.url("show"), 303)
    return redirect(url_for("privacy_rights.code"), 303)


@blueprint.route("/data-saya/kode", methods=["GET", "POST"])
@limited("own data proof")
def code() -> ResponseReturnValue:
    """Take the code; a telephone that has answered opens everything that stands under its number."""
    ticket = way()
    waiting = codes.under_way(ticket, Purpose.DATA) if ticket else None
    if ticket is None or waiting is None:
        flash(_("Kode sudah kedaluwarsa. Minta kode baru."), "warning")
        return redirect(url_for("privacy_rights.ask"), 303)
    row, shown = waiting
    form = CodeForm()
    if form.validate_on_submit():
        proved = codes.check(ticket, Purpose.DATA, form.code.data or "", address=request.remote_addr)
        if proved is not None:
            return _arrived(proved.phone)
        form.code.errors = [_wrong(codes.left(ticket))]
    page = render_template(
        "privacy_rights/code.html", form=form, shown=shown, masked=mask_phone(row.phone)
    )  # fmt: skip
    return page, 422 if form.errors else 200


@blueprint.post("/data-saya/selesai")
def guest_end() -> ResponseReturnValue:
    """Forget the proof: for a borrowed phone."""
    forget()
    flash(_("Sudah ditutup. Untuk melihat data lagi, buktikan lagi."), "success")
    return redirect(url_for("privacy_rights.ask"), 303)


def _arrived(phone: str) -> ResponseReturnValue:
    with read() as session:
        owner = by_phone(session, phone)
    if owner is None:
        forget()
        flash(_("Tidak ada data di daerah ini dengan nomor HP itu, selain kode yang baru dikirim."), "info")
        return redirect(url_for("privacy_rights.ask"), 303)
    let_in(owner)
    return redirect(GUEST_DOOR.url("show"), 303)


def _send(phone: str, *, worked: bool = False) -> None:
    keep(codes.send(Purpose.DATA, phone, address=request.remote_addr, device=None, worked=worked))


def _wrong(left: int) -> str:
    if left:
        return _("Kode tidak cocok. Sisa %(left)s percobaan.", left=left)
    return _("Kode tidak cocok, dan percobaan habis. Minta kode baru.")


def _asking(form: AskForm, status: int) -> ResponseReturnValue:
    return render_template("privacy_rights/ask.html", form=form), status
