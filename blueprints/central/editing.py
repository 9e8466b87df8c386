"""Editing a national standard: the form, publishing a new version, withdrawing a service nationwide."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.central import blueprint
from blueprints.central.catalogue import service_page
from blueprints.central.catalogue_forms import StandardForm, form_of
from mpp.web.form_data import whole
from tenants.catalogue import editing, versions
from tenants.catalogue.errors import EditError, InvalidEditError, UnknownServiceError


@blueprint.route("/katalog/<slug>/ubah", methods=["GET", "POST"])
def edit_service(slug: str) -> ResponseReturnValue:
    """Show the newest version as a form; on POST publish what was written as the next version."""
    try:
        service = versions.service_with_versions(slug)
    except UnknownServiceError:
        abort(404)
    newest = service.standards[0]
    if request.method == "GET":
        form = form_of(editing.draft_of(newest))
        form.spare_rows()
        return _page(service, form, newest.version)
    form = StandardForm()
    base = request.form.get("base", 0, type=whole)
    if "tambah" in request.form:
        form.spare_rows(cases=request.form["tambah"] == "keperluan", fees=request.form["tambah"] == "biaya")
        return _page(service, form, base)
    if form.validate():
        form.drop_empty_rows()
        try:
            version = editing.publish(slug, base, form.draft(), form.change_note.data)
        except InvalidEditError as error:
            form.show(error.problems)
        except EditError as error:
            form.form_errors.append(str(error))
        else:
            flash(
                f"Versi {version} terbit. Daerah melihatnya sebagai usulan perubahan dan tetap memakai versi lamanya"
                " sampai menerimanya.",
                "success",
            )
            return redirect(url_for("central.service", slug=slug))
    form.spare_rows()
    return _page(service, form, base, 422)


def _page(service: object, form: StandardForm, base: int, code: int = 200) -> ResponseReturnValue:
    return render_template("central/edit_service.html", service=service, form=form, base=base), code


@blueprint.post("/katalog/<slug>/keadaan")
def service_activity(slug: str) -> ResponseReturnValue:
    """Withdraw a service nationwide, or offer it again."""
    active = request.form.get("aktif") == "1"
    try:
        name = editing.set_active(slug, active=active, reason=request.form.get("reason", "")[:500])
    except UnknownServiceError:
        abort(404)
    except EditError as error:
        return service_page(slug, refused=str(error))
    flash(f"{name} ditawarkan lagi." if active else f"{name} dinonaktifkan untuk semua daerah.", "success")
    return redirect(url_for("central.service", slug=slug))
