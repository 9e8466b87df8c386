"""The front desk of an open hall."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mpp.tenancy.region import Region
from tests.support.client import Browser

Browse = Callable[..., Browser]


@pytest.fixture
def desk(open_hall: Region, browse: Browse) -> Browser:
    """The receptionist of region A, signed in."""
    return browse("bukittinggi", as_="resepsionis")
