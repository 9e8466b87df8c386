"""An admin at work in region A, and a look inside its schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from sqlalchemy.orm import Session

from mpp.audit import AuditEntry
from mpp.database.session import read
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import Browser
from tests.support.hall import at

T = TypeVar("T")
Look = Callable[[Callable[[Session], T]], T]


@pytest.fixture
def admin(browse: Callable[..., Browser]) -> Browser:
    """The admin of region A."""
    return browse("bukittinggi", as_="admin")


@pytest.fixture
def look(app: Platform, bukittinggi: Region) -> Look[T]:
    """Read region A: look(lambda session: …)."""

    def inside(ask: Callable[[Session], T]) -> T:
        with at(app, bukittinggi), read() as session:
            return ask(session)

    return inside


@pytest.fixture
def logged(look: Look[list[AuditEntry]]) -> Callable[[str], list[AuditEntry]]:
    """Audit rows of an action, oldest first."""
    return lambda action: look(
        lambda session: session.query(AuditEntry).filter_by(action=action).order_by(AuditEntry.id).all()
    )
