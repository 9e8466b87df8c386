"""Letting a machine of the hall in with an administrator's code. Open to anybody: nobody is signed in on it."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, audience

blueprint = audience("enrolment", __name__, scope=Scope.REGION, access=ANYBODY, url_prefix="/perangkat")

from blueprints.enrolment import views  # noqa: E402,F401  # views register themselves on the blueprint
