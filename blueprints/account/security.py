"""What proves the owner, where the account is open, and acts that wait: all of it seen and changed by its owner."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.account import blueprint, way
from blueprints.account.entering import passkey_options, wrong_words
from blueprints.account.forms import CodeForm, PasskeyForm, PasswordForm, ProofForm
from blueprints.account.numbers import call_off_url
from blueprints.account.own import need_proof
from blueprints.account.way import REFUSALS, after_proof, code_of, refuse
from mpp.accounts import login
from mpp.accounts.passwords import SHORTEST_ALONE
from mpp.accounts.service import AccountError
from mpp.citizens import account, codes, proofs, sessions, waits
from mpp.citizens import devices as own_devices
from mpp.citizens.codes import Purpose
from mpp.citizens.models import Wait
from mpp.citizens.proofs import NeedProofError
from mpp.crypto.masks import mask_phone
from mpp.i18n import gettext as _
from mpp.web import typed
from mpp.web.limits import limited
from mpp.web.sign_in import here, keep_challenge, safe_target, taken_challenge

ID = "int(max=9007199254740991)"
DEVICE = "MPP Digital"


@blueprint.get("/keamanan")
def security() -> ResponseReturnValue:
    """Show what proves the owner."""
    have = proofs.of(current_user.id, current_user.session_id)
    wait = waits.of(current_user.id)
    return render_template(
        "account/security.html", have=have, wait_due=wait is not None and waits.is_due(wait)
    )


@blueprint.route("/bukti", methods=["GET", "POST"])
@limited("own password")
def prove() -> ResponseReturnValue:
    """Ask the owner to prove to be here: by what the account has, or by a code where it has nothing else."""
    citizen_id, at = current_user.id, current_user.session_id
    to = safe_target(request.args.get("lanjut"), url_for("account.home"))
    have = proofs.of(citizen_id, at)
    form = ProofForm()
    if have.password and form.validate_on_submit():
        try:
            if account.prove_by_password(citizen_id, at, form.password.data):
                return redirect(to, 303)
            form.password.errors = [_("Kata sandi tidak cocok.")]
        except REFUSALS as error:
            refuse(form.password, error)
    page = render_template(
        "account/prove.html", form=form, have=have, to=to, phone=mask_phone(account.get(citizen_id).phone),
        options=passkey_options(citizen_id) if have.passkeys else None,
    )  # fmt: skip
    return page, code_of()


@blueprint.post("/bukti/kirim")
@limited("own password")
def prove_send() -> ResponseReturnValue:
    """Send a code to the account's own telephone."""
    phone = account.get(current_user.id).handle
    to = safe_target(request.form.get("lanjut"), url_for("account.home"))
    try:
        ticket = account.ask_proof(current_user.id, address=request.remote_addr, device=way.device(phone))
    except REFUSALS as error:
        flash(_(str(error)), "error")
        return way.prove_first(to)
    way.keep(Purpose.PROVE, ticket, to)
    return redirect(url_for("account.prove_code"), 303)


@blueprint.route("/bukti/kode", methods=["GET", "POST"])
@limited("citizen code")
def prove_code() -> ResponseReturnValue:
    """Take the code of the account's own telephone."""
    ticket = way.ticket_of(Purpose.PROVE)
    waiting = ticket and codes.under_way(ticket, Purpose.PROVE)
    if ticket is None or not waiting:
        flash(_("Waktunya habis. Minta kode baru."), "error")
        return way.prove_first(way.target())
    form = CodeForm()
    if form.validate_on_submit():
        at, by = current_user.session_id, request.remote_addr
        if account.prove_by_code(current_user.id, at, ticket, form.code.data, address=by):
            to = way.target()
            way.forget()
            return redirect(to, 303)
        form.code.errors = [wrong_words(ticket)]
    row, shown = waiting
    page = render_template(
        "account/code.html", form=form, phone=mask_phone(row.phone), shown=shown, again=None,
        back=url_for("account.prove", lanjut=way.target()),
    )  # fmt: skip
    return page, code_of()


@blueprint.route("/keamanan/sandi", methods=["GET", "POST"])
@limited("own password")
def password() -> ResponseReturnValue:
    """Set or replace the password."""
    if (onward := need_proof()) is not None:
        return onward
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            proofs.set_password(current_user.id, current_user.session_id, form.new.data)
        except NeedProofError:
            # What was typed is a secret: it is not kept on the way.
            flash(_("Tunjukkan dahulu bahwa ini Anda, lalu tulis kata sandi barunya sekali lagi."), "info")
            return way.prove_first(request.path)
        except REFUSALS as error:
            refuse(form.new, error)
        else:
            flash(_("Kata sandi tersimpan. Perangkat lain harus masuk lagi."), "ok")
            return redirect(url_for("account.security"), 303)
    return render_template("account/password.html", form=form, least=SHORTEST_ALONE), code_of()


@blueprint.post("/keamanan/sandi/hapus")
@limited("own security")
def password_remove() -> ResponseReturnValue:
    """Forget the password."""
    act = lambda: proofs.remove_password(current_user.id, current_user.session_id)  # noqa: E731  # one line
    return after_proof(act, _("Kata sandi dihapus."), url_for("account.security"))


@blueprint.route("/keamanan/kunci-sandi", methods=["GET", "POST"])
@limited("own security")
def passkey_new() -> ResponseReturnValue:
    """Add a passkey."""
    if (onward := need_proof()) is not None:
        return onward
    form = PasskeyForm(**typed.again())
    if form.validate_on_submit():
        try:
            answer = request.form.get("answer", "")
            proofs.add_passkey(
                current_user.id, current_user.session_id, here(), taken_challenge(), answer, form.name.data
            )
        except NeedProofError:
            return way.prove_first(request.path, form)
        except REFUSALS as error:
            refuse(form.name, error)
        else:
            flash(_("Kunci sandi tersimpan. Perangkat lain harus masuk lagi."), "ok")
            return redirect(url_for("account.security"), 303)
    options, challenge = proofs.passkey_creation(current_user.id, here(), DEVICE)
    keep_challenge(challenge)
    return render_template("account/passkey_new.html", form=form, options=options), code_of()


@blueprint.post(f"/keamanan/kunci-sandi/<{ID}:passkey_id>/hapus")
@limited("own security")
def passkey_remove(passkey_id: int) -> ResponseReturnValue:
    """Forget a passkey."""
    act = lambda: proofs.remove_passkey(current_user.id, current_user.session_id, passkey_id)  # noqa: E731  # one line
    return after_proof(act, _("Kunci sandi dihapus."), url_for("account.security"))


@blueprint.post("/keamanan/kode-cadangan")
@limited("own security")
def codes_new() -> ResponseReturnValue:
    """Make new recovery codes and show them, once."""
    try:
        made = proofs.new_codes(current_user.id, current_user.session_id)
    except NeedProofError:
        return way.prove_first(url_for("account.security"))
    return render_template("account/codes.html", codes=made)


@blueprint.post("/keamanan/pulihkan")
@limited("own security")
def reset_ask() -> ResponseReturnValue:
    """Begin the days after which an owner who has lost every strong proof may set new ones."""
    try:
        proofs.ask_reset(current_user.id, current_user.session_id, call_off_url)
    except NeedProofError:
        flash(_("Masuk lagi dengan kode dari HP Anda, lalu ulangi dalam 15 menit."), "error")
        return way.prove_first(url_for("account.security"))
    flash(
        _("Permintaan tercatat. Kembali ke sini dalam %(days)s hari.", days=waits.LASTS[Wait.RECOVER].days),
        "ok",
    )
    return redirect(url_for("account.security"), 303)


@blueprint.post("/keamanan/pulihkan/selesai")
@limited("own security")
def reset() -> ResponseReturnValue:
    """Take every strong proof away once the days are over."""
    act = lambda: proofs.reset(current_user.id, current_user.session_id)  # noqa: E731  # one line
    words = _("Kata sandi, kunci sandi, dan kode cadangan lama dihapus. Pasang yang baru sekarang.")
    return after_proof(act, words, url_for("account.security"))


@blueprint.route("/batal/<token>", methods=["GET", "POST"])
@limited("link")
def call_off(token: str) -> ResponseReturnValue:
    """Call off what waits, by the address in the owner's message; looking at the page does nothing yet."""
    done = request.method == "POST" and waits.call_off(token)
    page = render_template("account/call_off.html", done=done, waits=not done and waits.waits_under(token))
    return page, 200, {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


@blueprint.post("/tunggu/batal")
@limited("own security")
def wait_off() -> ResponseReturnValue:
    """Call off what waits, from any browser of the owner's."""
    waits.refuse(current_user.id)
    flash(_("Permintaan itu dibatalkan."), "ok")
    return redirect(url_for("account.security"), 303)


@blueprint.get("/perangkat")
def devices() -> ResponseReturnValue:
    """Show where the account is open, at the centre and in regions."""
    return render_template("account/devices.html", sessions=sessions.living(current_user.id))


@blueprint.post(f"/perangkat/<{ID}:session_id>/keluar")
@limited("own security")
def device_end(session_id: int) -> ResponseReturnValue:
    """Sign one browser out."""
    if session_id == current_user.session_id:
        return sign_out()
    act = lambda: own_devices.sign_out(current_user.id, current_user.session_id, session_id)  # noqa: E731  # one line
    return after_proof(act, _("Perangkat itu sudah keluar."), url_for("account.devices"))


@blueprint.post("/perangkat/keluar")
@limited("own security")
def everywhere_end() -> ResponseReturnValue:
    """Sign every browser out, this one too."""
    try:
        own_devices.sign_out_others(current_user.id, current_user.session_id)
    except NeedProofError:
        return way.prove_first(url_for("account.devices"))
    except AccountError as error:
        flash(str(error), "error")
        return redirect(url_for("account.devices"), 303)
    login.sign_out()
    flash(_("Anda sudah keluar dari semua perangkat."), "ok")
    return redirect(url_for("account.sign_in"), 303)


@blueprint.post("/keluar")
def sign_out() -> ResponseReturnValue:
    """End the session at this host."""
    login.sign_out()
    flash(_("Anda sudah keluar."), "ok")
    return redirect(url_for("account.sign_in"), 303)
