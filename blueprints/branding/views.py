"""The portal's face: edit a draft beside its preview, publish it, look back and restore."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.branding import blueprint
from blueprints.branding.forms import BrandingForm, add_problems, branding_form, content_of
from mpp.database.session import read
from mpp.tenancy.region import current_region
from mpp.web.form_data import whole
from tenants.portal import branding
from tenants.portal.content import COLOURS, CONTACTS, MOTIFS, Content, check
from tenants.portal.errors import (
    ImageRefusedError,
    InvalidContentError,
    PortalError,
    StaleDraftError,
    UnknownVersionError,
)
from tenants.portal.home import home_view
from tenants.portal.images import MOST_BYTES_IN
from tenants.portal.readability import check_colours
from tenants.portal.site import SiteView, site_from
from tenants.portal.theme import is_colour, theme_css

# Where the colours of a preview apply: its whole page, or only the samples in the form.
SELECTORS = {"halaman": ":root", "contoh": ".samples"}


@blueprint.route("/tampilan", methods=["GET", "POST"])
def edit() -> ResponseReturnValue:
    """Show the form beside the preview; on POST keep the draft, or keep and publish it."""
    if request.method == "GET":
        desk = branding.desk()
        return _page(branding_form(desk.content, desk.seen))
    form = branding_form()
    # "Pakai warna ini" is a button of this form that sends the colour offered.
    for key in COLOURS:
        form[key].data = request.form.get(f"use_{key}") or form[key].data
    if form.validate():
        try:
            return _keep(form)
        except InvalidContentError as error:
            add_problems(form, error.problems)
        except ImageRefusedError as error:
            add_problems(form, {"logo": str(error)})
        except StaleDraftError as error:
            form.form_errors.append(str(error))
            form.seen.data = branding.desk().seen
        except PortalError as error:
            form.form_errors.append(str(error))
    else:
        # What the form's own rules don't know, so that everything is told at once.
        _clean, problems = check(content_of(form, branding.desk().content))
        add_problems(form, problems)
    return _page(form), 422


def _keep(form: BrandingForm) -> ResponseReturnValue:
    content = content_of(form, branding.desk().content)
    draft = branding.save_draft(content, form.seen.data or "", logo=_uploaded(form))
    if request.form.get("act") != "publish":
        if draft:
            flash("Draf tersimpan. Warga belum melihatnya sampai Anda menerbitkannya.", "success")
        else:
            flash("Tidak ada yang berubah dari yang sudah terbit.", "info")
        return redirect(url_for("branding.edit"))
    form.seen.data = branding.desk().seen
    published = branding.publish(form.note.data, seen=form.seen.data)
    flash(f"Versi {published.number} terbit. Warga melihatnya mulai sekarang.", "success")
    return redirect(url_for("branding.edit"))


def _uploaded(form: BrandingForm) -> bytes | None:
    upload = form.logo_file.data
    if not upload or not upload.filename:
        return None
    # One byte more than is allowed tells a file that is too large.
    data: bytes = upload.read(MOST_BYTES_IN + 1)
    upload.close()
    return data


def _page(form: BrandingForm) -> str:
    desk = branding.desk()
    return render_template(
        "branding/edit.html",
        form=form,
        desk=desk,
        motifs=MOTIFS,
        colours={key: _colour(form[key].data, desk.content[key]) for key in COLOURS},
        checks=_checks(form.color_1.data, form.color_2.data),
    )


def _colour(value: str | None, otherwise: str) -> str:
    text = (value or "").strip().lower()
    return text if is_colour(text) else otherwise


def _checks(color_1: str | None, color_2: str | None) -> Any:
    one, two = (color_1 or "").lower(), (color_2 or "").lower()
    return check_colours(one, two) if is_colour(one) and is_colour(two) else []


@blueprint.get("/tampilan/warna")
def colours() -> str:
    """Return the readability of two colours as a piece of the form, while they are being chosen."""
    checks = _checks(request.args.get("color_1"), request.args.get("color_2"))
    return render_template("branding/_colours.html", checks=checks)


@blueprint.get("/tampilan/pratinjau")
def preview() -> str:
    """Show the portal's real home with the draft, or with version ?versi= of the history. Never kept anywhere."""
    number = request.args.get("versi", type=whole)
    if number is None:
        return _home(branding.desk().content)
    try:
        return _home(branding.version(number).content)
    except UnknownVersionError:
        abort(404)


@blueprint.post("/tampilan/pratinjau")
def preview_unsaved() -> str:
    """Show the home page with what stands in the form right now; nothing is kept."""
    saved = branding.desk().content
    clean, problems = check(content_of(branding_form(), saved))
    for key in problems:
        # What can't be kept isn't shown either: the preview goes on with what was saved.
        place, source = (clean["contact"], saved.get("contact") or {}) if key in CONTACTS else (clean, saved)
        if source.get(key) is not None:
            place[key] = source[key]
    return _home(clean)


def _home(content: Content) -> str:
    region = current_region()
    with read() as session:
        return render_template(
            "portal/home.html", site=_face(content), nav=(), **home_view(session, region.now())
        )


def _face(content: Content) -> SiteView:
    site = site_from(current_region(), content)
    address = url_for("branding.preview_theme", color_1=site.color_1, color_2=site.color_2)
    return replace(site, theme_url=address)


@blueprint.get("/tampilan/pratinjau.css")
def preview_theme() -> Response:
    """Serve the theme that two colours give: for ?untuk=contoh only to the samples in the form."""
    one, two = request.args.get("color_1", "").lower(), request.args.get("color_2", "").lower()
    selector = SELECTORS.get(request.args.get("untuk", "halaman"))
    if not (is_colour(one) and is_colour(two) and selector):
        abort(404)
    return Response(theme_css(one, two, selector), mimetype="text/css")


@blueprint.post("/tampilan/buang")
def discard() -> ResponseReturnValue:
    """Throw the draft away."""
    try:
        branding.discard_draft()
        flash("Draf dibuang. Portal tetap seperti yang sudah terbit.", "success")
    except PortalError as error:
        flash(str(error), "danger")
    return redirect(url_for("branding.edit"))


@blueprint.get("/tampilan/riwayat")
def history() -> str:
    """List every version: who, when, why, and what it changed."""
    return render_template("branding/history.html", entries=branding.history(), desk=branding.desk())


@blueprint.post("/tampilan/riwayat/<int:number>/pulihkan")
def restore(number: int) -> ResponseReturnValue:
    """Make an earlier version the draft."""
    try:
        branding.restore(number)
    except UnknownVersionError:
        abort(404)
    flash(f"Versi {number} sekarang menjadi draf. Periksa pratinjaunya, lalu terbitkan.", "success")
    return redirect(url_for("branding.edit"))


@blueprint.get("/bantuan-tampilan")
def gallery() -> str:
    """Show every part of the design system."""
    return render_template("gallery.html")
