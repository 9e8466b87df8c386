"""A region whose hall is open at every hour."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.hall import at, open_always


@pytest.fixture
def hall(app: Platform, bukittinggi: Region) -> Iterator[Region]:
    """Region A with an open hall; the test runs inside it."""
    with at(app, bukittinggi):
        open_always()
        yield bukittinggi
