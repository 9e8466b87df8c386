"""A region as the centre's client: how somebody is sent there, what comes back, and how a session begins from it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from mpp.accounts.login import sign_in_citizen
from mpp.citizens.models import Citizen, CitizenSession
from mpp.database.session import central_read, central_write
from mpp.identity import grants
from mpp.identity.clients import SCOPES, callback, client_secret, issuer
from mpp.identity.errors import RefusedError
from mpp.identity.relying import Registration, RelyingParty
from mpp.identity.wire import Inside
from mpp.tenancy.region import current_region
from mpp.web.flask import platform_app


@dataclass(frozen=True, slots=True)
class Told:
    """What the centre tells a region of a person who comes to it."""

    name: str
    phone: str | None
    nik: str | None


def centre(host: str, address: str | None) -> RelyingParty:
    """Return the region at hand as a client of the centre. `host`: without port; `address`: of who is served."""
    app, region = platform_app(), current_region()

    def inside(session: object) -> None:
        session.mount(issuer(), Inside(app, address))  # type: ignore[attr-defined]  # Authlib publishes no types

    here = Registration(
        issuer(), str(region.id), client_secret(region.id), callback(app.settings, host), " ".join(SCOPES)
    )
    return RelyingParty(here, inside)


def told(party: RelyingParty, access_token: str, subject: str) -> Told:
    """Return what the centre tells of the person. Raises RefusedError, AwayError."""
    claims = party.person(access_token, subject)
    if not claims.get("name"):
        raise RefusedError("no name")
    return Told(str(claims["name"]), claims.get("phone_number"), claims.get("nik"))


def let_go() -> None:
    """Give the centre's connection back before asking the centre within this request: each would hold one."""
    with central_read() as session:
        session.close()


def enter(access_token: str, profile_id: int) -> None:
    """Start this person's session at the region at hand; the access token is spent by it.

    What the person has proved at the centre, and when, goes over into it. Raises RefusedError when the token is over,
    or when the person has signed out at the centre meanwhile.
    """
    region = current_region()
    with central_write() as session:
        grant = grants.by_token(session, access_token, lock=True)
        if grant is None or grant.region_id != region.id or grants.citizen_of(session, grant) is None:
            raise RefusedError("the token is over")
        grants.spend_token(session, grant.id)
        citizen_id, there = grant.citizen_id, grant.session_id
    sign_in_citizen(citizen_id, profile_id, like=there)


def nik_of(session_id: int) -> str | None:
    """Return the NIK of whose session at the region at hand this is, None when the account has none.

    For the person's own wish to give it here, asked for on the region's page: only then, and for nothing else.
    """
    query = select(Citizen.nik).join(CitizenSession, CitizenSession.account_id == Citizen.id)
    mine = (CitizenSession.id == session_id, CitizenSession.region_id == current_region().id, Citizen.active)
    with central_read() as session:
        return session.scalar(query.where(*mine))


def proved_at(session_id: int) -> dt.datetime:
    """Return when the person of a session last proved to be its owner (UTC)."""
    with central_read() as session:
        return session.scalars(select(CitizenSession.proved_at).where(CitizenSession.id == session_id)).one()
