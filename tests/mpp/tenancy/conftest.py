"""Fixtures of the tenancy tests."""

from __future__ import annotations

import pytest

from mpp.settings import Settings
from tests.support.fresh import empty_database


@pytest.fixture
def fresh(settings: Settings) -> Settings:
    """Settings of an empty database."""
    return empty_database(settings)
