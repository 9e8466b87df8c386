"""Every form of every audience, sent as somebody else would: from a foreign page, with a session that has ended, by
the same role of another region. Whom it is for, the table of permissions says; what is let in, the routes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask.sessions import SessionMixin
from sqlalchemy import delete, select
from werkzeug.routing import Rule

from mpp.accounts.models import Role
from mpp.accounts.permissions import GRANTS
from mpp.accounts.realm import realm
from mpp.citizens.models import CitizenSession
from mpp.database.session import central_write, read
from mpp.tenancy.region import Region, region_context
from mpp.tenancy.resolver import Scope
from mpp.web.access import AudienceBlueprint, access_of
from mpp.web.flask import Platform
from tenants.hall.models import Counter
from tests.support.client import Browser
from tests.support.hall import at
from tests.support.oracle import Somebody, stated
from tests.support.replay import cookies, send
from tests.support.routes import address
from tests.support.staff import add_staff

Browse = Callable[..., Browser]
CENTRE = "pusat@panrb.contoh"
# Who: where, by which account, and what the table calls them.
CAST: dict[str, tuple[str | None, str, Somebody]] = {
    "admin": ("bukittinggi", "admin", Somebody(Role.ADMIN)),
    "officer": ("bukittinggi", "petugas", Somebody(Role.OFFICER)),
    "receptionist": ("bukittinggi", "resepsionis", Somebody(Role.RECEPTIONIST)),
    "agency officer": ("bukittinggi", "instansi", Somebody(Role.AGENCY_OFFICER, placed=True)),
    "reader": ("bukittinggi", "pembaca", Somebody(Role.READER)),
    "citizen": ("bukittinggi", "warga", Somebody(citizen=True)),
    "central": (None, CENTRE, Somebody(central=True)),
    "citizen at the centre": (None, "warga", Somebody(citizen=True)),
}
MADE = {"instansi": Role.AGENCY_OFFICER, "pembaca": Role.READER}
ORIGINS = ("http://jahat.contoh", "http://banyuwangi.localhost", "null")


@pytest.fixture
def both(app: Platform, bukittinggi: Region, banyuwangi: Region) -> None:
    """The same roles in both regions."""
    for region in (bukittinggi, banyuwangi):
        with at(app, region), read() as session:
            agency = session.scalar(select(Counter.agency_id).limit(1))
        for name, role in MADE.items():
            place = {"agency_id": agency} if role is Role.AGENCY_OFFICER else {}
            add_staff(app, region, f"{name}@{region.slug}.contoh", role.value, **place)


def writes(app: Platform, scope: Scope) -> Iterator[Rule]:
    """The routes that take a form at a host of this scope."""
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints[rule.endpoint.partition(".")[0]]
        assert isinstance(blueprint, AudienceBlueprint)
        if "POST" in (rule.methods or set()) and blueprint.scope in {scope, None}:
            yield rule


def own(app: Platform, scope: Scope, who: Somebody) -> list[str]:
    """Addresses of forms that the table gives to somebody, and not to anybody."""
    grants = [(rule, GRANTS[access_of(app, rule.endpoint).action("POST")]) for rule in writes(app, scope)]
    found = [address(rule) for rule, grant in grants if stated(grant, who) and not stated(grant, Somebody())]
    assert found or who.role is Role.READER, "somebody has forms of their own"
    return found


def scope_of(slug: str | None) -> Scope:
    return Scope.REGION if slug else Scope.CENTRAL


@pytest.mark.parametrize("who", CAST)
@pytest.mark.usefixtures("both")
def test_no_form_is_taken_from_a_page_of_another_host(app: Platform, browse: Browse, who: str) -> None:
    slug, account, _kind = CAST[who]
    browser = browse(slug, as_=account)
    token, wrong = browser.token(), []
    for number, rule in enumerate(writes(app, scope_of(slug))):
        # Each form from one of them in turn; what tells them apart is one comparison.
        origin = ORIGINS[number % len(ORIGINS)]
        page = browser.post(address(rule), {"csrf_token": token}, csrf=False, headers={"Origin": origin})
        if page.status != 400:
            wrong.append(f"{rule.rule} from {origin}: {page.status}")
    assert wrong == []
    home = "/akun" if who.endswith("centre") else "/pusat" if who == "central" else "/"
    assert browser.get(home).status == 200, "and nothing has happened to who was tricked"


@pytest.mark.parametrize("who", CAST)
@pytest.mark.usefixtures("both")
def test_a_session_that_has_ended_sends_nothing(
    app: Platform, browse: Browse, bukittinggi: Region, who: str
) -> None:
    """With its own token, which the cookie itself carries: only the session is missing."""
    slug, account, kind = CAST[who]
    browser = browse(slug, as_=account)
    token, jar = browser.token(), cookies(browser)
    paths = own(app, scope_of(slug), kind)
    if paths:
        assert send(browser, paths[0], jar, csrf_token=token) != 401, "while it lives it is let in"
    end_sessions(app, bukittinggi if slug else None, citizen=kind.citizen)
    wrong = {path: status for path in paths if (status := send(browser, path, jar, csrf_token=token)) != 401}
    assert wrong == {}


@pytest.mark.parametrize("who", [name for name, (slug, _account, _kind) in CAST.items() if slug])
@pytest.mark.usefixtures("both")
def test_the_same_role_of_another_region_is_a_stranger(app: Platform, browse: Browse, who: str) -> None:
    """As their browser would send it; and as if a cookie of theirs were one of this host, name and all."""
    _slug, account, kind = CAST[who]
    neighbour, stranger = browse("banyuwangi", as_=account), browse("bukittinggi")
    token, jar = neighbour.token(), cookies(neighbour)
    with kept(neighbour) as stored:
        identity = stored["_user_id"]
    with kept(stranger) as stored:
        stored["_user_id"], stored["_fresh"] = identity, True
    forged_token = stranger.token()
    forged = cookies(stranger)
    wrong = []
    for path in own(app, Scope.REGION, kind):
        if (status := send(stranger, path, jar, csrf_token=token)) not in {400, 401}:
            wrong.append(f"{path}: {status} with the neighbour's cookie")
        if (status := send(stranger, path, forged, csrf_token=forged_token)) != 401:
            wrong.append(f"{path}: {status} with the neighbour's name")
    assert wrong == []


@contextmanager
def kept(browser: Browser) -> Iterator[SessionMixin]:
    """What a browser's cookie holds, signed for its host."""
    site = browser.app.resolver.resolve(browser.host)
    with region_context(site.region), browser.client.session_transaction(base_url=browser.base) as stored:
        yield stored


def end_sessions(app: Platform, region: Region | None, *, citizen: bool) -> None:
    """Sign everybody of a kind out, on the server, as signing out does."""
    if citizen:
        with app.app_context(), central_write() as session:
            session.execute(delete(CitizenSession))
        return
    with at(app, region) if region else app.app_context(), realm().write() as session:
        session.execute(delete(realm().session))
