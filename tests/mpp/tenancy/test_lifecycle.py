"""Suspending and reactivating: idempotent, recorded, with whom to ask."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from mpp.audit import CentralAuditEntry
from mpp.database.session import central_read, central_write
from mpp.tenancy.lifecycle import LifecycleError, activate, suspend
from mpp.tenancy.models import RegionRecord
from mpp.web.flask import Platform
from tests.support.client import Browser

REASON, CONTACT = "Pindah gedung", "Diskominfo, 0800-0000"


def suspended(slug: str = "bukittinggi", reason: str = REASON) -> None:
    with central_write() as session:
        suspend(session, slug, reason, CONTACT)


def acts() -> list[tuple[str, str]]:
    with central_read() as session:
        found = session.scalars(select(CentralAuditEntry).order_by(CentralAuditEntry.id))
        return [(entry.action, entry.subject) for entry in found]


def test_a_suspended_region_answers_503_with_whom_to_ask_and_its_neighbour_goes_on(
    app: Platform, browse: Callable[..., Browser]
) -> None:
    with app.app_context():
        suspended()
    page = browse("bukittinggi").get("/masuk")
    assert page.status == 503
    assert CONTACT in page.words()
    assert REASON not in page.text
    assert browse("banyuwangi").get("/masuk").status == 200
    with app.app_context(), central_write() as session:
        activate(session, "bukittinggi")
    assert browse("bukittinggi").get("/masuk").status == 200


def test_each_change_is_recorded_once_with_its_reason(app: Platform) -> None:
    with app.app_context():
        suspended()
        suspended()
        suspended(reason="Kebakaran")
        for _ in range(2):
            with central_write() as session:
                activate(session, "bukittinggi")
        region = "region:bukittinggi"
        assert acts() == [("region.suspend", region), ("region.suspend", region), ("region.activate", region)]
        with central_read() as session:
            entry = session.scalars(select(CentralAuditEntry).order_by(CentralAuditEntry.id)).first()
            record = session.scalars(select(RegionRecord).where(RegionRecord.slug == "bukittinggi")).one()
            assert entry is not None
            assert entry.data == {"reason": REASON, "contact": CONTACT}
            assert (record.state, record.state_reason, record.state_contact) == ("active", None, None)


def test_suspending_again_does_not_move_the_date(app: Platform) -> None:
    moments = []
    with app.app_context():
        for reason in (REASON, "Kebakaran"):
            suspended(reason=reason)
            with central_read() as session:
                session.expire_all()
                query = select(RegionRecord.state_changed_at).where(RegionRecord.slug == "bukittinggi")
                moments.append(session.scalar(query))
    assert moments[0] == moments[1]


@pytest.mark.parametrize(("reason", "contact"), [("", CONTACT), (REASON, "  ")])
def test_without_reason_or_contact_nothing_happens(app: Platform, reason: str, contact: str) -> None:
    with app.app_context():
        with pytest.raises(LifecycleError), central_write() as session:
            suspend(session, "bukittinggi", reason, contact)
        assert acts() == []


def test_unknown_and_unprovisioned_regions_are_refused(app: Platform) -> None:
    with app.app_context():
        with pytest.raises(LifecycleError, match="atlantis"), central_write() as session:
            suspend(session, "atlantis", REASON, CONTACT)
        with central_write() as session:
            record = session.scalars(select(RegionRecord).where(RegionRecord.slug == "bukittinggi")).one()
            record.state = "registered"
        with pytest.raises(LifecycleError, match="belum selesai disediakan"):
            suspended()
        with pytest.raises(LifecycleError, match="belum selesai disediakan"), central_write() as session:
            activate(session, "bukittinggi")
