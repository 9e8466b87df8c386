"""A hall that is open at every hour, for pages of the queue."""

from __future__ import annotations

import pytest

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.hall import at, open_always


@pytest.fixture
def open_hall(app: Platform, bukittinggi: Region) -> Region:
    """Region A with an open hall."""
    with at(app, bukittinggi):
        open_always()
    return bukittinggi
