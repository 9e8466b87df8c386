"""Asking for support access to a region: reason and time, the second factor again, and the way over."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from blueprints.central import blueprint
from mpp.accounts import factors, passkeys, staff
from mpp.accounts.guard import TooManyTriesError
from mpp.accounts.realm import realm
from mpp.support import access
from mpp.support.access import LONGEST_REASON, MINUTES, SHORTEST_REASON, Asker
from mpp.support.errors import NoAccessError, SupportError
from mpp.support.models import Ender, Level, SupportAccess
from mpp.web import known_device
from mpp.web.flask import platform_app
from mpp.web.limits import limited
from mpp.web.second_step import WRONG, CodeForm, demo_code
from mpp.web.sign_in import INVALID, here, keep_challenge, taken_challenge
from tenants.registry import console
from tenants.registry.console import RegionFile
from tenants.registry.demo import origin
from tenants.registry.errors import UnknownRegionError

ID = "int(max=9007199254740991)"
GONE = 410
RATE = limited("own security")


REASON = f"Tulis alasannya dengan {SHORTEST_REASON} sampai {LONGEST_REASON} huruf."


class AskForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Why, for how long, and what for."""

    reason = TextAreaField(
        "Alasan", [InputRequired("Tulis alasannya."), Length(SHORTEST_REASON, LONGEST_REASON, REASON)]
    )
    minutes = RadioField(
        "Berapa lama", [InputRequired("Pilih berapa lama.")],
        choices=[(str(count), f"{count} menit") for count in MINUTES], default=str(MINUTES[0]),
    )  # fmt: skip
    level = RadioField(
        "Untuk apa", [InputRequired("Pilih untuk apa.")],
        choices=[(Level.LOOK.value, "Melihat saja"), (Level.CHANGE.value, "Melihat dan mengubah")],
        default=Level.LOOK.value,
    )  # fmt: skip


@blueprint.route("/daerah/<slug>/akses", methods=["GET", "POST"])
@RATE
def support_ask(slug: str) -> ResponseReturnValue:
    """Ask for access to a region; the second factor comes next."""
    file, form = _file(slug), AskForm()
    if form.validate_on_submit():
        try:
            made = access.ask(
                _me(),
                slug,
                reason=form.reason.data,
                level=Level(form.level.data),
                minutes=int(form.minutes.data),
            )
        except SupportError as error:
            field = form[error.field] if error.field else form.reason
            field.errors = [*field.errors, str(error)]
        else:
            return redirect(url_for("central.support_access", access_id=made.id))
    record = file.row.record
    page = render_template(
        "central/support_ask.html", form=form, record=record, accesses=access.past(record.id),
        changes=access.changes_allowed(record.id),
    )  # fmt: skip
    return page, INVALID if request.method == "POST" else 200


@blueprint.route(f"/akses/<{ID}:access_id>", methods=["GET", "POST"])
@RATE
def support_access(access_id: int) -> ResponseReturnValue:
    """Ask for the second factor; once it was given, show the way over."""
    found, form = _asked(access_id), CodeForm()
    if found is None:
        return _gone()
    if found.granted_at is None and form.validate_on_submit():
        try:
            if factors.check_code(current_user.id, form.code.data, **known_device.trying(current_user.email)):
                return _granted(access_id)
            form.code.errors = [WRONG]
        except TooManyTriesError as error:
            form.code.errors = [str(error)]
    record = access.region_of(found)
    if found.granted_at is not None:
        way = f"{origin(platform_app().settings, record.slug)}/dukungan/mulai/{access_id}"
        return render_template("central/support_open.html", access=found, record=record, way=way)
    page = render_template("central/support_step.html", access=found, record=record, form=form, **_proofs())
    return page, INVALID if request.method == "POST" else 200


@blueprint.post(f"/akses/<{ID}:access_id>/kunci-sandi")
@RATE
def support_passkey(access_id: int) -> ResponseReturnValue:
    """Take a passkey as the second factor."""
    try:
        with realm().write() as database:
            passkeys.check(
                database, here(), taken_challenge(), request.form.get("answer", ""), current_user.id
            )
    except passkeys.PasskeyError as error:
        flash(str(error), "error")
        return redirect(url_for("central.support_access", access_id=access_id))
    return _granted(access_id)


@blueprint.get(f"/akses/<{ID}:access_id>/serahkan")
def support_hand_over(access_id: int) -> ResponseReturnValue:
    """Send the browser back to the region with a token that only it can use."""
    found, state = _asked(access_id), request.args.get("keadaan", "")
    if found is None or not found.living:
        return _gone()
    token = access.hand_over(access_id, _me(), state[:64])
    slug = access.region_of(found).slug
    return redirect(f"{origin(platform_app().settings, slug)}/dukungan/masuk/{token}")


@blueprint.post(f"/akses/<{ID}:access_id>/akhiri")
def support_end(access_id: int) -> ResponseReturnValue:
    """End an access, one's own or a colleague's."""
    slug = request.form.get("daerah", "")
    record = _file(slug).row.record
    ended = access.end(access_id, Ender.CENTRE, region_id=record.id)
    flash("Akses sudah diakhiri." if ended else "Akses itu sudah berakhir.", "success")
    return redirect(url_for("central.support_ask", slug=record.slug))


def _granted(access_id: int) -> ResponseReturnValue:
    try:
        access.grant(access_id, _me())
    except NoAccessError:
        return _gone()
    return redirect(url_for("central.support_access", access_id=access_id))


def _proofs() -> dict[str, object]:
    """What the step needs: the question to a passkey where there is one, and a demo account's code."""
    account = staff.colleague(current_user.id)
    assert account is not None
    have, options = staff.factors_of(account.id), None
    if any(key.rp_id == here().host for key in have.passkeys):
        with realm().read() as database:
            options, challenge = passkeys.request_options(database, here(), account.id)
        keep_challenge(challenge)
    return {"app": have.app, "options": options, "demo_code": demo_code(account), "account": account}


def _asked(access_id: int) -> SupportAccess | None:
    try:
        found = access.asked(access_id, _me())
    except NoAccessError:
        return None
    return found if found.granted_at is None or found.living else None


def _gone() -> ResponseReturnValue:
    return render_template("central/support_gone.html"), GONE


def _me() -> Asker:
    return Asker(current_user.id, current_user.name, current_user.session_id)


def _file(slug: str) -> RegionFile:
    try:
        return console.region_file(slug)
    except UnknownRegionError:
        abort(404)
