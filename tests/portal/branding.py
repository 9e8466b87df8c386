"""Publishing a changed portal from a test."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from mpp.database.session import central_read, serve, write
from mpp.tenancy.content import touch
from mpp.tenancy.models import RegionRecord
from mpp.web.flask import Platform
from tenants.portal.models import PortalVersion


def publish(app: Platform, slug: str, **content: Any) -> None:
    """Change the published content of a region, as publishing a new version does."""
    with app.app_context():
        with central_read() as session:
            region = session.scalars(select(RegionRecord).where(RegionRecord.slug == slug)).one().as_region()
        with serve(region), write() as session:
            version = session.scalars(select(PortalVersion).where(PortalVersion.state == "published")).one()
            version.content = version.content | content
            touch(session)
