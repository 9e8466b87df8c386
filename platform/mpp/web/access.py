"""Who may enter a blueprint and each of its views: named by it as actions, checked before, walked by a test.

What an action means for each role stands in mpp.accounts.permissions alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mpp.accounts.permissions import GRANTS, Action, may
from mpp.tenancy.resolver import Scope
from mpp.web.device import current_device

LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Access:
    """The action that looking at a view is, and the one that sending its form is (the same unless named)."""

    look: Action
    change: Action | None = None

    def action(self, method: str) -> Action:
        """Return the action that a request of this method is."""
        return self.look if method in LOOKING or self.change is None else self.change

    def admits(self, user: object, method: str = "GET") -> bool:
        """Whether `user` (a person as Flask-Login knows it, or a device) may enter with this method."""
        return may(user, self.action(method))

    @property
    def device(self) -> str | None:
        """The kind of machine this is for, None when it is for people."""
        return GRANTS[self.look].device


ANYBODY = Access(Action.VISIT, Action.SEND)
# What is sent here is no form that somebody fills in: signing out, or what a browser reports by itself.
PASSING = Access(Action.VISIT)
ADMIN = Access(Action.REGION_MANAGE)
COUNTER = Access(Action.SERVE)
ANY_STAFF = Access(Action.OWN_ACCOUNT)
CITIZEN = Access(Action.CITIZEN)
CENTRAL_STAFF = Access(Action.CENTRE_SEE, Action.CENTRE_REGIONS)
KIOSK = Access(Action.KIOSK)

# Where a machine that is not enrolled is sent: the page that takes its code.
ENROL = "enrolment.enter"
SIGN_IN = {Scope.REGION: "auth.sign_in", Scope.CENTRAL: "central_auth.sign_in"}
CITIZEN_SIGN_IN = {Scope.REGION: "people.enter", Scope.CENTRAL: "account.sign_in"}

# From an argument of an address to the (hall, agency) it lies in; None for a thing that is not there.
Locate = Callable[[int], tuple[int | None, int | None] | None]
PLACES = "mpp.places"


@dataclass(slots=True)
class Doors:
    """What a blueprint says about its views: the usual access and the views that have another."""

    usual: Access
    views: Mapping[str, Access] = field(default_factory=dict)

    def of(self, endpoint: str | None) -> Access:
        """Return the access of an endpoint ("admin.person")."""
        return self.views.get((endpoint or "").rpartition(".")[2], self.usual)


class AudienceBlueprint(Blueprint):
    """A blueprint that names its scope and who may enter."""

    doors: Doors
    scope: Scope | None

    @property
    def access(self) -> Access:
        """The access of views that name none of their own."""
        return self.doors.usual


def audience(
    name: str, import_name: str, *, scope: Scope | None, access: Access, url_prefix: str | None = None,
    views: Mapping[str, Access] | None = None,
) -> AudienceBlueprint:  # fmt: skip
    """Return a blueprint for one audience. `scope` None answers on every host, unknown ones too.

    `views` names, by the last part of its endpoint, the access of each view that differs from `access`.
    """
    anywhere = f"<any({', '.join(s.value for s in Scope)}):_scope>"
    blueprint = AudienceBlueprint(
        name, import_name, url_prefix=url_prefix, subdomain=scope.value if scope else anywhere
    )
    blueprint.doors = Doors(access, views or {})
    blueprint.scope = scope
    blueprint.before_request(lambda: _check(blueprint.doors.of(request.endpoint), scope))
    if scope is None:
        from mpp.web.flask import site

        @blueprint.url_value_preprocessor
        def _drop_scope(_endpoint: str | None, values: dict[str, object] | None) -> None:
            if values is not None:
                values.pop("_scope", None)

        @blueprint.url_defaults
        def _fill_scope(_endpoint: str, values: dict[str, object]) -> None:
            values.setdefault("_scope", site().scope.value)

    return blueprint


def access_of(app: Flask, endpoint: str) -> Access:
    """Return the access of an endpoint. Raises TypeError for a blueprint that names none."""
    blueprint = app.blueprints[endpoint.partition(".")[0]]
    if not isinstance(blueprint, AudienceBlueprint):
        raise TypeError(f"{endpoint} says not who may enter")
    return blueprint.doors.of(endpoint)


def init_places(app: Flask, places: Mapping[str, Locate]) -> None:
    """Say where things lie that addresses name ("hall_id", "counter_id"); the floor above knows."""
    app.extensions[PLACES] = places


def read_only() -> bool:
    """Whether the person at hand may look at this page and change nothing on it."""
    if not request.endpoint or not current_user.is_authenticated:
        return False
    access = access_of(current_app, request.endpoint)
    return access.change is not None and not may(current_user, access.change)


def _check(access: Access, scope: Scope | None) -> ResponseReturnValue | None:
    if access.device is not None:
        return _check_device(access)
    if access.admits(current_user, request.method):
        if not GRANTS[access.action(request.method)].public and current_user.limited:
            _check_place()
        return None
    if current_user.is_authenticated or scope is None:
        abort(403)
    if request.method not in {"GET", "HEAD"}:
        abort(401)
    doors = CITIZEN_SIGN_IN if GRANTS[access.action(request.method)].citizen else SIGN_IN
    return redirect(url_for(doors[scope], lanjut=request.full_path.removesuffix("?")))


def _check_place() -> None:
    """Refuse what lies outside the hall and agency that the person at hand is limited to."""
    for name, locate in current_app.extensions.get(PLACES, {}).items():
        value = (request.view_args or {}).get(name)
        if value is None:
            continue
        found = locate(int(value))
        if found is None:
            abort(404)
        hall_id, agency_id = found
        if current_user.hall_id is not None and hall_id != current_user.hall_id:
            abort(403)
        # A hall is every agency's: who is limited to one may look at it, and change what is the agency's own.
        shared = agency_id is None and request.method in LOOKING
        if current_user.agency_id is not None and agency_id != current_user.agency_id and not shared:
            abort(403)


def _check_device(access: Access) -> ResponseReturnValue | None:
    if access.admits(current_device()):
        return None
    if request.method not in {"GET", "HEAD"}:
        abort(401)
    return redirect(url_for(ENROL))
