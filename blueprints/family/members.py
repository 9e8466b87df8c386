"""The people on one's family card, and the cards of others that one is on."""

from __future__ import annotations

import datetime as dt

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.family import blueprint
from blueprints.family.forms import HAS_PHONE, NO_PHONE, CardForm, MemberForm
from blueprints.family.words import moment
from mpp.accounts.service import AccountError
from mpp.citizens import account, agreements, family
from mpp.citizens.acting_errors import NotYoursError
from mpp.citizens.family import RELATION_WORDS, Draft
from mpp.citizens.family_models import MemberState
from mpp.citizens.proofs import NeedProofError
from mpp.crypto.masks import mask_nik, mask_phone
from mpp.database.session import central_read
from mpp.i18n import gettext as _
from mpp.web import typed

ID = "int(max=9007199254740991)"
INVALID = 422


@blueprint.get("/keluarga")
def home() -> ResponseReturnValue:
    """Show the card, who is on it, and whose card one is on; numbers covered."""
    return _home()


@blueprint.route("/keluarga/kk", methods=["GET", "POST"])
def card() -> ResponseReturnValue:
    """Write the number of the card and state to be on it."""
    form = CardForm()
    if form.validate_on_submit():
        try:
            doubts = family.state_card(current_user.id, form.card.data, stated=form.stated.data)
        except AccountError as error:
            form.refuse(error.field, "card", str(error))
        else:
            _saved(_("Kartu keluarga tersimpan."), doubts)
            return redirect(url_for("family.home"), 303)
    with central_read() as session:
        kept = mask_nik(family.card_of(session, current_user.id))
    return render_template("family/card.html", form=form, kept=kept), _code()


@blueprint.post("/keluarga/kk/tampilkan")
def show_card() -> ResponseReturnValue:
    """Show the number of one's card, once; that it was shown is written down."""
    try:
        return _home(card=family.show_card(current_user.id, current_user.session_id))
    except NeedProofError:
        return redirect(url_for("account.prove", lanjut=url_for("family.home")), 303)
    except NotYoursError:
        abort(404)


@blueprint.route("/keluarga/tambah", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    """List somebody, or invite their account."""
    form = MemberForm(**typed.again())
    if form.own.data == HAS_PHONE:
        form.say("phone", _("Nomor HP-nya"), _("Isi nomor HP-nya, atau pilih “Tidak”."))
    if form.validate_on_submit():
        try:
            row, doubts = family.add(
                current_user.id, _draft(form), stated=form.stated.data, at=current_user.session_id
            )
        except NeedProofError:
            onward = redirect(url_for("account.prove", lanjut=request.path), 303)
            return typed.keep(onward, request.path, form)
        except AccountError as error:
            form.refuse(error.field, "name", str(error))
        else:
            invited = row.invited_until is not None
            _saved(
                _("Undangan dikirim. Menunggu jawabannya.")
                if invited
                else _("Anggota keluarga ditambahkan."),
                doubts,
            )
            return redirect(url_for("family.home"), 303)
    return render_template("family/member.html", form=form, row=None), _code()


@blueprint.route(f"/keluarga/<{ID}:row_id>", methods=["GET", "POST"])
def change(row_id: int) -> ResponseReturnValue:
    """Correct what is written of somebody, and state anew that they are on the card."""
    try:
        row = family.own(current_user.id, row_id)
    except NotYoursError:
        abort(404)
    form = MemberForm(obj=None if request.method == "POST" else row)
    form.nik.data = form.nik.data if request.method == "POST" else None
    # Whether somebody agrees is theirs to say: it does not change here.
    form.own.data = NO_PHONE
    form.say("own", "", most=None)
    if row.invited_until is not None:
        form.relation.data = row.relation
        form.say("relation", "", most=None)
    if form.validate_on_submit():
        try:
            doubts = family.change(current_user.id, row_id, _draft(form))
        except NotYoursError:
            abort(404)
        except AccountError as error:
            form.refuse(error.field, "name", str(error))
        else:
            _saved(_("Tersimpan."), doubts)
            return redirect(url_for("family.home"), 303)
    return render_template("family/member.html", form=form, row=row), _code()


@blueprint.post(f"/keluarga/<{ID}:row_id>/nik")
def show_nik(row_id: int) -> ResponseReturnValue:
    """Show the NIK of somebody on one's card, once; that it was shown is written down."""
    try:
        return _home(shown=row_id, nik=family.show_nik(current_user.id, row_id, current_user.session_id))
    except NeedProofError:
        return redirect(url_for("account.prove", lanjut=url_for("family.home")), 303)
    except NotYoursError:
        abort(404)


@blueprint.post(f"/keluarga/<{ID}:row_id>/<any(terima, tolak, akhiri):act>")
def answer(row_id: int, act: str) -> ResponseReturnValue:
    """Agree to be on somebody's card, refuse, or end it from either side."""
    mutual = False
    try:
        if act == "akhiri":
            agreements.end(current_user.id, row_id)
        else:
            mutual = agreements.answer(
                current_user.id, row_id, agree=act == "terima", at=current_user.session_id
            ).mutual
    except NotYoursError:
        abort(404)
    except NeedProofError:
        return redirect(url_for("account.prove", lanjut=url_for("family.home")), 303)
    except AccountError as error:
        flash(str(error), "warning")
    else:
        done = {
            "terima": _("Anda setuju. Mulai sekarang Anda berdua dapat saling mewakili.")
            if mutual
            else _("Anda setuju. Orang ini sekarang dapat bertindak untuk Anda."),
            "tolak": _("Undangan ditolak."),
            "akhiri": _("Sudah diakhiri. Mulai sekarang tidak ada yang bisa bertindak dengannya."),
        }
        flash(done[act], "success")
    return redirect(url_for("family.home"), 303)


def _home(*, card: str = "", shown: int | None = None, nik: str = "") -> ResponseReturnValue:
    now = dt.datetime.now(tz=dt.UTC)
    with central_read() as session:
        rows = [
            (row, row.state(now), mask_nik(row.nik), mask_phone(row.phone))
            for row in family.members(session, current_user.id)
        ]
        ties = [(tie, tie.row.state(now)) for tie in agreements.ties(session, account.get(current_user.id))]
        return render_template(
            "family/home.html", household=family.household(session, current_user.id),
            card=mask_nik(family.card_of(session, current_user.id)), shown_card=card, rows=rows, shown=shown, nik=nik,
            ties=ties,
            # Accounts, by which way they and this one may act for each other.
            they={tie.row.account_id for tie, state in ties if state is MemberState.AGREED},
            mine={row.member_id for row, state, _nik, _phone in rows if state is MemberState.AGREED},
            relations={relation.value: _(words) for relation, words in RELATION_WORDS.items()}, states=MemberState,
            moment=moment,
        )  # fmt: skip


def _draft(form: MemberForm) -> Draft:
    phone = form.phone.data if form.own.data == HAS_PHONE else None
    return Draft(
        form.name.data, form.relation.data, form.birth_year.data, form.nik.data, phone, form.mutual.data
    )


def _saved(text: str, doubts: list[str]) -> None:
    flash(text, "success")
    for doubt in doubts:
        flash(doubt + " " + _("Tetap kami simpan."), "warning")


def _code() -> int:
    return INVALID if request.method == "POST" else 200
