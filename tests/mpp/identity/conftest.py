"""What tests of the provider have in common."""

from __future__ import annotations

import pytest

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.citizens import NIK, Walker, make_citizen
from tests.support.desk import Desk


@pytest.fixture
def desk(app: Platform, bukittinggi: Region) -> Desk:
    """Region A, and Siti signed in at the centre."""
    siti = Walker(app, make_citizen(app, nik=NIK))
    siti.sign_in()
    return Desk(app, bukittinggi, siti)
