"""One's own data: see it, take it along, ask for a correction, take back the consent, have it erased."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.privacy_rights import blueprint
from blueprints.privacy_rights.door import CITIZEN_DOOR, GUEST_DOOR, Door, forget
from blueprints.privacy_rights.forms import MOST_BODY, CorrectForm
from mpp import audit
from mpp.accounts import login
from mpp.citizens import proofs
from mpp.database.session import read, write
from mpp.i18n import gettext as _
from mpp.privacy.dossier import words
from mpp.privacy.handing import FORMS, hand_over
from mpp.storage.errors import FileRefusedError
from mpp.tenancy.region import current_region
from mpp.web.files import send_file
from mpp.web.intake import takes
from mpp.web.limits import limited
from tenants.privacy import erasure, files, requests
from tenants.privacy.errors import AlreadyAskedError, BadWishError, DecidedError, NotYoursError
from tenants.privacy.models import RequestState
from tenants.privacy.own import covered, mine, ticket_title
from tenants.privacy.owner import Owner, proven
from tenants.privacy.words import FIELD_WORDS, STATE_KINDS, STATE_WORDS


def show(door: Door, owner: Owner) -> ResponseReturnValue:
    """Show what is held, why, until when, who looked and who acted."""
    with read() as session:
        found = mine(session, owner)
        return _page(
            "privacy_rights/show.html", door, owner, mine=found, proven=proven(session, owner), words=words,
            open=RequestState.OPEN.value, covered=covered,
            field_words=FIELD_WORDS, state_words=STATE_WORDS, state_kinds=STATE_KINDS,
        )  # fmt: skip


def download(_door: Door, owner: Owner, form: str) -> ResponseReturnValue:
    """Hand everything over in a file, after writing down that it was."""
    with write() as session:
        dossier = mine(session, owner).dossier
        audit.record(session, action="rights.download", subject=owner.subject, data={"form": form})
    content, mimetype = hand_over(dossier, form)
    name = f"data-saya-{current_region().slug}-{current_region().today():%Y-%m-%d}.{form}"
    return _file(content, mimetype, name)


def file(_door: Door, owner: Owner, file_id: int) -> ResponseReturnValue:
    """Give a document back to who sent it."""
    with read() as session:
        mine_too = {file.id for file in files.own(session, owner)}
    return send_file(file_id, lambda file: file.id in mine_too)


def correct(door: Door, owner: Owner) -> ResponseReturnValue:
    """Ask for what one can't change alone."""
    form = CorrectForm()
    with read() as session:
        found = mine(session, owner)
    form.nomor.choices = [(0, _("Bukan tentang satu nomor"))] if owner.profile_id is not None else []
    form.nomor.choices += [(ticket.id, ticket_title(ticket)) for ticket in found.tickets]
    if form.validate_on_submit():
        try:
            requests.ask(
                owner, form.hal.data, form.menjadi.data or "", form.nomor.data or None, form.document()
            )
        except FileRefusedError as error:
            form.berkas.errors = [_(str(error))]
        except (BadWishError, AlreadyAskedError) as error:
            form.menjadi.errors = [str(error)]
        except NotYoursError as error:
            form.nomor.errors = [_("Pilih nomor antreannya.") if not form.nomor.data else str(error)]
        else:
            flash(_("Permintaan dikirim. Admin menjawab paling lambat dalam 3x24 jam."), "success")
            return redirect(door.url("show"), 303)
    if form.errors and not form.berkas.errors and form.berkas.data and form.berkas.data.filename:
        # Words come back with the page; a file never does.
        form.berkas.errors = [_("Pilih lagi berkasnya. Isian lain tetap ada.")]
    page = _page("privacy_rights/correct.html", door, owner, form=form)
    return page, 422 if form.errors else 200


def take_back(door: Door, owner: Owner, request_id: int) -> ResponseReturnValue:
    """Drop a wish that nobody has decided yet."""
    try:
        requests.take_back(owner, request_id)
    except NotYoursError:
        abort(404)
    except DecidedError as error:
        flash(str(error), "warning")
    else:
        flash(_("Permintaan ditarik kembali."), "success")
    return redirect(door.url("show"), 303)


def leave(door: Door, owner: Owner) -> ResponseReturnValue:
    """Say what taking back the consent and erasing do, before either is done."""
    with read() as session:
        return _page(
            "privacy_rights/leave.html", door, owner, numbers=erasure.open_numbers(session, owner),
            consequences=erasure.consequences(session, owner),
        )  # fmt: skip


def erase(door: Door, owner: Owner) -> ResponseReturnValue:
    """Erase, once the person has ticked that they have read what happens."""
    if request.form.get("paham") != "ya":
        flash(_("Centang dahulu bahwa Anda sudah membaca akibatnya."), "warning")
        return redirect(door.url("leave"), 303)
    try:
        erasure.erase(owner)
    except NotYoursError:
        abort(404)
    return _gone(door, _("Data Anda di daerah ini sudah dihapus."))


def withdraw(door: Door, owner: Owner) -> ResponseReturnValue:
    """Take back the consent: signed out and frozen at once."""
    assert owner.profile_id is not None
    try:
        erasure.withdraw(owner.profile_id)
    except NotYoursError:
        abort(404)
    return _gone(
        door, _("Persetujuan Anda ditarik. Profil Anda di sini dibekukan dan dihapus dalam tiga hari.")
    )


# Handing over what stands covered, and erasing for good: a session alone is not enough, nor the SIM where the account
# has more (mpp.citizens.proofs). A guest's telephone has just answered.
OWNERS = frozenset({download, erase})


def _gone(door: Door, words: str) -> ResponseReturnValue:
    forget()
    if not door.is_guest:
        login.sign_out()
    flash(words, "success")
    return redirect(url_for("portal.privacy"), 303)


def _page(template: str, door: Door, owner: Owner, **values: object) -> str:
    return render_template(template, door=door, owner=owner, forms=FORMS, **values)


def _file(content: bytes, mimetype: str, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _entered(door: Door, page: Callable[..., ResponseReturnValue], **values: object) -> ResponseReturnValue:
    """Let in who has a proof; more than looking asks for one that the telephone has answered."""
    owner = door.owner()
    if owner is None:
        return door.closed()
    if page is not show:
        with read() as session:
            if not proven(session, owner):
                flash(
                    _("Buktikan dahulu dengan kode yang dikirim ke HP yang tertulis pada nomor ini."),
                    "warning",
                )
                return redirect(door.url("show"), 303)
    if page in OWNERS and not door.is_guest and not proofs.given_at(current_user.session_id):
        flash(_("Tunjukkan dahulu bahwa ini Anda, lalu tekan tombolnya sekali lagi."), "info")
        to = door.url("leave" if page is erase else "show")
        return redirect(url_for("people.prove", lanjut=to), 303)
    response = make_response(page(door, owner, **values))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _add(door: Door) -> None:
    int_ = "<int(max=9223372036854775807):request_id>"
    rules: tuple[tuple[str, str, tuple[str, ...], Callable[..., ResponseReturnValue]], ...] = (
        ("", "show", ("GET",), show),
        (f"/unduh/<any({','.join(FORMS)}):form>", "download", ("POST",), download),
        ("/perbaikan", "correct", ("GET", "POST"), correct),
        (f"/berkas/{int_.replace('request', 'file')}", "file", ("GET",), file),
        (f"/perbaikan/{int_}/batal", "take_back", ("POST",), take_back),
        ("/berhenti", "leave", ("GET",), leave),
        ("/hapus", "erase", ("POST",), erase),
        *((("/tarik", "withdraw", ("POST",), withdraw),) if not door.is_guest else ()),
    )
    for path, name, methods, page in rules:
        view: Callable[..., ResponseReturnValue] = wraps(page)(partial(_entered, door, page))
        view = limited("own data")(view) if page in {download, correct, file} else view
        view = takes(MOST_BODY)(view) if page is correct else view
        blueprint.add_url_rule(f"{door.path}{path}", f"{door.name}_{name}", view, methods=list(methods))


_add(CITIZEN_DOOR)
_add(GUEST_DOOR)
