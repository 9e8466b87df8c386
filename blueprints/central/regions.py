"""Acts of the centre on regions: suspend, bring back, create, give and take a domain."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.central import blueprint
from blueprints.central.forms import HostForm, SuspendForm
from blueprints.central.views import region_page
from mpp.web.flask import platform_app
from tenants.registry import acts, directory
from tenants.registry.errors import RegionExistsError, RegistryError, UnknownRegionError

MOST_LISTED = 60


@blueprint.post("/daerah/<slug>/tangguhkan")
def suspend_region(slug: str) -> ResponseReturnValue:
    """Suspend a region; reason and contact are required."""
    form = SuspendForm()
    if form.validate():
        try:
            name = acts.suspend(slug, form.reason.data, form.contact.data)
        except RegistryError as error:
            form.form_errors.append(str(error))
        else:
            flash(
                f"{name} ditangguhkan. Portalnya tertutup dan menyebut siapa yang dapat dihubungi.", "success"
            )
            return redirect(url_for("central.region", slug=slug))
    return region_page(slug, suspend_form=form)


@blueprint.post("/daerah/<slug>/aktifkan")
def activate_region(slug: str) -> ResponseReturnValue:
    """Bring a suspended region back."""
    try:
        flash(f"{acts.activate(slug)} aktif lagi. Portalnya langsung terbuka.", "success")
    except RegistryError as error:
        flash(str(error), "error")
    return redirect(url_for("central.region", slug=slug))


@blueprint.post("/daerah/<slug>/domain")
def add_host(slug: str) -> ResponseReturnValue:
    """Let a domain of its own lead to the region."""
    form = HostForm()
    if form.validate():
        try:
            host = acts.add_host(platform_app().settings, slug, form.host.data)
        except UnknownRegionError:
            abort(404)
        except RegistryError as error:
            form.host.errors = [str(error)]
        else:
            platform_app().resolver.forget()
            flash(f"{host} sekarang menuju daerah ini. Arahkan juga DNS-nya ke platform.", "success")
            return redirect(url_for("central.region", slug=slug, _anchor="alamat"))
    return region_page(slug, host_form=form)


@blueprint.post("/daerah/<slug>/domain/hapus")
def remove_host(slug: str) -> ResponseReturnValue:
    """Take a domain away from the region."""
    host = request.form.get("host", "")
    try:
        acts.remove_host(slug, host)
        platform_app().resolver.forget()
        flash(f"{host} tidak lagi menuju daerah ini.", "success")
    except RegistryError as error:
        flash(str(error), "error")
    return redirect(url_for("central.region", slug=slug, _anchor="alamat"))


@blueprint.get("/daerah-baru")
def new_region() -> ResponseReturnValue:
    """Search the 514 for those that are not registered yet."""
    query = request.args.get("q", "").strip()[:120]
    places = acts.candidates()
    found = directory.find(places, query) if query else places
    return render_template(
        "central/new_region.html", query=query, places=found[:MOST_LISTED], found=len(found), left=len(places)
    )


@blueprint.route("/daerah-baru/<code>", methods=["GET", "POST"])
def create_region(code: str) -> ResponseReturnValue:
    """Ask once more, then register the region and let the worker provision it."""
    settings = platform_app().settings
    try:
        place = acts.candidate(code)
        if request.method == "POST":
            slug = acts.create(settings, code)
            flash(f"{place.name} didaftarkan dan sedang disiapkan.", "success")
            return redirect(url_for("central.region", slug=slug))
    except UnknownRegionError:
        abort(404)
    except RegionExistsError as error:
        flash(str(error), "error")
        return redirect(url_for("central.region", slug=place.slug))
    return render_template(
        "central/create_region.html", place=place, portal=directory.address(settings, place.slug)
    )
