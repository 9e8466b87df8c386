"""The officer's console: the person at the counter now, and who comes next. Officers and admins."""

from __future__ import annotations

from mpp.tenancy.resolver import Scope
from mpp.web.access import COUNTER, audience

blueprint = audience("counter", __name__, scope=Scope.REGION, access=COUNTER, url_prefix="/loket")

from blueprints.counter import acts, views  # noqa: E402,F401  # views register themselves on the blueprint
