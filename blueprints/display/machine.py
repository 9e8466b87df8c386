"""What only an enrolled display does: say that it lives, and learn the name of somebody being called."""

from __future__ import annotations

from flask import abort, jsonify, url_for
from flask.typing import ResponseReturnValue

from blueprints.display import blueprint
from mpp.database.session import read
from mpp.web.device import current_device, keep_device
from mpp.web.static import fingerprint
from tenants.devices import service as devices
from tenants.devices.models import Device, DeviceKind
from tenants.devices.queries import zone_shown
from tenants.lobby.naming import name_called

# The largest number that both a bigint and a browser hold exactly.
ID = "int(max=9007199254740991)"


def display_here() -> Device | None:
    """Return the enrolled display that asks, None for anybody else."""
    device = current_device()
    return device if isinstance(device, Device) and device.kind == DeviceKind.DISPLAY else None


@blueprint.post("/layar-hidup")
def alive() -> ResponseReturnValue:
    """Note that a display lives, and answer where it belongs, whether it speaks, and which release runs.

    404 tells a machine that it is an enrolled display no more.
    """
    device = display_here()
    if device is None:
        abort(404)
    devices.seen(device)
    return keep_device(jsonify(home=_home(device), speaks=device.speaks, release=fingerprint()))


def _home(device: Device) -> str:
    """The board that hangs there; where its hall is in use no more, the page that takes a new code."""
    if not device.hall.active:
        return url_for("enrolment.enter")
    with read() as session:
        zone = zone_shown(session, device)
    return url_for("display.board", hall_slug=device.hall.slug, zone_slug=zone)


@blueprint.get(f"/panggilan/<{ID}:call_id>/nama")
def name(call_id: int) -> ResponseReturnValue:
    """Return the name of whoever is called now, to a display of that hall, where the region has turned names on."""
    device = display_here()
    if device is None:
        abort(404)
    with read() as session:
        found = name_called(session, device.hall_id, call_id)
    if found is None:
        abort(404)
    return jsonify(name=found)
