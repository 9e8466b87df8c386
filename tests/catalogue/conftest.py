"""Fixtures of the catalogue's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from mpp.settings import Settings
from mpp.tenancy.provision import install, owner_engine
from tests.support.fresh import empty_database


@pytest.fixture(scope="session")
def installed(settings: Settings) -> Settings:
    """Settings of a database with schema `platform` and nothing in it."""
    fresh = empty_database(settings, "mpp_catalogue")
    install(fresh)
    return fresh


@pytest.fixture
def session(installed: Settings) -> Iterator[Session]:
    """A session of the owner that leaves nothing behind."""
    with owner_engine(installed) as engine, engine.connect() as connection, connection.begin() as outer:
        with Session(bind=connection, join_transaction_mode="create_savepoint") as found:
            yield found
        outer.rollback()
