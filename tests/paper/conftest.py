"""A region whose hall is open at every hour, with one block of numbers on paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.paper import service
from tenants.queueing.models import NumberLease
from tests.support.hall import at, counters_of, open_always


@pytest.fixture
def hall(app: Platform, bukittinggi: Region) -> Iterator[Region]:
    """Region A with an open hall; the test runs inside it."""
    with at(app, bukittinggi):
        open_always()
        yield bukittinggi


@pytest.fixture
def lease(hall: Region) -> NumberLease:
    """Ten numbers on paper."""
    counter = counters_of("ktp-el-baru")[0]
    return service.lend_block(counter.hall_id, counter.prefix, 10)
