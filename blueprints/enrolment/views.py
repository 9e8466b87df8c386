"""The page that takes a one-time code."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.exceptions import TooManyRequests
from wtforms import StringField

from blueprints.enrolment import blueprint
from mpp.database.session import read
from mpp.i18n import gettext as _
from mpp.web.device import current_device, has_device_token, keep_device
from mpp.web.limits import limited
from tenants.devices import service
from tenants.devices.errors import DeviceError
from tenants.devices.models import Device, DeviceKind
from tenants.devices.queries import zone_shown

# What the limit of wrong codes counts.
REFUSED = 422


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """The code as it may have been typed: small letters, gaps and hyphens are read over."""

    code = StringField()


@blueprint.get("")
def enter() -> ResponseReturnValue:
    """Show the field for the code, and what this machine is now."""
    return _page(200)


@blueprint.post("")
@limited("enrol")
def let_in() -> ResponseReturnValue:
    """Let the machine in for which the code was given, and send it to its own page."""
    form = CodeForm()
    try:
        device, token = service.enrol(form.code.data or "")
    except DeviceError as error:
        return _page(REFUSED, str(error))
    return keep_device(make_response(redirect(_home(device), 303)), token)


@blueprint.errorhandler(TooManyRequests)
def _too_many(_error: TooManyRequests) -> ResponseReturnValue:
    return _page(429, _("Terlalu banyak kode yang salah. Tunggu 15 menit, lalu coba lagi."))


def _page(code: int, refused: str | None = None) -> ResponseReturnValue:
    device = current_device()
    page = render_template(
        "enrolment/enter.html", form=CodeForm(), refused=refused, device=device,
        home=_home(device) if device else None,
        # It was let in once; its citizens should read more than "type a code".
        shut=device is None and has_device_token() and request.method == "GET",
    )  # fmt: skip
    return page, code


def _home(device: Device) -> str:
    """The page on which a machine stands all day."""
    if device.kind == DeviceKind.KIOSK:
        return url_for("kiosk.start", hall_slug=device.hall.slug)
    with read() as session:
        zone = zone_shown(session, device)
    return url_for("display.board", hall_slug=device.hall.slug, zone_slug=zone)
