"""The walk: every route names who may enter, and nobody else does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from werkzeug.routing import Rule

from mpp.accounts.models import Role
from mpp.accounts.permissions import GRANTS, Action
from mpp.database.session import read
from mpp.support.models import Level
from mpp.tenancy.region import Region
from mpp.tenancy.resolver import Scope
from mpp.web.access import Access, AudienceBlueprint, access_of
from mpp.web.flask import Platform
from tenants.devices.models import DeviceKind
from tenants.hall.models import Counter, Hall
from tests.support.central import supporter
from tests.support.client import Browser
from tests.support.hall import at
from tests.support.kiosk import add
from tests.support.oracle import Somebody, stated
from tests.support.routes import address
from tests.support.staff import add_staff

REFUSED = {302, 401, 403, 404}
# Open to any program, which shows a token of its own; a person's browser has none.
ASKS_FOR_A_TOKEN = {"oidc.userinfo"}


def rules(app: Platform) -> Iterator[tuple[Rule, Access, AudienceBlueprint]]:
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints[rule.endpoint.partition(".")[0]]
        assert isinstance(blueprint, AudienceBlueprint), f"{rule.endpoint} says not who may enter"
        yield rule, access_of(app, rule.endpoint), blueprint


def test_every_blueprint_says_who_may_enter(app: Platform) -> None:
    assert sum(1 for _ in rules(app)) > 60


# Who walks: where, the account (made for the walk when it is no demo account), and where it is limited to.
Place = dict[str, int]
CAST: dict[str, tuple[str | None, str | None]] = {
    "stranger": ("bukittinggi", None),
    "officer": ("bukittinggi", "petugas"),
    "receptionist": ("bukittinggi", "resepsionis"),
    "agency officer": ("bukittinggi", "instansi"),
    "reader": ("bukittinggi", "pembaca"),
    "admin": ("bukittinggi", "admin"),
    "admin of one hall": ("bukittinggi", "gedung"),
    "support, looking": ("bukittinggi", None),
    "support, changing": ("bukittinggi", None),
    "citizen": ("bukittinggi", "warga"),
    "kiosk": ("bukittinggi", None),
    "display": ("bukittinggi", None),
    "central": (None, "pusat@panrb.contoh"),
    "citizen at the centre": (None, "warga"),
    "central stranger": (None, None),
}
ROLES = {
    "officer": Role.OFFICER, "receptionist": Role.RECEPTIONIST, "agency officer": Role.AGENCY_OFFICER,
    "reader": Role.READER, "admin": Role.ADMIN, "admin of one hall": Role.ADMIN,
}  # fmt: skip

KINDS = {
    "stranger": None, "central stranger": None, "central": "central", "citizen": "citizen",
    "citizen at the centre": "citizen", "kiosk": "kiosk", "display": "display",
}  # fmt: skip
# What ends the walker's own session.
LEAVES = ("sign_out", "support.leave", "people.leave", "account.everywhere_end")
LEVELS = {"support, looking": Level.LOOK, "support, changing": Level.CHANGE}


@pytest.fixture
def cast(app: Platform, bukittinggi: Region) -> dict[str, Place]:
    """The members that no demo account stands for; returns where each is limited to."""
    with at(app, bukittinggi), read() as session:
        hall = session.query(Hall).order_by(Hall.id).first()
        agency = session.query(Counter).order_by(Counter.id).first()
        assert hall is not None and agency is not None
        places = {
            "agency officer": {"agency_id": agency.agency_id},
            "admin of one hall": {"hall_id": hall.id},
        }
    for who in ("agency officer", "reader", "admin of one hall"):
        email = f"{CAST[who][1]}@bukittinggi.contoh"
        add_staff(app, bukittinggi, email, ROLES[who].value, **places.get(who, {}))
    return places


@pytest.mark.parametrize("who", CAST)
def test_the_walk(
    app: Platform, browse: Callable[..., Browser], bukittinggi: Region, cast: dict[str, Place], who: str
) -> None:
    slug, account = CAST[who]
    level = LEVELS.get(who)
    if level is Level.CHANGE:
        browse("bukittinggi", as_="admin").post("/admin/akses-dukungan/izin", {"changes": "ya"})
    browser = supporter(browse, level=level.value) if level else browse(slug, as_=account)
    if who in {"kiosk", "display"}:
        _device, code = add(app, bukittinggi, DeviceKind(who))
        assert browser.submit("/perangkat", code=code).status == 303
    scope = Scope.REGION if slug else Scope.CENTRAL
    kind = KINDS.get(who)
    user = Somebody(
        ROLES.get(who), placed=who in cast, level=level, device=kind if kind in {"kiosk", "display"} else None,
        citizen=kind == "citizen", central=kind == "central",
    )  # fmt: skip
    wrong = []
    for rule, access, blueprint in rules(app):
        if blueprint.scope not in {scope, None} or rule.endpoint.endswith(LEAVES):
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            path = address(rule)
            page = browser.get(path) if method == "GET" else browser.post(path, {})
            admitted = stated(GRANTS[access.action(method)], user)
            if page.status >= 500:
                wrong.append(f"{method} {path}: {page.status}")
            elif not admitted and page.status not in REFUSED:
                wrong.append(f"{method} {path}: {who} got {page.status}")
            elif admitted and page.status in {401, 403} and rule.endpoint not in ASKS_FOR_A_TOKEN:
                wrong.append(f"{method} {path}: {who} was refused with {page.status}")
    assert wrong == []


def test_every_desk_names_an_act_for_each_view(app: Platform) -> None:
    """Behind a sign-in no view falls back on what its blueprint usually is, where that says too little."""
    vague = [
        rule.endpoint
        for rule, access, _blueprint in rules(app)
        if Action.REGION_MANAGE in {access.look, access.change}
    ]
    assert vague == []
    assert set(GRANTS) == set(Action)


def test_the_printed_table_is_current(app: Platform) -> None:
    from mpp.web.permission_table import DOCUMENT, document
    from wsgi import create_app

    assert DOCUMENT.read_text() == document(app, create_app(app.settings, streams=True)), (
        "docs/permissions.md is old: mpp permissions --write"
    )


def test_every_write_needs_its_token(app: Platform, browse: Callable[..., Browser]) -> None:
    cast = {Scope.REGION: browse("bukittinggi", as_="admin"), Scope.CENTRAL: browse(as_="pusat@panrb.contoh")}
    for rule, _access, blueprint in rules(app):
        if "POST" in (rule.methods or set()) and blueprint.scope is not None:
            page = cast[blueprint.scope].post(address(rule), {"x": "1"}, csrf=False)
            assert page.status == 400, f"{rule.rule} took a form without a token: {page.status}"


def test_a_region_has_none_of_the_centres_pages_and_the_other_way(
    app: Platform, browse: Callable[..., Browser]
) -> None:
    region, centre, nowhere = browse("bukittinggi"), browse(), browse("tidak-ada")
    assert region.get("/pusat").status == 404
    assert centre.get("/admin").status == centre.get("/loket").status == centre.get("/layanan").status == 404
    assert nowhere.get("/").status == 404
    for browser in (region, centre, nowhere):
        assert browser.get("/healthz").status == browser.get("/readyz").status == 200
