"""The centre's jobs: a region made from the console, a service withdrawn everywhere."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from mpp.database.session import central_read
from mpp.jobs import run
from mpp.outbox import CentralOutboxEntry
from mpp.tenancy.models import RegionRecord
from mpp.web.flask import Platform
from tenants.catalogue.editing import set_active
from tenants.registry import acts
from tests.support.client import Browser
from tests.support.fresh import rows


def do_all(app: Platform) -> list[str]:
    run.configure(lambda: app)
    with app.app_context(), central_read() as session:
        ids = list(session.scalars(select(CentralOutboxEntry.id).where(CentralOutboxEntry.done_at.is_(None))))
    return [run.run_outbox(None, row_id) for row_id in ids]


def test_a_region_created_at_the_console_is_provisioned_by_the_worker(
    app: Platform, browse: Callable[..., Browser]
) -> None:
    with app.app_context():
        slug = acts.create(app.settings, "13.71")
    assert browse(slug).get("/masuk").status == 404
    assert do_all(app) == ["done"]
    with app.app_context(), central_read() as session:
        record = session.scalars(select(RegionRecord).where(RegionRecord.slug == slug)).one()
        assert (record.state, record.schema_revision) == ("active", "0008")
    app.resolver.forget()
    assert browse(slug).get("/masuk").status == 200


def test_a_service_withdrawn_nationwide_makes_every_regions_pages_stale(app: Platform) -> None:
    def versions() -> list[int]:
        query = "SELECT version FROM {}.content_state"
        return [rows(app.settings, query.format(schema))[0][0] for schema in ("region_1", "region_2")]

    before = versions()
    with app.app_context():
        set_active("skck", active=False, reason="Uji")
    assert versions() == before
    assert do_all(app) == ["done"]
    assert all(now > then for now, then in zip(versions(), before, strict=True))
