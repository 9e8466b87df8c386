"""Where a link from a colleague leads: who is invited, or has forgotten a password, chooses one.

Added alike to the region's door and the centre's.
"""

from __future__ import annotations

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from mpp.accounts import links
from mpp.accounts.models import Role
from mpp.accounts.passwords import LONGEST, SHORTEST_ALONE, SHORTEST_BESIDE
from mpp.accounts.proof_models import LinkColumns, StaffLink
from mpp.accounts.service import AccountError
from mpp.accounts.staff import ROLE_WORDS
from mpp.web.access import AudienceBlueprint
from mpp.web.limits import limited
from mpp.web.sign_in import INVALID, Door, enter, here, site_name

GONE = 410


class LinkForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """One's name, where it is not known yet, and a password twice."""

    name = StringField(
        "Nama Anda", [Optional(), Length(max=links.LONGEST_NAME, message="Paling panjang 100 huruf.")]
    )
    new = PasswordField(
        "Kata sandi",
        [InputRequired("Pilih kata sandi."), Length(max=LONGEST, message="Paling banyak 200 karakter.")],
    )
    again = PasswordField(
        "Kata sandi, sekali lagi",
        [InputRequired("Ulangi kata sandi."), EqualTo("new", "Belum sama dengan kata sandi di atas.")],
    )


def address_of(door: str, token: str) -> str:
    """Return the whole address of a link of this site; `door` is the blueprint that takes it."""
    return f"{here().origin}{url_for(f'{door}.open_link', token=token)}"


def add_links(blueprint: AudienceBlueprint, door: Door) -> None:
    """Add the pages that take a link to `blueprint`."""

    @blueprint.get("/tautan/<token>")
    @limited("link")
    def open_link(token: str) -> ResponseReturnValue:
        """Take the token out of the address, where others might read it, and go on."""
        session["link"] = token[:64]
        return redirect(door.url("accept_link"))

    @blueprint.route("/tautan", methods=["GET", "POST"])
    @limited("link")
    def accept_link() -> ResponseReturnValue:
        """Ask for a name and a password, then go on to the second factor or into the session."""
        token = str(session.get("link", ""))
        link = links.find(token) if token else None
        if link is None:
            return _gone(door)
        form = LinkForm()
        if form.validate_on_submit():
            try:
                staff = links.accept(token, form.name.data or "", form.new.data)
            except links.DeadLinkError:
                return _gone(door)
            except AccountError as error:
                field = form[error.field] if error.field else form.new
                field.errors = [*field.errors, str(error)]
            else:
                session.pop("link", None)
                return enter(door, staff, None)
        page = render_template(
            "auth/link.html", shell=door.shell, form=form, link=link, place=site_name(), **_post(link)
        )
        return page, INVALID if request.method == "POST" else 200


def _post(link: LinkColumns) -> dict[str, object]:
    """What the link is for, in words, and how long the password must be."""
    role = Role(link.role) if isinstance(link, StaffLink) else None
    return {
        "role": ROLE_WORDS[role] if role else "admin",
        "shortest": SHORTEST_BESIDE if role in {None, Role.ADMIN} else SHORTEST_ALONE,
    }


def _gone(door: Door) -> ResponseReturnValue:
    return render_template("auth/link_gone.html", shell=door.shell, sign_in=door.url("sign_in")), GONE
