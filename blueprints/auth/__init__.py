"""Signing in and out for a region's staff; the pages are open to anybody."""

from __future__ import annotations

from flask import url_for

from mpp.accounts.models import Role
from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, PASSING, audience
from mpp.web.doors import add_steps
from mpp.web.link_pages import add_links
from mpp.web.sign_in import Door

# Where each role's work begins.
HOMES = {
    Role.ADMIN: "admin.today", Role.OFFICER: "counter.console", Role.RECEPTIONIST: "reception.desk",
    Role.AGENCY_OFFICER: "counter.console", Role.READER: "admin.today",
}  # fmt: skip


def home(role: Role | None) -> str:
    """Return the address at which a role's work begins."""
    return url_for(HOMES[role] if role else "portal.home")


blueprint = audience("auth", __name__, scope=Scope.REGION, access=ANYBODY, views={"sign_out": PASSING})
DOOR = Door("auth", "auth/sign_in.html", "base/portal.html", home)
add_steps(blueprint, DOOR)
add_links(blueprint, DOOR)
