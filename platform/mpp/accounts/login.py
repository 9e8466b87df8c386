"""Flask-Login over sessions kept on the server; an identity is of one kind, region and browser, else a stranger's."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_login.mixins import UserMixin

from mpp import audit
from mpp.accounts import sessions
from mpp.accounts.models import Role, Staff
from mpp.accounts.realm import CENTRAL as CENTRAL_REALM
from mpp.accounts.realm import REGIONAL, Person, realm
from mpp.audit import Actor, actor
from mpp.tenancy.region import region_or_none

CENTRAL = CENTRAL_REALM.kind
STAFF = REGIONAL.kind


@dataclass(frozen=True)
class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login publishes no types
    """Who is signed in, as views and templates know them."""

    kind: str
    id: int
    region_id: int
    name: str
    email: str
    session_id: int
    token: str
    role: Role | None = None
    # The hall and agency that the role is limited to; None = no limit.
    hall_id: int | None = None
    agency_id: int | None = None

    def get_id(self) -> str:
        """Return kind:region:session:token; the loader refuses it anywhere else."""
        return f"{self.kind}:{self.region_id}:{self.session_id}:{self.token}"

    @property
    def is_admin(self) -> bool:
        """Whether this is an administrator of the region, or of a part of it."""
        return self.role is Role.ADMIN

    @property
    def limited(self) -> bool:
        """Whether the role holds in one hall or for one agency only."""
        return self.hall_id is not None or self.agency_id is not None


def _signed_in(account: Person, session_id: int, token: str) -> SignedIn:
    region = region_or_none()
    if isinstance(account, Staff):
        if region is None:
            raise LookupError("staff of a region signs in at its region")
        return SignedIn(
            STAFF, account.id, region.id, account.name, account.email, session_id, token,
            Role(account.role), account.hall_id, account.agency_id,
        )  # fmt: skip
    return SignedIn(CENTRAL, account.id, 0, account.name, account.email, session_id, token)


def sign_in(account: Person) -> SignedIn:
    """Start the account's session at this host, on the server and on a fresh cookie; one that was open here ends."""
    with realm().write() as database:
        if current_user.is_authenticated:
            sessions.end_browser(database, current_user.session_id)
        session_id, token = sessions.start(
            database, account, agent=request.headers.get("User-Agent"), address=request.remote_addr
        )
        session.clear()
        session.permanent = True
        user = _signed_in(account, session_id, token)
        login_user(user)
        actor.set(Actor(user.kind, user.id, user.name, g.get("request_id")))
        audit.record(database, action="account.sign_in", subject=realm().subject(account.id))
    return user


def sign_out() -> None:
    """End the session at this host, on the server too: a copy of the cookie is worth nothing afterwards."""
    if current_user.is_authenticated:
        with realm().write() as database:
            sessions.end_browser(database, current_user.session_id)
            audit.record(database, action="account.sign_out", subject=realm().subject(current_user.id))
    logout_user()
    session.clear()


def _load(identity: str) -> SignedIn | None:
    kind, _colon, rest = identity.partition(":")
    place, _colon, rest = rest.partition(":")
    number, _colon, token = rest.partition(":")
    region = region_or_none()
    if kind != realm().kind or place != str(region.id if region else 0):
        return None
    if not number.isdigit() or len(number) > 18 or not sessions.TOKEN.fullmatch(token):
        return None
    with realm().read() as database:
        found = sessions.find(database, int(number), token)
        if found is None:
            return None
        user = _signed_in(found[0], int(number), token)
        stale = sessions.is_stale(found[1])
    if stale and _is_act():
        with realm().write() as database:
            sessions.seen(database, int(number))
    return user


def _is_act() -> bool:
    """Whether a person did this: a page that looks again by itself keeps nobody signed in."""
    return request.method != "GET" or request.headers.get("Sec-Fetch-Dest", "document") != "empty"


def init_login(app: Flask) -> None:
    """Attach Flask-Login to `app` and tell the audit log who acts."""
    manager = LoginManager()
    # "strong" would sign people out when a phone changes its network; the cookie is bound to the host instead.
    manager.session_protection = None
    manager.user_loader(_load)
    manager.init_app(app)

    @app.before_request
    def _name_actor() -> None:
        # Not for static files: touching the session would make them differ by cookie.
        if request.blueprint != "static" and current_user.is_authenticated:
            actor.set(Actor(current_user.kind, current_user.id, current_user.name, g.get("request_id")))
