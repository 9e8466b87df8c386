"""A kiosk in an open hall."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import Browser
from tests.support.kiosk import let_in


@pytest.fixture
def kiosk(app: Platform, open_hall: Region, browse: Callable[..., Browser]) -> Browser:
    """A machine that has been let in as a kiosk of region A."""
    browser = browse("bukittinggi")
    let_in(app, open_hall, browser)
    return browser
