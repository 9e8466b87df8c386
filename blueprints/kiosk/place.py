"""Where a kiosk stands and how it speaks; and full-screen words for what goes wrong, never a page of an office."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from hashlib import blake2b

from flask import Response, g, jsonify, make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from blueprints.kiosk import blueprint
from mpp import i18n
from mpp.i18n import gettext as _
from mpp.web.device import current_device
from mpp.web.preferences import preferences
from tenants.devices.models import Device
from tenants.devices.settings import KioskSettings, settings_of
from tenants.hall.models import Hall
from tenants.queueing.policies import new_key

# A message stands for so long, then the kiosk is at its start again.
SECONDS_MESSAGE = 12
VISIT = "kios"


class WrongHallError(Exception):
    """The device stands in another hall, or in one that is not used any more."""


@dataclass(frozen=True, slots=True)
class Place:
    """The kiosk that asks: its device, the hall it stands in, and its settings."""

    device: Device
    hall: Hall
    settings: KioskSettings

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Languages of the settings that have a catalogue, as (code, own name); the first is the kiosk's usual one."""
        known = i18n.catalogues()
        found = [(code, known[code].name) for code in self.settings.languages if code in known]
        return found or [(i18n.SOURCE, known[i18n.SOURCE].name)]

    @property
    def start(self) -> str:
        """The address at which every visit begins, in the usual language again."""
        return url_for("kiosk.start", hall_slug=self.hall.slug, bahasa=self.languages[0][0])


def here(hall_slug: str) -> Place:
    """Return the place of the kiosk that asks. Raises WrongHallError when it stands elsewhere."""
    place = _place()
    if place is None or place.hall.slug != hall_slug or not place.hall.active:
        raise WrongHallError
    return place


def new_visit() -> None:
    """Forget the last visitor: the next number is another person's."""
    session[VISIT] = new_key()


def visit_key(service: str) -> str:
    """Return the idempotency key of a service in this visit: going back and tapping again gives the same number."""
    if VISIT not in session:
        new_visit()
    return blake2b(f"{session[VISIT]}:{service}".encode(), digest_size=20).hexdigest()


def message(code: int, title: str, body: str, *, icon: str = "info", down: bool = False) -> Response:
    """Return a full-screen message. `down` ones stand until the kiosk works again, others go back to the start."""
    page = render_template(
        "kiosk/message.html", title=title, body=body, icon=icon, down=down, seconds=SECONDS_MESSAGE
    )
    return make_response(page, code)


def _place() -> Place | None:
    device = current_device()
    if device is None or not blueprint.access.admits(device):
        return None
    return Place(device, device.hall, settings_of(device.settings))


@blueprint.before_request
def _speak() -> None:
    """Speak only languages that this kiosk offers: a cookie of before may name another."""
    place = _place()
    offered = [code for code, _name in place.languages] if place else [i18n.SOURCE]
    if preferences().language not in offered:
        g.preferences = dataclasses.replace(preferences(), language=offered[0])
        i18n.language.set(offered[0])


@blueprint.context_processor
def _context() -> dict[str, object]:
    place = _place()
    return {"place": place, "start": place.start if place else url_for("enrolment.enter")}


@blueprint.errorhandler(WrongHallError)
def _wrong_hall(_error: WrongHallError) -> ResponseReturnValue:
    place = _place()
    if place is None or not place.hall.active:
        title = _("Gedung ini sudah tidak dipakai")
        return message(
            404,
            title,
            _("Tanyakan kepada petugas di mana layanan Anda sekarang."),
            icon="building",
            down=True,
        )
    body = _("Mesin ini terdaftar untuk %(hall)s.", hall=place.hall.name)
    return message(404, _("Ini mesin gedung lain"), body, icon="building")


@blueprint.errorhandler(401)
def _shut_out(_error: HTTPException) -> ResponseReturnValue:
    body = _("Nomor Anda belum diambil. Ambil nomor dari HP, atau minta bantuan di meja informasi.")
    return message(401, _("Mesin ini sedang tidak dipakai"), body, icon="alert", down=True)


@blueprint.errorhandler(429)
def _too_fast(_error: HTTPException) -> ResponseReturnValue:
    return message(429, _("Terlalu banyak sentuhan"), _("Tunggu sebentar, lalu coba lagi."), icon="clock")


@blueprint.errorhandler(CSRFError)
def _old_page(_error: CSRFError) -> ResponseReturnValue:
    return message(400, _("Halaman ini terlalu lama terbuka"), _("Silakan mulai lagi."), icon="refresh")


@blueprint.errorhandler(HTTPException)
def _other(error: HTTPException) -> ResponseReturnValue:
    body = _("Silakan mulai lagi, atau minta bantuan di meja informasi.")
    return message(error.code or 500, _("Halaman itu tidak ada di mesin ini"), body, icon="alert")


@blueprint.after_request
def _full_screen(response: Response) -> Response:
    """Say in the kiosk's own way what the kernel has said for every page: a closed region, a fault."""
    gate = g.get("gate")
    if gate is not None and not gate.open:
        if request.endpoint == "kiosk.alive":
            return make_response(jsonify(closed=True), 503)
        body = _(
            "Minta bantuan di meja informasi, atau hubungi %(contact)s.", contact=gate.contact or _("petugas")
        )
        return message(503, _("Mesin ini sedang tidak melayani"), body, icon="alert", down=True)
    if response.status_code == 500:
        body = _("Gangguan sudah tercatat. Silakan mulai lagi, atau minta bantuan di meja informasi.")
        return message(500, _("Ada gangguan"), body, icon="alert")
    return response
