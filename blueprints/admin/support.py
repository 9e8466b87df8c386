"""Support access as the region's admins see it: who was here and saw what, ending it, and what it may do."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.admin import blueprint
from blueprints.admin.saving import ID
from mpp.support import access, pages
from mpp.support.models import Ender
from mpp.tenancy.region import current_region


@blueprint.get("/akses-dukungan")
def support() -> ResponseReturnValue:
    """List the accesses to this region, newest first, each with the pages seen."""
    region = current_region()
    accesses = access.past(region.id)
    return render_template(
        "admin/support.html", accesses=accesses, seen=pages.seen_in(accesses),
        changes=access.changes_allowed(region.id),
    )  # fmt: skip


@blueprint.post("/akses-dukungan/izin")
def support_consent() -> ResponseReturnValue:
    """Let support change things, or only look."""
    allowed = request.form.get("changes") == "ya"
    access.allow_changes(allowed)
    flash("Dukungan boleh mengubah." if allowed else "Dukungan hanya boleh melihat.", "ok")
    return redirect(url_for("admin.support"))


@blueprint.post(f"/akses-dukungan/<{ID}:access_id>/akhiri")
def support_end(access_id: int) -> ResponseReturnValue:
    """Put somebody of the centre out at once."""
    if access.end(access_id, Ender.REGION, region_id=current_region().id):
        flash("Akses dukungan sudah diakhiri.", "ok")
    else:
        flash("Akses itu sudah berakhir sebelumnya.", "ok")
    return redirect(url_for("admin.support"))
