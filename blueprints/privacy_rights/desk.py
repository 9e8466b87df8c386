"""The admin's desk: what people ask about their data, with the clock of the law, and the decision."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.privacy_rights import blueprint
from blueprints.privacy_rights.forms import DecideForm, FindForm
from mpp.crypto import disclosure
from mpp.crypto.masks import mask_phone
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.files import send_file
from mpp.web.limits import limited
from tenants.privacy import files, finding, requests
from tenants.privacy.errors import BadWishError, DecidedError
from tenants.privacy.models import RequestState
from tenants.privacy.words import FIELD_WORDS, FILE_WORDS, STATE_KINDS, STATE_WORDS, WHY_WORDS

ID = "int(max=9223372036854775807)"
WORDS = {"field_words": FIELD_WORDS, "state_words": STATE_WORDS, "state_kinds": STATE_KINDS}


@blueprint.get("/admin/hak-data")
def desk() -> ResponseReturnValue:
    """List what waits, most urgent first, and what was decided lately."""
    return _desk(FindForm(formdata=None))


@blueprint.post("/admin/hak-data/cari")
@limited("find person")
def find() -> ResponseReturnValue:
    """Find whom a request at the desk is about, by the NIK they show; the number is in no address."""
    form, found = FindForm(), None
    if form.validate_on_submit():
        try:
            found = finding.by_nik(form.nik.data, form.untuk.data)
        except (BadWishError, disclosure.NoPurposeError) as error:
            form.nik.errors = [str(error)]
    return _desk(form, found)


def _desk(form: FindForm, found: list[finding.Found] | None = None) -> ResponseReturnValue:
    if found is not None:
        # Found or not: the NIK does not stand on the screen of the desk any longer than needed.
        form.nik.data = ""
    with read() as session:
        page = render_template(
            "privacy_rights/desk.html", waiting=requests.waiting(session), decided=requests.decided(session),
            now=current_region().now(), form=form, found=found, **WORDS,
        )  # fmt: skip
    response = make_response(page, 422 if form.errors else 200)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.route(f"/admin/hak-data/<{ID}:request_id>", methods=["GET", "POST"])
def decide(request_id: int) -> ResponseReturnValue:
    """Show one wish, and take the decision."""
    form = DecideForm()
    if form.validate_on_submit():
        try:
            requests.decide(
                request_id, grant=form.keputusan.data == "kabul", answer=form.jawaban.data or "",
                staff_id=current_user.id,
            )  # fmt: skip
        except BadWishError as error:
            form.jawaban.errors = [str(error)]
        except DecidedError as error:
            flash(str(error), "warning")
            return redirect(url_for("privacy_rights.desk"), 303)
        else:
            flash("Keputusan disimpan. Warga membacanya di halaman “Data saya”.", "success")
            return redirect(url_for("privacy_rights.desk"), 303)
    return _decide(request_id, form)


@blueprint.post(f"/admin/hak-data/<{ID}:request_id>/berkas/<{ID}:file_id>")
def document(request_id: int, file_id: int) -> ResponseReturnValue:
    """Answer with a document of a wish, after writing down what for; its owner reads that."""
    subject = files.subject(request_id)
    try:
        why = disclosure.purpose(request.form.get("untuk", ""))
    except disclosure.NoPurposeError as error:
        return _decide(request_id, DecideForm(formdata=None), opening=str(error))
    return send_file(file_id, lambda file: file.subject == subject, why=why)


def _decide(request_id: int, form: DecideForm, opening: str | None = None) -> ResponseReturnValue:
    with read() as session:
        wish = requests.opened(session, request_id)
        if wish is None:
            abort(404)
        wanted = wish.wanted
        if wish.field == "phone":
            # Deciding needs no number: it goes in as its owner wrote it.
            wanted = mask_phone(wish.wanted) or "(dikosongkan)"
        page = render_template(
            "privacy_rights/decide.html", form=form, wish=wish, wanted=wanted, now=current_region().now(),
            phone=mask_phone(wish.ticket.phone) if wish.ticket and wish.field == "phone" else None,
            open=wish.state == RequestState.OPEN, files=files.with_request(session, request_id),
            file_words=FILE_WORDS, why=WHY_WORDS, opening=opening, **WORDS,
        )  # fmt: skip
    return page, 422 if form.errors or opening else 200
