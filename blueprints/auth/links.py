"""Where a link from an admin leads: an invited colleague, or one who has forgotten a password, chooses one."""

from __future__ import annotations

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from blueprints.auth import DOOR, blueprint
from mpp.accounts import links
from mpp.accounts.models import Role
from mpp.accounts.passwords import SHORTEST
from mpp.accounts.service import AccountError
from mpp.accounts.staff import ROLE_WORDS
from mpp.web.kernel import limiter
from mpp.web.sign_in import INVALID, enter

GONE = 410


class LinkForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """One's name, where it is not known yet, and a password twice."""

    name = StringField(
        "Nama Anda", [Optional(), Length(max=links.LONGEST_NAME, message="Paling panjang 100 huruf.")]
    )
    new = PasswordField(
        "Kata sandi",
        [
            InputRequired("Pilih kata sandi."),
            Length(min=SHORTEST, max=200, message="Kata sandi 10 sampai 200 karakter."),
        ],
    )
    again = PasswordField(
        "Kata sandi, sekali lagi",
        [InputRequired("Ulangi kata sandi."), EqualTo("new", "Belum sama dengan kata sandi di atas.")],
    )


@blueprint.get("/tautan/<token>")
@limiter.limit("30 per minute")
def open_link(token: str) -> ResponseReturnValue:
    """Take the token out of the address, where others might read it, and go on."""
    session["link"] = token[:64]
    return redirect(url_for("auth.accept_link"))


@blueprint.route("/tautan", methods=["GET", "POST"])
@limiter.limit("30 per minute")
def accept_link() -> ResponseReturnValue:
    """Ask for a name and a password, then go on to the second factor or into the session."""
    token = str(session.get("link", ""))
    link = links.find(token) if token else None
    if link is None:
        return render_template("auth/link_gone.html"), GONE
    form = LinkForm()
    if form.validate_on_submit():
        try:
            staff = links.accept(token, form.name.data or "", form.new.data)
        except links.DeadLinkError:
            return render_template("auth/link_gone.html"), GONE
        except AccountError as error:
            field = form[error.field] if error.field else form.new
            field.errors = [*field.errors, str(error)]
        else:
            session.pop("link", None)
            return enter(DOOR, staff, None)
    page = render_template("auth/link.html", form=form, link=link, role=ROLE_WORDS[Role(link.role)])
    return page, INVALID if request.method == "POST" else 200
