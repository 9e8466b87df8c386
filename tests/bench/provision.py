"""(d) Provisioning: seconds a region, and the 21 pilots from nothing."""

from __future__ import annotations

import time
from itertools import pairwise

from mpp.settings import Settings
from tenants.registry.prepare import prepare
from tests.bench.report import figure


def run(settings: Settings) -> bool:
    """Print the slowest region and the whole; `settings` points at an empty database, which is then full."""
    moments = [time.perf_counter()]
    prepare(settings, demo=True, slugs=None, progress=lambda _line: moments.append(time.perf_counter()))
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    met = figure("provision", "slowest_step", max(gaps), "s", most=1)
    return figure("provision", "all_21", moments[-1] - moments[0], "s", most=30) and met
