"""The ways in: number and code (for old and new accounts alike), password, passkey, recovery code."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.account import blueprint, way
from blueprints.account.forms import CodeForm, PaperInForm, PasswordInForm, PhoneForm, ProofForm, RegisterForm
from blueprints.account.way import REFUSALS, code_of, refuse
from mpp.accounts import passkeys
from mpp.accounts.guard import TooManyTriesError
from mpp.citizens import codes, entrance
from mpp.citizens.codes import Purpose
from mpp.citizens.entrance import TooLateError
from mpp.citizens.person import clean_phone
from mpp.citizens.rested import RESTS_AFTER, RestedError
from mpp.crypto.masks import whole_phone
from mpp.i18n import gettext as _
from mpp.web import bots
from mpp.web.limits import limited
from mpp.web.sign_in import here, keep_challenge, safe_target, taken_challenge


@blueprint.route("/masuk", methods=["GET", "POST"])
@limited("register")
def sign_in() -> ResponseReturnValue:
    """Ask for the number; the answer is the same for one with an account and one without."""
    return _number_page("account/sign_in.html")


@blueprint.route("/daftar", methods=["GET", "POST"])
@limited("register")
def register() -> ResponseReturnValue:
    """Ask for the number in the words of somebody new; the way is the same."""
    return _number_page("account/register.html")


def _number_page(template: str) -> ResponseReturnValue:
    form = PhoneForm(lanjut=request.args.get("lanjut"))
    once_more = "ulang" in request.args
    if way.is_in() and request.method == "GET" and not once_more:
        return redirect(safe_target(form.lanjut.data, url_for("account.home")))
    if form.validate_on_submit():
        try:
            phone = clean_phone(form.hp.data, "hp")
            ticket = codes.send(
                Purpose.ENTER,
                phone,
                address=request.remote_addr,
                device=way.device(phone),
                worked=bots.proven(),
            )
        except REFUSALS as error:
            refuse(form.hp, error)
        else:
            way.keep(Purpose.ENTER, ticket, form.lanjut.data)
            return redirect(url_for("account.code"), 303)
    page = render_template(
        template, form=form, options=passkey_options(), once_more=way.is_in() and once_more
    )
    return page, code_of()


@blueprint.route("/kode", methods=["GET", "POST"])
@limited("citizen code")
def code() -> ResponseReturnValue:
    """Take the code; who has an account is in, who has none says who they are."""
    ticket = way.ticket_of(Purpose.ENTER)
    waiting = ticket and codes.under_way(ticket, Purpose.ENTER)
    if ticket is None or not waiting:
        # Also the second tap on the button of a code that was right.
        return redirect(url_for("account.home")) if way.is_in() else _start_again()
    form = CodeForm()
    if form.validate_on_submit():
        if codes.check(ticket, Purpose.ENTER, form.code.data, address=request.remote_addr):
            return _arrived(ticket)
        form.code.errors = [wrong_words(ticket)]
    row, shown = waiting
    page = render_template(
        "account/code.html", form=form, phone=whole_phone(row.phone), shown=shown,
        again=url_for("account.code_again"), back=url_for("account.sign_in"),
    )  # fmt: skip
    return page, code_of()


@blueprint.post("/kode/lagi")
@limited("citizen code")
def code_again() -> ResponseReturnValue:
    """Send another code; the one before is void."""
    ticket = way.ticket_of(Purpose.ENTER)
    waiting = ticket and codes.under_way(ticket, Purpose.ENTER)
    if not waiting:
        return _start_again()
    phone = waiting[0].phone
    try:
        new = codes.send(
            Purpose.ENTER,
            phone,
            address=request.remote_addr,
            device=way.device(phone),
            instead=ticket,
            worked=True,
        )
    except TooManyTriesError as error:
        flash(_(str(error)), "error")
    else:
        way.keep(Purpose.ENTER, new, session["way"]["to"])
        flash(_("Kode baru dikirim. Kode yang lama tidak berlaku lagi."), "ok")
    return redirect(url_for("account.code"), 303)


@blueprint.route("/daftar/nama", methods=["GET", "POST"])
@limited("citizen code")
def name_new() -> ResponseReturnValue:
    """Make the account of a telephone that has answered."""
    ticket = way.ticket_of(Purpose.ENTER)
    answered = ticket and entrance.answered(ticket)
    if ticket is None or not answered:
        return _start_again()
    form = RegisterForm(rested=answered.rested)
    if form.validate_on_submit():
        try:
            newcomer = bool(form.newcomer and form.newcomer.data)
            citizen, doubts = entrance.register(
                ticket, form.name.data, form.nik.data or "", newcomer=newcomer
            )
        except TooLateError:
            return _start_again()
        except REFUSALS as error:
            refuse(form[getattr(error, "field", None) or "name"], error)
        else:
            response = way.enter(citizen, way.target(), strong=False)
            flash(_("Akun Anda sudah jadi."), "ok")
            way.doubt(doubts)
            return response
    return render_template("account/name_new.html", form=form, rested=answered.rested), code_of()


@blueprint.route("/masuk/nomor-lama", methods=["GET", "POST"])
@limited("sign-in")
def rested() -> ResponseReturnValue:
    """Ask for another proof beside the code, for an account nobody has entered for long.

    The same for every such account: which proofs it has, and whose it is, is told to nobody.
    """
    ticket = way.ticket_of(Purpose.ENTER)
    answered = ticket and entrance.answered(ticket)
    if not answered:
        return redirect(url_for("account.home")) if way.is_in() else _start_again()
    form, refused = ProofForm(), None
    if form.validate_on_submit():
        try:
            citizen = entrance.by_password(
                answered.phone, form.password.data, address=request.remote_addr, device=way.device(answered.phone)
            )  # fmt: skip
        except TooManyTriesError as error:
            refused = _(str(error))
        else:
            if citizen is not None:
                return way.enter(citizen, way.target(), strong=True)
            refused = _("Kata sandi tidak cocok. Setelah lima kali salah, tunggu 15 menit.")
    page = render_template(
        "account/rested.html", form=form, refused=refused, days=RESTS_AFTER.days, options=passkey_options(),
        to=way.target(),
    )  # fmt: skip
    return page, code_of()


@blueprint.route("/masuk/sandi", methods=["GET", "POST"])
@limited("sign-in")
def password_in() -> ResponseReturnValue:
    """Take number and password."""
    form, refused = PasswordInForm(lanjut=request.args.get("lanjut")), None
    if form.validate_on_submit():
        try:
            phone = clean_phone(form.hp.data, "hp")
            citizen = entrance.by_password(
                phone, form.password.data, address=request.remote_addr, device=way.device(phone)
            )
            if citizen is not None:
                return way.enter(citizen, safe_target(form.lanjut.data, url_for("account.home")), strong=True)
            refused = _("Nomor atau kata sandi tidak cocok. Setelah lima kali salah, tunggu 15 menit.")
        except TooManyTriesError as error:
            refused = _(str(error))
        except REFUSALS as error:
            refuse(form.hp, error)
    page = render_template("account/password_in.html", form=form, refused=refused, options=passkey_options())
    return page, code_of()


@blueprint.post("/masuk/kunci-sandi")
@limited("citizen code")
def passkey_in() -> ResponseReturnValue:
    """Take a passkey's answer: of anybody it opens the account, of who is signed in it proves the owner again."""
    to = safe_target(request.form.get("lanjut"), url_for("account.home"))
    own = current_user.id if way.is_in() else None
    try:
        citizen = entrance.by_passkey(here(), taken_challenge(), request.form.get("answer", ""), own)
    except passkeys.PasskeyError as error:
        flash(_(str(error)), "error")
        return redirect(url_for("account.prove" if own else "account.sign_in", lanjut=to), 303)
    return way.enter(citizen, to, strong=True)


@blueprint.route("/pulih", methods=["GET", "POST"])
@limited("sign-in")
def paper_in() -> ResponseReturnValue:
    """Take a recovery code when telephone or number are lost, and say what else helps."""
    form, refused = PaperInForm(), None
    if form.validate_on_submit():
        try:
            phone = clean_phone(form.hp.data, "hp")
            citizen = entrance.by_paper(
                phone, form.code.data, address=request.remote_addr, device=way.device(phone)
            )
            if citizen is not None:
                return way.enter(citizen, url_for("account.security"), strong=True)
            refused = _("Nomor atau kode cadangan tidak cocok. Setelah lima kali salah, tunggu 15 menit.")
        except TooManyTriesError as error:
            refused = _(str(error))
        except REFUSALS as error:
            refuse(form.hp, error)
    return render_template("account/paper_in.html", form=form, refused=refused), code_of()


def passkey_options(citizen_id: int | None = None) -> dict[str, object]:
    """Return what a device is asked for a passkey; the challenge is kept in the browser."""
    options, challenge = entrance.passkey_request(here(), citizen_id)
    keep_challenge(challenge)
    return options


def wrong_words(ticket: codes.Ticket) -> str:
    """Return what is said of a wrong code."""
    left = codes.left(ticket)
    if left == 0:
        return _("Kode ini sudah tidak berlaku: terlalu banyak salah. Minta kode baru.")
    return _("Kode tidak cocok. Sisa %(left)s percobaan.", left=left)


def _arrived(ticket: codes.Ticket) -> ResponseReturnValue:
    try:
        citizen = entrance.arrive(ticket, way.knows)
    except RestedError:
        return redirect(url_for("account.rested"), 303)
    if citizen is None:
        return redirect(url_for("account.name_new"), 303)
    return way.enter(citizen, way.target(), strong=False)


def _start_again() -> ResponseReturnValue:
    way.forget()
    flash(_("Waktunya habis. Minta kode baru."), "error")
    return redirect(url_for("account.sign_in"), 303)
