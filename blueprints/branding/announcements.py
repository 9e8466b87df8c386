"""Announcements: written here, shown on the portal within their days."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.branding import blueprint
from blueprints.branding.forms import AnnouncementForm, add_problems, announcement_form
from mpp.tenancy.region import current_region
from tenants.portal import announcements as service
from tenants.portal.errors import InvalidContentError, UnknownAnnouncementError
from tenants.portal.models import Announcement

LIST = "branding.announcements"


@blueprint.get("/pengumuman")
def announcements() -> str:
    """List all announcements with where they stand today."""
    today = current_region().today()
    rows = [
        (found, hall, service.showing(found, today).value) for found, hall in service.every_announcement()
    ]
    return render_template("branding/announcements.html", rows=rows)


@blueprint.route("/pengumuman/baru", methods=["GET", "POST"])
def new_announcement() -> ResponseReturnValue:
    """Write an announcement."""
    form = announcement_form(service.halls())
    if not form.is_submitted():
        form.starts_on.data = current_region().today()
    elif form.validate():
        try:
            found = service.add(form.notice())
        except InvalidContentError as error:
            add_problems(form, error.problems)
        else:
            return _done(found, "tersimpan")
    return _page(form, None)


@blueprint.route("/pengumuman/<int:number>", methods=["GET", "POST"])
def announcement(number: int) -> ResponseReturnValue:
    """Change an announcement."""
    try:
        found = service.announcement(number)
        form = announcement_form(service.halls(), found)
        if form.validate_on_submit():
            found = service.change(number, form.notice())
            return _done(found, "diubah")
    except UnknownAnnouncementError:
        abort(404)
    except InvalidContentError as error:
        add_problems(form, error.problems)
    return _page(form, number)


@blueprint.post("/pengumuman/<int:number>/hapus")
def remove_announcement(number: int) -> ResponseReturnValue:
    """Delete an announcement."""
    try:
        title = service.remove(number)
    except UnknownAnnouncementError:
        abort(404)
    flash(f"Pengumuman “{title}” dihapus.", "success")
    return redirect(url_for(LIST))


def _page(form: AnnouncementForm, number: int | None) -> ResponseReturnValue:
    page = render_template("branding/announcement.html", form=form, number=number)
    return page, 422 if form.is_submitted() else 200


def _done(found: Announcement, word: str) -> ResponseReturnValue:
    told = {
        "now": "Warga melihatnya mulai sekarang.",
        "scheduled": "Tampil di portal mulai hari pertamanya.",
        "over": "Harinya sudah lewat, jadi tidak tampil di portal.",
        "hidden": "Belum tampil di portal.",
    }[service.showing(found, current_region().today()).value]
    flash(f"Pengumuman {word}. {told}", "success")
    return redirect(url_for(LIST))
