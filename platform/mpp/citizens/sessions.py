"""Citizens' signed-in browsers, at the centre and at every region's host, in one table of the nation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from mpp.accounts import sessions
from mpp.citizens.models import Citizen, CitizenSession
from mpp.citizens.realm import nation
from mpp.database.session import central_read
from mpp.tenancy.models import RegionRecord


@dataclass(frozen=True, slots=True)
class Open:
    """A session as its owner sees it. `place` is the region's name, empty for the centre."""

    row: CitizenSession
    place: str


def start(
    session: Session, citizen_id: int, region_id: int | None = None, profile_id: int | None = None, *,
    agent: str | None, address: str | None, strong: bool = False, like: int | None = None,
) -> tuple[int, str]:  # fmt: skip
    """Start a session; return its id and the token that the browser keeps.

    At a region's host both `region_id` and `profile_id` (the person's profile there) are given, at the centre
    neither. `strong`: begun with more than a code on the telephone. `like`: begun from that session of the same
    account, by nothing of its own: what was proved there, and when, is what is proved here. `session` is the centre's,
    inside its write.
    Raises LookupError for an account that is closed or not there.
    """
    with nation():
        citizen = session.get(Citizen, citizen_id, populate_existing=True)
        if citizen is None or not citizen.active:
            raise LookupError("no such account")
        place = {"region_id": region_id, "profile_id": profile_id}
        proof: dict[str, Any] = {"strong_at": func.now()} if strong else {}
        if like is not None:
            there = session.get_one(CitizenSession, like, populate_existing=True)
            proof = {"proved_at": there.proved_at, "strong_at": there.strong_at}
        return sessions.start(session, citizen, agent=agent, address=address, **place, **proof)


def find(
    session: Session, session_id: int, token: str, region_id: int | None
) -> tuple[Citizen, CitizenSession] | None:
    """Return the citizen and row of a living session of this very place (None: the centre), None for any other."""
    with nation():
        found = sessions.find(session, session_id, token)
    if found is None:
        return None
    citizen, row = found
    if not isinstance(citizen, Citizen) or not isinstance(row, CitizenSession) or row.region_id != region_id:
        return None
    return citizen, row


def living(citizen_id: int) -> list[Open]:
    """Return the account's sessions everywhere that have not run out, the one last used first."""
    with nation(), central_read() as session:
        rows = [row for row in sessions.living(session, citizen_id) if isinstance(row, CitizenSession)]
        places = select(RegionRecord.id, RegionRecord.name).where(
            RegionRecord.id.in_({row.region_id for row in rows if row.region_id})
        )
        names = {place.id: place.name for place in session.execute(places)}
    return [Open(row, names[row.region_id] if row.region_id else "") for row in rows]


def end(session: Session, citizen_id: int, session_id: int) -> bool:
    """Sign one browser out, at whatever host; False when there is no such session of this account."""
    with nation():
        return sessions.end(session, citizen_id, session_id)


def end_all(session: Session, citizen_id: int, *, but: int | None = None) -> int:
    """Sign the citizen out everywhere, save the browser of session `but`; return of how many."""
    with nation():
        return sessions.end_all(session, citizen_id, but=but)


def end_region(session: Session, citizen_id: int, region_id: int) -> None:
    """Sign the citizen out at one region's host: the consent there was withdrawn."""
    kind = CitizenSession
    session.execute(delete(kind).where(kind.account_id == citizen_id, kind.region_id == region_id))


def proved(session: Session, session_id: int, *, strong: bool) -> None:
    """Note that the owner has just proved to be at this browser."""
    kind, now = CitizenSession, func.now()
    news = {"proved_at": now, "strong_at": now} if strong else {"proved_at": now}
    session.execute(update(kind).where(kind.id == session_id).values(news))
