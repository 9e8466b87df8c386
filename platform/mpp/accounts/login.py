"""Flask-Login over sessions kept on the server; an identity is of one kind, region and browser, else a stranger's."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from flask import Flask, g, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_login.mixins import UserMixin

from mpp import audit
from mpp.accounts import sessions
from mpp.accounts.models import Role, Staff
from mpp.accounts.realm import CENTRAL as CENTRAL_REALM
from mpp.accounts.realm import REGIONAL, Person, realm
from mpp.audit import NOBODY_NAME, Actor, actor
from mpp.citizens import sessions as citizen_sessions
from mpp.citizens.models import Citizen
from mpp.citizens.realm import KIND as CITIZEN
from mpp.citizens.realm import nation
from mpp.database.session import central_read
from mpp.support import access as support
from mpp.support.models import Ender, Level, SupportAccess
from mpp.support.telling import KIND as SUPPORT
from mpp.support.telling import OFFICE
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
    # Somebody of the centre, by support access: the access, and what it may do now.
    access: SupportAccess | None = None
    level: Level | None = None

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


def _staff(account: Person, session_id: int, token: str) -> SignedIn:
    region = region_or_none()
    if isinstance(account, Staff):
        if region is None:
            raise LookupError("staff of a region signs in at its region")
        return SignedIn(
            STAFF, account.id, region.id, account.name, account.email, session_id, token,
            Role(account.role), account.hall_id, account.agency_id,
        )  # fmt: skip
    return SignedIn(CENTRAL, account.id, 0, account.called, account.handle, session_id, token)


def _citizen(account: Citizen, profile_id: int | None, session_id: int, token: str) -> SignedIn:
    """A region knows a citizen by the profile there; the national account is the centre's alone."""
    known_as = account.id if profile_id is None else profile_id
    return SignedIn(CITIZEN, known_as, _place() or 0, account.called, "", session_id, token)


def sign_in(account: Person) -> SignedIn:
    """Start a member of staff's session at this host, on the server and on a fresh cookie; an open one ends."""
    _end_here()
    with realm().write() as database:
        session_id, token = sessions.start(
            database, account, agent=request.headers.get("User-Agent"), address=request.remote_addr
        )
        user = _begin(_staff(account, session_id, token))
        audit.record(database, action="account.sign_in", subject=realm().subject(account.id))
    return user


def sign_in_citizen(
    citizen_id: int, profile_id: int | None = None, *, strong: bool = False, like: int | None = None
) -> SignedIn:
    """Start a citizen's session at this host, on the server and on a fresh cookie; an open one ends.

    At a region's host `profile_id` is the person's profile there, at the centre None. `strong`: proved by more than
    a code on the telephone. `like`: the session at the centre whose proofs go over into this one. Raises LookupError
    for an account that is closed or not there.
    """
    _end_here()
    place = _place()
    with nation(), realm().write() as database:
        session_id, token = citizen_sessions.start(
            database, citizen_id, place, profile_id, strong=strong, like=like,
            agent=request.headers.get("User-Agent"), address=request.remote_addr,
        )  # fmt: skip
        account = database.get_one(Citizen, citizen_id)
        subject = realm().subject(citizen_id)
        audit.record(database, action="account.sign_in", subject=subject, data={"region": place})
    return _begin(_citizen(account, profile_id, session_id, token))


def sign_in_support(access: SupportAccess, kept: str) -> SignedIn:
    """Let somebody of the centre in at the region being served, on a fresh cookie; an open session ends."""
    _end_here()
    return _begin(_supporter(access, Level.LOOK, kept))


def sign_out() -> None:
    """End the session at this host, on the server too: a copy of the cookie is worth nothing afterwards."""
    _end_here(told=True)
    logout_user()
    session.clear()


def _begin(user: SignedIn) -> SignedIn:
    """Put a session on a fresh cookie: nothing that lay in the browser before lives on in it."""
    session.clear()
    session.permanent = True
    login_user(user)
    actor.set(_actor(user))
    return user


def _end_here(*, told: bool = False) -> None:
    """End the session of whoever is signed in here; `told`: by the person's own wish, so it is written down."""
    if not current_user.is_authenticated:
        return
    if current_user.kind == SUPPORT:
        support.end(current_user.session_id, Ender.SELF, region_id=current_user.region_id)
        return
    with _accounts_of(current_user.kind), realm().write() as database:
        account_id = sessions.end_browser(database, current_user.session_id)
        if told and account_id is not None:
            audit.record(database, action="account.sign_out", subject=realm().subject(account_id))


def _accounts_of(kind: str) -> AbstractContextManager[None]:
    return nation() if kind == CITIZEN else nullcontext()


def _place() -> int | None:
    region = region_or_none()
    return region.id if region else None


def _load(identity: str) -> SignedIn | None:
    kind, _colon, rest = identity.partition(":")
    place, _colon, rest = rest.partition(":")
    number, _colon, token = rest.partition(":")
    if kind not in {CITIZEN, SUPPORT, realm().kind} or place != str(_place() or 0):
        return None
    if not number.isdigit() or len(number) > 18 or not sessions.TOKEN.fullmatch(token):
        return None
    if kind == SUPPORT:
        return _support_at(int(number), token)
    user = _citizen_at(int(number), token) if kind == CITIZEN else _staff_at(int(number), token)
    if user is None:
        return None
    who, stale = user
    if stale and _is_act():
        with _accounts_of(kind), realm().write() as database:
            sessions.seen(database, who.session_id)
    return who


def _staff_at(session_id: int, token: str) -> tuple[SignedIn, bool] | None:
    with realm().read() as database:
        found = sessions.find(database, session_id, token)
        if found is None:
            return None
        return _staff(found[0], session_id, token), sessions.is_stale(found[1])


def _citizen_at(session_id: int, token: str) -> tuple[SignedIn, bool] | None:
    with central_read() as database:
        found = citizen_sessions.find(database, session_id, token, _place())
        if found is None:
            return None
        account, row = found
        return _citizen(account, row.profile_id, session_id, token), sessions.is_stale(row)


def _support_at(access_id: int, kept: str) -> SignedIn | None:
    found = support.find(access_id, kept) if region_or_none() is not None else None
    return _supporter(*found, kept) if found else None


def _supporter(access: SupportAccess, level: Level, kept: str) -> SignedIn:
    # No account of the region: an id that none has.
    return SignedIn(
        SUPPORT, 0, access.region_id, OFFICE, "", access.id, kept, access=access, level=level
    )  # fmt: skip


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
            actor.set(_actor(current_user))


def _actor(user: SignedIn) -> Actor:
    """Logs name staff, and of citizens the number alone: what stands there can't be forgotten."""
    name = NOBODY_NAME if user.kind == CITIZEN else user.name
    number = user.session_id if user.kind == SUPPORT else user.id
    return Actor(user.kind, number, name, g.get("request_id"))
