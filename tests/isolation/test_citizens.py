"""A citizen's session is of one host: carried to another region, to the centre or under another kind it is noise."""

from __future__ import annotations

from collections.abc import Callable

import flask
import pytest
from sqlalchemy import select

from mpp.accounts.login import SignedIn
from mpp.citizens import sessions
from mpp.citizens.models import Citizen
from mpp.database.session import central_read, central_write
from mpp.tenancy.region import Region, region_context
from mpp.web.flask import Platform
from tests.support.citizens import make_citizen
from tests.support.client import Browser

Browse = Callable[..., Browser]


def planted(browser: Browser, identity: str) -> Browser:
    """A cookie of this very host, well signed, that claims an identity."""
    region = browser.app.resolver.resolve(browser.host).region
    with region_context(region), browser.client.session_transaction(base_url=browser.base) as stored:
        stored["_user_id"], stored["_fresh"] = identity, True
    return browser


@pytest.mark.parametrize("place", ["bukittinggi", None])
def test_only_kind_region_and_token_together_open(
    app: Platform, browse: Browse, bukittinggi: Region, banyuwangi: Region, place: str | None
) -> None:
    citizen_id = make_citizen(app)
    region_id = bukittinggi.id if place else None
    with app.app_context(), central_write() as session:
        number, token = sessions.start(
            session, citizen_id, region_id, 1 if place else None, agent=None, address=None
        )

    def is_in(slug: str | None, kind: str, region: int, token: str) -> bool:
        identity = SignedIn(kind, 1, region, "", "", number, token).get_id()
        browser = planted(browse(slug), identity)
        with browser.client:
            browser.get("/masuk" if slug else "/akun/masuk")
            return bool(flask.g.get("_login_user") and flask.g._login_user.is_authenticated)

    regions = {"bukittinggi": bukittinggi.id, "banyuwangi": banyuwangi.id, None: 0}
    opened = [
        (slug, kind, region)
        for slug in regions
        for kind in ("citizen", "staff", "central", "")
        for region in regions.values()
        if is_in(slug, kind, region, token)
    ]
    assert opened == [(place, "citizen", region_id or 0)]
    assert not is_in(place, "citizen", region_id or 0, "x" * 43)


def test_a_region_never_learns_the_national_number(app: Platform, browse: Browse) -> None:
    browse("banyuwangi", as_="warga2")
    browser = browse("banyuwangi", as_="warga")
    with browser.client:
        browser.get("/")
        user = flask.g._login_user
    with app.app_context(), central_read() as session:
        citizen_id = session.scalars(select(Citizen.id).where(Citizen.demo).order_by(Citizen.id)).first()
    assert user.kind == "citizen" and citizen_id is not None
    assert user.id != citizen_id


def test_a_closed_account_is_out_everywhere_at_once(app: Platform, browse: Browse) -> None:
    from mpp.citizens import account

    centre = browse(as_="warga")
    region = browse("bukittinggi", as_="warga")
    assert centre.get("/akun").status == 200 and region.get("/warga").status == 200
    with app.app_context(), central_write() as session:
        first = session.scalars(select(Citizen.id).where(Citizen.demo).order_by(Citizen.id)).first()
        assert first is not None
        account.close(session, first)
    assert centre.get("/akun").status == 302 and region.get("/warga").status == 302
