"""What a person has typed, kept while they prove to be the owner, so that a form comes back as it was sent.

A proof lasts fifteen minutes, a form may take longer. What came with it then lies sealed in a cookie of that browser,
for half an hour, for that account and that page: not in an address, and readable to nobody else. Passwords are never
among it. The page shows it once, and its owner sends it again with a token of its own: nothing is done by itself.
"""

from __future__ import annotations

import base64
import json
import time
import zlib

from flask import after_this_request, flash, request
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField

from mpp.accounts.secrets import UnreadableSecretError, hide, reveal
from mpp.citizens.realm import nation
from mpp.i18n import gettext as _
from mpp.web.flask import platform_app

SECONDS_KEPT = 30 * 60
# Browsers drop a cookie of more than 4 kB, name and all.
LONGEST = 3800
USE = "typed into a form"


def keep(response: Response, page: str, form: FlaskForm) -> Response:
    """Keep what was sent of `form`, for the page at this path. What is longer than a cookie is not kept."""
    open_ = (field.name for field in form if not isinstance(field, PasswordField | HiddenField))
    return keep_values(response, page, {name: request.form.getlist(name) for name in open_})


def keep_values(response: Response, page: str, values: dict[str, list[str]]) -> Response:
    """Keep values of fields, by name, for the page at this path."""
    text = json.dumps([current_user.id, page, int(time.time()), values])
    with nation():
        # As text, for sealing takes no bytes; squeezed first, for every service of a power may be ticked.
        sealed = hide(base64.b85encode(zlib.compress(text.encode(), 9)).decode(), USE)
    kept = base64.urlsafe_b64encode(sealed).decode()
    if len(kept) <= LONGEST:
        response.set_cookie(
            _cookie(), kept, max_age=SECONDS_KEPT, path="/", httponly=True, samesite="Lax",
            secure=platform_app().settings.production,
        )  # fmt: skip
    return response


def again() -> dict[str, MultiDict[str, str]]:
    """Return what the page at hand begins with, as arguments of its form; empty when nothing was kept for it.

    Told to the person, and forgotten with this very answer.
    """
    if request.method != "GET" or _cookie() not in request.cookies:
        return {}
    values = _read(request.cookies[_cookie()])
    if values is None:
        return {}

    @after_this_request
    def forget(response: Response) -> Response:
        response.delete_cookie(_cookie(), path="/")
        return response

    flash(_("Yang tadi Anda tulis masih ada. Periksa, lalu kirim lagi."), "info")
    return {"formdata": MultiDict((name, one) for name, many in values.items() for one in many)}


def _read(kept: str) -> dict[str, list[str]] | None:
    try:
        with nation():
            squeezed = reveal(base64.urlsafe_b64decode(kept), USE)
    except (UnreadableSecretError, ValueError):
        return None
    owner, page, at, values = json.loads(zlib.decompress(base64.b85decode(squeezed)))
    fits = (owner, page) == (current_user.id, request.path) and time.time() - at <= SECONDS_KEPT
    return values if fits else None


def _cookie() -> str:
    # The prefix makes browsers themselves hold the cookie to this very host.
    return "__Host-ketikan" if platform_app().settings.production else "ketikan"
