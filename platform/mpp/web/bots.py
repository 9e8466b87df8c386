"""Forms that strangers send: dearer for a script, and no puzzle for anybody, also with a screen reader.

Three things, none of them a wall:
- the form knows when it was opened, signed: one that comes back within a blink, or after half a working day, is shown
  again with all that was typed;
- a field that nobody sees, no keyboard reaches and no screen reader speaks: who fills it reads the page as text;
- a small work (a few thousand hashes, a third of a second) that static/js/proof.js does while somebody types. It is not
  asked for: without it the form waits SECONDS_HUMAN, and mpp.web.limits gives its address fewer turns.
"""

from __future__ import annotations

import secrets
import time
from hashlib import sha256
from typing import Any

from flask import current_app, g, request
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import HiddenField, StringField

from mpp.i18n import gettext as _
from mpp.observability import log
from mpp.tenancy.region import region_or_none

# Nobody reads a form, types a name and sends it faster.
SECONDS_HUMAN = 3
SECONDS_OPEN = 6 * 3600
# 4,096 hashes on average: a third of a second in a browser, a second on a cheap phone.
BITS = 12
# 65,536 on average: a few seconds; for tries at a password when the usual ones are used up (mpp.accounts.guard).
BITS_HARDER = 16
LONGEST_WORK = 12
# Names of fields as they are sent.
BORN, WORK, BAIT = "lahir", "bukti", "situs"


class GuardedForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """A form for strangers. Its template calls `guard(form)` of components/guard.html inside the form."""

    lahir = HiddenField()
    bukti = HiddenField()
    situs = StringField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.doubt: str | None = None
        if not self.is_submitted():
            self.lahir.data = born()

    def validate(self, extra_validators: Any = None) -> bool:
        """Return whether all is right; what speaks for a script stands in `doubt`, in words for a person."""
        fine: bool = super().validate(extra_validators)
        why = _doubt()
        if why is None:
            return fine
        log.info("form doubted", why=why)
        self.doubt = _words(why)
        self.situs.data = ""
        if why == "old":
            self.lahir.data, self.bukti.data = born(), ""
        return False


def born() -> str:
    """Return the mark of a form that is opened now, good at this region and once signed."""
    return _signer().dumps(secrets.token_urlsafe(9))


def form_token() -> str:
    """Return the mark of the form at hand; empty when it bears none of ours."""
    return request.form.get(BORN, "") if _age() is not None else ""


def proven(bits: int = BITS) -> bool:
    """Return whether the form at hand brings its work, of so many bits."""
    text = request.form.get(WORK, "")
    if not text or len(text) > LONGEST_WORK or not text.isascii() or not text.isdigit():
        return False
    if "form_work" not in g:
        g.form_work = zeros(form_token(), text) if form_token() else -1
    done: bool = g.form_work >= bits
    return done


def harder_work() -> str | None:
    """Return the mark of the form at hand when it is open and brings the harder work, None for any other."""
    age = _age()
    return form_token() if age is not None and age <= SECONDS_OPEN and proven(BITS_HARDER) else None


def works(mark: str, number: str) -> bool:
    """Return whether `number` is the work of a form with this mark."""
    return zeros(mark, number) >= BITS


def zeros(mark: str, number: str) -> int:
    """Return with how many zero bits, 32 at most, the hash of a form's mark and `number` begins."""
    digest = sha256(f"{mark}:{number}".encode()).digest()
    return 32 - int.from_bytes(digest[:4], "big").bit_length()


def _doubt() -> str | None:
    age = _age()
    if request.form.get(BAIT):
        return "bait"
    if age is None or age > SECONDS_OPEN:
        return "old"
    return "quick" if age < SECONDS_HUMAN and not proven() else None


def _words(why: str) -> str:
    if why == "quick":
        return _("Formulir ini terkirim sangat cepat. Tunggu tiga detik, lalu kirim sekali lagi.")
    if why == "bait":
        return _("Ada isian tersembunyi yang terisi sendiri; sudah kami kosongkan. Kirim sekali lagi.")
    return _("Formulir ini sudah terlalu lama terbuka. Periksa isian Anda, lalu kirim sekali lagi.")


def _age() -> float | None:
    """Return for how many seconds the form at hand has been open; None when its mark is missing or not ours."""
    if "form_age" not in g:
        try:
            _nonce, moment = _signer().loads(request.form.get(BORN, ""), return_timestamp=True)
            g.form_age = time.time() - moment.timestamp()
        except BadSignature:
            g.form_age = None
    age: float | None = g.form_age
    return age


def _signer() -> URLSafeTimedSerializer:
    region = region_or_none()
    return URLSafeTimedSerializer(
        str(current_app.secret_key), salt=f"form:{region.id if region else 'central'}"
    )
