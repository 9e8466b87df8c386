"""One's own second factors and sessions, for every member of staff; each change asks for the password again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from mpp.accounts import factors, login, passkeys, sessions
from mpp.accounts.guard import TooManyTriesError
from mpp.accounts.passwords import compulsory
from mpp.accounts.realm import Person, person, realm
from mpp.accounts.service import AccountError, confirm_password
from mpp.web import known_device
from mpp.web.access import AudienceBlueprint
from mpp.web.limits import limited
from mpp.web.second_step import WRONG, app_words, pending_secret
from mpp.web.sign_in import INVALID, here, keep_challenge, site_name, taken_challenge

ID = "int(max=9007199254740991)"
# What register() adds to a blueprint: endpoint, path, methods.
ROUTES = (
    ("security", "", ("GET",)),
    ("app_factor", "/aplikasi", ("GET", "POST")),
    ("app_remove", "/aplikasi/hapus", ("POST",)),
    ("passkey_factor", "/kunci-sandi", ("GET", "POST")),
    ("passkey_remove", f"/kunci-sandi/<{ID}:passkey_id>/hapus", ("POST",)),
    ("recovery_renew", "/kode-cadangan", ("POST",)),
    ("session_end", f"/perangkat/<{ID}:session_id>/keluar", ("POST",)),
    ("session_end_others", "/perangkat/keluar", ("POST",)),
)
VIEWS = tuple(name for name, _path, _methods in ROUTES)
REFUSALS = (AccountError, TooManyTriesError, passkeys.PasskeyError)
NO_PASSWORD = "Isi kata sandi Anda untuk perubahan ini."  # noqa: S105  # a sentence


class AgainForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """The password once more: it proves whose hands are at the keyboard."""

    current = PasswordField(
        "Kata sandi Anda",
        [InputRequired("Isi kata sandi Anda."), Length(max=200, message="Kata sandi terlalu panjang.")],
    )


class AppForm(AgainForm):
    """The first code of an app that is being set up."""

    code = StringField(
        "Kode dari aplikasi", [InputRequired("Isi kodenya."), Length(max=40, message="Kode terlalu panjang.")]
    )


class PasskeyForm(AgainForm):
    """A name for a new passkey; what the device answered comes beside it."""

    name = StringField(
        "Nama kunci sandi",
        [InputRequired("Beri nama."), Length(max=passkeys.LONGEST_NAME, message="Paling panjang 60 huruf.")],
    )


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one realm: blueprint they belong to, template they stand in, where one goes after signing out."""

    blueprint: str
    shell: str
    sign_in: str

    def to(self, view: str) -> str:
        """Return the address of one of these pages."""
        return url_for(f"{self.blueprint}.{view}")

    def security(self) -> ResponseReturnValue:
        """Show one's own second factors and the browsers one is signed in at."""
        with realm().read() as database:
            account = _me()
            return render_template(
                "my_account/security.html", shell=self.shell, to=self.to, host=here().host,
                have=factors.of(database, account.id), compulsory=compulsory(account),
                sessions=sessions.living(database, account.id),
            )  # fmt: skip

    def app_factor(self) -> ResponseReturnValue:
        """Set up an authenticator app."""
        form = AppForm()
        if form.validate_on_submit():
            try:
                confirm_password(current_user.id, form.current.data)
                codes = factors.add_app(
                    current_user.id, pending_secret(current_user.id), form.code.data,
                    **known_device.trying(current_user.email),
                )  # fmt: skip
                if codes is not None:
                    return self._codes(codes)
                form.code.errors = [WRONG]
            except REFUSALS as error:
                form[getattr(error, "field", None) or "code"].errors = [str(error)]
        words = app_words(pending_secret(current_user.id), current_user.email)
        shown = render_template("my_account/app.html", shell=self.shell, form=form, to=self.to, **words)
        return shown, INVALID if request.method == "POST" else 200

    def app_remove(self) -> ResponseReturnValue:
        """Forget the authenticator app."""
        return self._after_password(
            lambda: factors.remove_app(current_user.id), "Aplikasi autentikator dilepas."
        )

    def passkey_factor(self) -> ResponseReturnValue:
        """Add a passkey."""
        form = PasskeyForm()
        if form.validate_on_submit():
            try:
                challenge = taken_challenge()
                confirm_password(current_user.id, form.current.data)
                answer = request.form.get("answer", "")
                codes = factors.add_passkey(current_user.id, here(), challenge, answer, form.name.data)
                if codes is not None:
                    return self._codes(codes)
                _renew()
                flash("Kunci sandi tersimpan.", "ok")
                return redirect(self.to("security"))
            except REFUSALS as error:
                form[getattr(error, "field", None) or "name"].errors = [str(error)]
        with realm().read() as database:
            options, challenge = passkeys.creation_options(database, _me(), here(), site_name())
        keep_challenge(challenge)
        shown = render_template(
            "my_account/passkey.html", shell=self.shell, form=form, to=self.to, options=options
        )
        return shown, INVALID if request.method == "POST" else 200

    def passkey_remove(self, passkey_id: int) -> ResponseReturnValue:
        """Forget a passkey."""
        return self._after_password(
            lambda: factors.remove_passkey(current_user.id, passkey_id), "Kunci sandi dihapus."
        )

    def recovery_renew(self) -> ResponseReturnValue:
        """Replace the recovery codes and show the new ones, once."""
        form = AgainForm()
        try:
            if not form.validate_on_submit():
                raise AccountError(NO_PASSWORD)
            confirm_password(current_user.id, form.current.data)
            return self._codes(factors.new_codes(current_user.id))
        except REFUSALS as error:
            flash(str(error), "error")
            return redirect(self.to("security"))

    def session_end(self, session_id: int) -> ResponseReturnValue:
        """Sign one browser out."""
        if session_id == current_user.session_id:
            login.sign_out()
            return redirect(url_for(self.sign_in))
        with realm().write() as database:
            ended = sessions.end(database, current_user.id, session_id)
        flash("Perangkat itu sudah keluar." if ended else "Perangkat itu tidak ada lagi.", "ok")
        return redirect(self.to("security"))

    def session_end_others(self) -> ResponseReturnValue:
        """Sign every other browser out."""
        with realm().write() as database:
            count = sessions.end_all(database, current_user.id, but=current_user.session_id)
            sessions.tell_ended(database, current_user.id)
        flash(f"{count} perangkat lain sudah keluar.", "ok")
        return redirect(self.to("security"))

    def _after_password(self, act: Callable[[], object], words: str) -> ResponseReturnValue:
        """Do one thing after the password, renew the session, and say so."""
        form = AgainForm()
        try:
            if not form.validate_on_submit():
                raise AccountError(NO_PASSWORD)
            confirm_password(current_user.id, form.current.data)
            act()
        except REFUSALS as error:
            flash(str(error), "error")
        else:
            _renew()
            flash(words, "ok")
        return redirect(self.to("security"))

    def _codes(self, codes: list[str]) -> ResponseReturnValue:
        _renew()
        return render_template(
            "auth/codes.html", shell=self.shell, codes=codes, onward=self.to("security"), inside=True
        )


def register(blueprint: AudienceBlueprint, prefix: str, *, frame: str, sign_in: str) -> None:
    """Add the pages to a realm's blueprint under `prefix`."""
    pages = Pages(blueprint.name, frame, sign_in)
    rate = limited("own security")
    for name, path, methods in ROUTES:
        blueprint.add_url_rule(prefix + path, name, rate(getattr(pages, name)), methods=list(methods))


def _renew() -> None:
    """After a change of what proves the owner: every other browser is out, this one has a fresh session."""
    account = _me()
    with realm().write() as database:
        sessions.end_all(database, account.id)
    login.sign_in(account)


def _me() -> Person:
    with realm().read() as database:
        account = person(database, current_user.id)
    if account is None:
        raise LookupError("an account vanished under its own request")
    return account
