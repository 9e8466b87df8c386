"""The hall's display and its voice: numbers and counters, no person. Open to anybody; only an enrolled display speaks
by itself, says that it lives, and may learn a name.
"""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, audience

blueprint = audience("display", __name__, scope=Scope.REGION, access=ANYBODY)

from blueprints.display import machine, views, voice  # noqa: E402,F401  # views register themselves on the blueprint
