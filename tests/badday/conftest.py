"""One ground for all bad days of a process: servers of its own, since they are stopped and killed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mpp.database.session import central_read
from mpp.embedded.postgres import EmbeddedPostgres
from mpp.embedded.valkey import EmbeddedValkey
from mpp.settings import load_settings
from mpp.tenancy.models import RegionRecord
from tests.badday.ground import Ground
from tests.soak.opening import open_hall
from tests.support.servers import create_database, url_of

DATABASE = "mpp_badday"


@pytest.fixture(scope="session")
def all_day() -> Iterator[Ground]:
    """The servers, one region and its processes."""
    from tenants.registry.prepare import prepare
    from wsgi import create_app

    with ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="mpp-badday-", ignore_cleanup_errors=True)
        )
        # A dropped PostgreSQL must reach its data.
        Path(folder).chmod(0o711)
        # Durable, as in production: a quick one may forget what it has confirmed when it is killed.
        postgres = stack.enter_context(EmbeddedPostgres(Path(folder) / "pg"))
        valkey = stack.enter_context(EmbeddedValkey(Path(folder) / "valkey"))
        settings = load_settings(
            {
                "MPP_ENV": "test",
                "MPP_SECRET_KEY": "rahasia-untuk-hari-buruk-saja-1234567890",
                "DATABASE_URL": url_of(postgres.url, DATABASE),
                "VALKEY_URL": valkey.url,
                "MPP_ROLE_PREFIX": DATABASE,
                "MPP_DATA_DIR": folder,
            }
        )
        create_database(settings, DATABASE)
        prepare(settings, demo=True, slugs=("bukittinggi",), progress=lambda _line: None)
        app = create_app(settings)
        with app.app_context(), central_read() as session:
            region = session.query(RegionRecord).filter_by(slug="bukittinggi").one().as_region()
        ground = Ground(settings, postgres, valkey, app, region, open_hall(app, region, 2))
        try:
            yield ground
        finally:
            ground.close()
            ground.forget_lines()
            app.gatekeeper.engine.dispose()


@pytest.fixture
def ground(all_day: Ground) -> Ground:
    """Everything runs, nobody is in the hall."""
    all_day.begin()
    return all_day
