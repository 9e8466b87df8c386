"""Apps as they stand in production or behind a proxy, and a school's visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from mpp.database.session import CENTRAL, db
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from mpp.web.limits import limiter
from tests.support.hall import at, open_always


@pytest.fixture
def open_hall(app: Platform, bukittinggi: Region) -> Region:
    """Bukittinggi with every hall open all day."""
    with at(app, bukittinggi):
        open_always()
    return bukittinggi


@pytest.fixture
def build(app: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Platform]]:
    """Another app over this test's database: build(behind_proxy=1)."""
    import wsgi

    # The demo accounts are what production refuses; here they are the cast.
    monkeypatch.setattr(wsgi, "demo_exists", lambda _settings: False)
    with ExitStack() as stack:

        def make(**changes: Any) -> Platform:
            made = wsgi.create_app(replace(app.settings, **changes))
            made.testing = True
            stack.callback(_close, made)
            return made

        yield make
    # One limiter serves the process: it goes on with the settings of the shared app.
    limiter.init_app(app)


def _close(made: Platform) -> None:
    with made.app_context():
        db.engine.dispose()
        db.engines[CENTRAL].dispose()
    made.gatekeeper.engine.dispose()
