"""Moving the account to another number: a code to the new one, and a strong proof or days of waiting beside it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.account import blueprint, way
from blueprints.account.entering import wrong_words
from blueprints.account.forms import CodeForm, NumberForm
from blueprints.account.own import need_proof
from blueprints.account.way import REFUSALS, code_of, refuse
from mpp.citizens import account, codes, proofs, waits
from mpp.citizens.codes import Purpose
from mpp.citizens.models import Wait
from mpp.citizens.person import clean_phone
from mpp.citizens.proofs import NeedProofError
from mpp.crypto.masks import mask_phone, whole_phone
from mpp.i18n import gettext as _
from mpp.web import typed
from mpp.web.limits import limited


@blueprint.route("/hp", methods=["GET", "POST"])
@limited("own security")
def number() -> ResponseReturnValue:
    """Ask for the new number and send a code there."""
    if (onward := need_proof()) is not None:
        return onward
    citizen, form = account.get(current_user.id), NumberForm(**typed.again())
    if form.validate_on_submit():
        try:
            phone = clean_phone(form.hp.data, "hp")
            ticket = account.ask_number(
                citizen.id,
                current_user.session_id,
                phone,
                address=request.remote_addr,
                device=way.device(phone),
            )
        except NeedProofError:
            return way.prove_first(request.path, form)
        except REFUSALS as error:
            refuse(form.hp, error)
        else:
            way.keep(Purpose.PHONE, ticket)
            return redirect(url_for("account.number_code"), 303)
    have = proofs.of(citizen.id, current_user.session_id)
    page = render_template(
        "account/number.html", form=form, now=mask_phone(citizen.phone), at_once=have.strong and have.ripe,
        days=waits.LASTS[Wait.PHONE].days,
    )  # fmt: skip
    return page, code_of()


@blueprint.route("/hp/kode", methods=["GET", "POST"])
@limited("citizen code")
def number_code() -> ResponseReturnValue:
    """Take the code of the new number; the account moves, or the days begin."""
    ticket = way.ticket_of(Purpose.PHONE)
    waiting = ticket and codes.under_way(ticket, Purpose.PHONE)
    if ticket is None or not waiting:
        way.forget()
        flash(_("Waktunya habis. Minta kode baru."), "error")
        return redirect(url_for("account.number"), 303)
    form = CodeForm()
    if form.validate_on_submit():
        if codes.check(ticket, Purpose.PHONE, form.code.data, address=request.remote_addr):
            way.forget()
            return _move(ticket, waiting[0].phone)
        form.code.errors = [wrong_words(ticket)]
    row, shown = waiting
    page = render_template(
        "account/code.html", form=form, phone=whole_phone(row.phone), shown=shown, again=None,
        back=url_for("account.number"),
    )  # fmt: skip
    return page, code_of()


def call_off_url(token: str) -> str:
    """Return the whole address of the page that calls an act off, as it stands in a message."""
    return request.host_url.rstrip("/") + url_for("account.call_off", token=token)


def _move(ticket: codes.Ticket, phone: str) -> ResponseReturnValue:
    try:
        moved = account.take_number(current_user.id, current_user.session_id, ticket, call_off_url)
    except NeedProofError:
        page = url_for("account.number")
        return typed.keep_values(way.prove_first(page), page, {"hp": [phone]})
    except REFUSALS as error:
        flash(_(str(error)), "error")
        return redirect(url_for("account.number"), 303)
    if moved:
        flash(_("Nomor HP Anda sudah diganti. Perangkat lain harus masuk lagi."), "ok")
    else:
        flash(
            _("Kode benar. Nomor baru berlaku dalam %(days)s hari.", days=waits.LASTS[Wait.PHONE].days), "ok"
        )
    return redirect(url_for("account.home"), 303)
