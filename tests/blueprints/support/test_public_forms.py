"""Somebody of the centre is nobody's guest: during a support access no form that is open to anybody is taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from mpp.database.registry import region_tables
from mpp.database.session import read
from mpp.tenancy.region import Region
from mpp.tenancy.resolver import Scope
from mpp.web.access import AudienceBlueprint
from mpp.web.flask import Platform
from tenants.queueing.policies import new_key
from tenants.queueing.service import take_ticket
from tests.support.central import supporter
from tests.support.client import Browser
from tests.support.hall import at, open_always
from tests.support.routes import SAMPLE, address

Browse = Callable[..., Browser]
LEAVING = {"/keluar", "/dukungan/keluar"}
# What a browser reports by itself.
NO_FORM = {"/laporan-peramban"}


def posted(app: Platform, code: str) -> list[str]:
    """Every address of a region that takes a form, but those that end the walker's session."""
    found = []
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints[rule.endpoint.partition(".")[0]]
        assert isinstance(blueprint, AudienceBlueprint)
        if "POST" in (rule.methods or ()) and blueprint.scope in {Scope.REGION, None}:
            found.append(address(rule).replace(SAMPLE["code"], code))
    return sorted({*found} - LEAVING)


def rows_of(app: Platform, region: Region) -> dict[str, int]:
    """How many rows each table of a region has; the log of acts grows by each look."""
    with at(app, region), read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in region_tables()
            if table.name != "audit_log"
        }


@pytest.mark.parametrize("level", ["look", "change"])
def test_it_sends_no_form_that_is_open_to_anybody(
    app: Platform, browse: Browse, bukittinggi: Region, level: str
) -> None:
    """By walking: whatever a stranger may send here, somebody who came to help may not."""
    with at(app, bukittinggi):
        open_always()
        ticket = take_ticket("ktp-el-baru", "Uji Tamu", "0812-9999-0001", new_key(), "web")
    browse("bukittinggi", as_="admin").post("/admin/akses-dukungan/izin", {"changes": "ya"})
    guest, stranger = supporter(browse, level=level), browse("bukittinggi")
    open_to_anybody = [
        path for path in posted(app, ticket.code) if stranger.post(path, {}).status not in {401, 403}
    ]
    before = rows_of(app, bukittinggi)
    wrong = [path for path in open_to_anybody if guest.post(path, {}).status != 403]
    assert set(wrong) == NO_FORM and len(open_to_anybody) > 20
    assert (
        guest.post("/antrean/ambil", {"layanan": "ktp-el-baru", "nama": "Uji", "key": new_key()}).status
        == 403
    )
    assert rows_of(app, bukittinggi) == before
    assert guest.post("/keluar").status == 302 and guest.get("/admin").status == 302
