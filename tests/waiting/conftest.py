"""A hall open at every hour, with one counter that calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing.policies import Officer
from tests.support.hall import at, more_counters, open_always, seat

SERVICE = "ktp-el-baru"


@pytest.fixture
def desk(app: Platform, bukittinggi: Region) -> Iterator[tuple[int, Officer]]:
    """One seated counter; the test runs inside region A."""
    with at(app, bukittinggi):
        open_always()
        (counter,) = more_counters(SERVICE, 1)
        yield counter, seat(counter)
