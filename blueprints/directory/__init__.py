"""The public directory at the centre's host: which region do you live in, and where is its portal."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, audience

blueprint = audience("directory", __name__, scope=Scope.CENTRAL, access=ANYBODY)

from blueprints.directory import views  # noqa: E402,F401  # views register themselves on the blueprint
