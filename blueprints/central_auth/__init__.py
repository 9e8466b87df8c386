"""Signing in and out for the centre; the pages are open to anybody."""

from __future__ import annotations

from flask import url_for

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, audience
from mpp.web.doors import add_steps
from mpp.web.link_pages import add_links
from mpp.web.sign_in import Door

blueprint = audience("central_auth", __name__, scope=Scope.CENTRAL, access=ANYBODY)
DOOR = Door(
    "central_auth", "central/sign_in.html", "central/_shell.html", lambda _role: url_for("central.overview")
)
add_steps(blueprint, DOOR)
add_links(blueprint, DOOR)
