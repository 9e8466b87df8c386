"""Flask-Login, with identities that name the kind of user, the region and the epoch; any mismatch is a stranger."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g, request
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_login.mixins import UserMixin

from mpp.accounts.models import CentralStaff, Role, Staff
from mpp.accounts.service import Account
from mpp.audit import Actor, actor
from mpp.database.session import central_read, read
from mpp.tenancy.region import region_or_none

CENTRAL = "central"
STAFF = "staff"


@dataclass(frozen=True)
class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login publishes no types
    """Who is signed in, as views and templates know them."""

    kind: str
    id: int
    region_id: int
    epoch: int
    name: str
    email: str
    role: Role | None = None

    def get_id(self) -> str:
        """Return kind:region:id:epoch; the loader refuses it anywhere else."""
        return f"{self.kind}:{self.region_id}:{self.id}:{self.epoch}"

    @property
    def is_admin(self) -> bool:
        """Whether this is an administrator of the region."""
        return self.role is Role.ADMIN


def as_signed_in(account: Account) -> SignedIn:
    """Return the identity of an account at the site at hand."""
    region = region_or_none()
    if isinstance(account, Staff):
        if region is None:
            raise LookupError("staff of a region signs in at its region")
        return SignedIn(
            STAFF, account.id, region.id, account.epoch, account.name, account.email, Role(account.role)
        )
    return SignedIn(CENTRAL, account.id, 0, account.epoch, account.name, account.email)


def sign_in(account: Account) -> None:
    """Start the account's session at this host, on a fresh cookie."""
    from flask import session

    session.clear()
    session.permanent = True
    user = as_signed_in(account)
    login_user(user)
    actor.set(Actor(user.kind, user.id, user.name, g.get("request_id")))


def sign_out() -> None:
    """End the session at this host."""
    from flask import session

    logout_user()
    session.clear()


def _load(identity: str) -> SignedIn | None:
    parts = identity.split(":")
    region = region_or_none()
    if len(parts) != 4 or not all(p.isdigit() for p in parts[1:]):
        return None
    kind, region_id, account_id, epoch = parts[0], int(parts[1]), int(parts[2]), int(parts[3])
    account: Account | None = None
    if kind == STAFF and region is not None and region.id == region_id:
        with read() as session:
            account = session.get(Staff, account_id)
    elif kind == CENTRAL and region is None and region_id == 0:
        with central_read() as session:
            account = session.get(CentralStaff, account_id)
    if account is None or not account.active or account.epoch != epoch:
        return None
    return as_signed_in(account)


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
