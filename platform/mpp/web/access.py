"""Who may enter a blueprint: said by each, checked before its views, walked by a test."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mpp.accounts.models import Role
from mpp.tenancy.resolver import Scope
from mpp.web.device import current_device


@dataclass(frozen=True, slots=True)
class Access:
    """Who may enter: anybody, the kinds of signed-in people named, or machines of one kind."""

    public: bool = False
    roles: frozenset[Role] = field(default_factory=frozenset)
    central: bool = False
    # The kind of an enrolled device; then the person signed in, if any, does not count.
    device: str | None = None

    def admits(self, user: object) -> bool:
        """Whether `user` (a person as Flask-Login knows it, or a device) may enter."""
        if self.public:
            return True
        if self.device is not None:
            return getattr(user, "kind", None) == self.device
        kind = getattr(user, "kind", None)
        if self.central:
            return kind == "central"
        return kind == "staff" and getattr(user, "role", None) in self.roles


ANYBODY = Access(public=True)
ADMIN = Access(roles=frozenset({Role.ADMIN}))
COUNTER = Access(roles=frozenset({Role.ADMIN, Role.OFFICER}))
ANY_STAFF = Access(roles=frozenset(Role))
CENTRAL_STAFF = Access(central=True)
KIOSK = Access(device="kiosk")

# Where a machine that is not enrolled is sent: the page that takes its code.
ENROL = "enrolment.enter"
SIGN_IN = {Scope.REGION: "auth.sign_in", Scope.CENTRAL: "central_auth.sign_in"}


class AudienceBlueprint(Blueprint):
    """A blueprint that names its scope and who may enter."""

    access: Access
    scope: Scope | None


def audience(
    name: str, import_name: str, *, scope: Scope | None, access: Access, url_prefix: str | None = None
) -> AudienceBlueprint:
    """Return a blueprint for one audience. `scope` None answers on every host, unknown ones too."""
    anywhere = f"<any({', '.join(s.value for s in Scope)}):_scope>"
    blueprint = AudienceBlueprint(
        name, import_name, url_prefix=url_prefix, subdomain=scope.value if scope else anywhere
    )
    blueprint.access = access
    blueprint.scope = scope
    blueprint.before_request(lambda: _check(access, scope))
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


def _check(access: Access, scope: Scope | None) -> ResponseReturnValue | None:
    if access.device is not None:
        return _check_device(access)
    if access.admits(current_user):
        return None
    if current_user.is_authenticated or scope is None:
        abort(403)
    if request.method not in {"GET", "HEAD"}:
        abort(401)
    return redirect(url_for(SIGN_IN[scope], lanjut=request.full_path.removesuffix("?")))


def _check_device(access: Access) -> ResponseReturnValue | None:
    if access.admits(current_device()):
        return None
    if request.method not in {"GET", "HEAD"}:
        abort(401)
    return redirect(url_for(ENROL))
