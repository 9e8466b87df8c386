"""The servers of the tests themselves."""

from __future__ import annotations

from pathlib import Path

from mpp.settings import Settings
from tests.support.fresh import sql


def test_they_live_where_they_were_put(settings: Settings) -> None:
    """Root's PostgreSQL moves to the disk when it can't pass through a folder, which makes every test slow."""
    with sql(settings) as connection:
        found = connection.execute("SHOW data_directory").fetchone()
    assert found and Path(found[0]).is_relative_to(settings.data_dir)
