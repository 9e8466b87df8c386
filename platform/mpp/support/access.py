"""Support access: the one way in which somebody of the centre enters a region.

Asked for with a reason, granted after a second factor, handed over to the region's host by a token that works once,
and alive only while its row says so. The region is told before anything can be seen, and can end it at any moment.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mpp import audit
from mpp.database.session import central_read, central_write, write
from mpp.support import telling
from mpp.support.errors import NoAccessError, SupportError
from mpp.support.models import Ender, Level, SupportAccess, SupportConsent
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.region import current_region, region_context

MINUTES = (15, 30, 60)
SHORTEST_REASON, LONGEST_REASON = 20, 500
# From asking to the second factor.
ASKED_LASTS = dt.timedelta(minutes=10)
HAND_OVER_LASTS = dt.timedelta(seconds=60)
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Asker:
    """Who of the centre asks, and the sign-in there that the access hangs on."""

    id: int
    name: str
    session_id: int


def ask(who: Asker, slug: str, *, reason: str, level: Level, minutes: int) -> SupportAccess:
    """Write down what is asked for; nothing opens before `grant`. Raises SupportError, LookupError for no region."""
    words = " ".join(reason.split())
    if not SHORTEST_REASON <= len(words) <= LONGEST_REASON:
        raise SupportError(
            f"Tulis alasannya dengan {SHORTEST_REASON} sampai {LONGEST_REASON} huruf.", "reason"
        )
    if minutes not in MINUTES:
        raise SupportError("Pilih berapa lama.", "minutes")
    with central_write() as session:
        record = session.scalar(select(RegionRecord).where(RegionRecord.slug == slug))
        if record is None:
            raise LookupError(slug)
        if record.state != RegionState.ACTIVE:
            raise SupportError("Portal daerah ini sedang tertutup, jadi tidak ada yang bisa dibuka.")
        if level is Level.CHANGE and not _changes_allowed(session, record.id):
            raise SupportError("Daerah ini hanya mengizinkan melihat.", "level")
        access = SupportAccess(
            region_id=record.id, staff_id=who.id, staff_name=who.name, central_session_id=who.session_id,
            reason=words, level=level.value, minutes=minutes,
        )  # fmt: skip
        session.add(access)
        session.flush()
        data = {"region": slug, "level": level.value, "minutes": minutes}
        audit.record(session, action="support.ask", subject=telling.subject(access), data=data)
    return access


def asked(access_id: int, who: Asker) -> SupportAccess:
    """Return what this person has asked for in this sign-in. Raises NoAccessError."""
    with central_read() as session:
        return _own(session, access_id, who)


def grant(access_id: int, who: Asker) -> None:
    """Let the time begin, now that the second factor was given again; the region is told first.

    What the same person still had open in this region ends. Raises NoAccessError.
    """
    with central_write() as session:
        access = _own(session, access_id, who, lock=True)
        now = dt.datetime.now(tz=dt.UTC)
        if access.granted_at is not None or now - access.created_at > ASKED_LASTS:
            raise NoAccessError
        earlier = SupportAccess.alive(access.region_id) & (SupportAccess.staff_id == who.id)
        for older in session.scalars(select(SupportAccess).where(earlier).with_for_update()):
            _close(session, older, Ender.SELF)
        access.granted_at, access.until = now, now + dt.timedelta(minutes=access.minutes)
        audit.record(session, action="support.start", subject=telling.subject(access))
        telling.started(session, access)


def hand_over(access_id: int, who: Asker, state: str) -> str:
    """Return a token that opens the region's host once, within a minute, in the browser that holds a secret.

    `state` is that secret's hash, as the region's host has sent it along. Raises NoAccessError.
    """
    token = secrets.token_urlsafe(32)
    with central_write() as session:
        access = _own(session, access_id, who, lock=True)
        if not access.living:
            raise NoAccessError
        access.hand_over_hash = _hash(token, state)
        access.hand_over_until = dt.datetime.now(tz=dt.UTC) + HAND_OVER_LASTS
    return token


def state_of(secret: str) -> str:
    """Return what a browser's secret is called on its way over the centre."""
    return hashlib.sha256(secret.encode()).hexdigest()


def enter(token: str, secret: str) -> tuple[SupportAccess, str]:
    """Take a token at the region being served; return the access and what the browser's cookie shall hold.

    Taking and spending are one statement: of two who come with it one gets in. Raises NoAccessError.
    """
    region, kept = current_region(), secrets.token_urlsafe(32)
    spent = (
        update(SupportAccess)
        .where(SupportAccess.alive(region.id), SupportAccess.hand_over_until > func.now())
        .where(SupportAccess.hand_over_hash == _hash(token, state_of(secret)))
        .values(
            hand_over_hash=None, hand_over_until=None, session_hash=_hash(kept),
            entered_at=func.coalesce(SupportAccess.entered_at, func.now()),
        )
        .returning(SupportAccess)
    )  # fmt: skip
    with central_write() as session:
        access = session.scalar(spent, execution_options={"populate_existing": True})
        if access is None:
            raise NoAccessError
    telling.in_both(access, "support.enter", {})
    return access, kept


def find(access_id: int, kept: str) -> tuple[SupportAccess, Level] | None:
    """Return the living access of a browser at the region being served, and what it may do now; None for any other.

    Asked anew by every request: what was ended, has run out or is allowed no longer holds from the next one on.
    """
    region = current_region()
    query = (
        select(SupportAccess, SupportConsent.changes)
        .outerjoin(SupportConsent, SupportConsent.region_id == SupportAccess.region_id)
        .where(SupportAccess.id == access_id, SupportAccess.alive(region.id))
    )
    with central_read() as session:
        found = session.execute(query, execution_options={"populate_existing": True}).first()
    if found is None:
        return None
    access, changes = found
    if access.session_hash is None or not hmac.compare_digest(access.session_hash, _hash(kept)):
        return None
    return access, Level.CHANGE if changes and access.level == Level.CHANGE else Level.LOOK


def end(access_id: int, by: Ender, *, region_id: int) -> bool:
    """End an access to a region at once; False when it was over already, or is another region's."""
    query = (
        select(SupportAccess)
        .where(SupportAccess.id == access_id, SupportAccess.region_id == region_id)
        .where(SupportAccess.ended_at.is_(None), SupportAccess.granted_at.is_not(None))
    )
    with central_write() as session:
        access = session.scalar(query.with_for_update(), execution_options={"populate_existing": True})
        if access is not None:
            _close(session, access, by)
    return access is not None


def alive(region_id: int) -> Sequence[SupportAccess]:
    """Return the accesses that open a region now, the oldest first."""
    query = select(SupportAccess).where(SupportAccess.alive(region_id)).order_by(SupportAccess.id)
    return _rows(query)


def past(region_id: int) -> Sequence[SupportAccess]:
    """Return the newest accesses to a region that were granted, those of now too."""
    query = select(SupportAccess).where(
        SupportAccess.region_id == region_id, SupportAccess.granted_at.is_not(None)
    )
    return _rows(query.order_by(SupportAccess.id.desc()).limit(MOST_SHOWN))


def region_of(access: SupportAccess) -> RegionRecord:
    """Return the record of the region that an access is to."""
    with central_read() as session:
        return session.get_one(RegionRecord, access.region_id)


def changes_allowed(region_id: int) -> bool:
    """Return whether a region lets support change things."""
    with central_read() as session:
        return _changes_allowed(session, region_id)


def allow_changes(allowed: bool) -> None:
    """Let support change things in the region being served, or only look; holds from its next request on."""
    region = current_region()
    row = insert(SupportConsent).values(region_id=region.id, changes=allowed)
    row = row.on_conflict_do_update(
        index_elements=["region_id"], set_={"changes": allowed, "changed_at": func.now()}
    )
    # The log of the region commits first: what can't be written down doesn't happen.
    with central_write() as centre, write() as session:
        centre.execute(row)
        audit.record(session, action="support.consent", subject="region", data={"changes": allowed})


def _close(session: Session, access: SupportAccess, by: Ender) -> None:
    access.ended_at, access.ended_by = dt.datetime.now(tz=dt.UTC), by.value
    access.hand_over_hash = access.session_hash = None
    with region_context(None):
        data = {"by": by.value}
        audit.record(session, action="support.end", subject=telling.subject(access), data=data)
    telling.ended(session, access)


def _own(session: Session, access_id: int, who: Asker, *, lock: bool = False) -> SupportAccess:
    query = select(SupportAccess).where(
        SupportAccess.id == access_id, SupportAccess.staff_id == who.id,
        SupportAccess.central_session_id == who.session_id, SupportAccess.ended_at.is_(None),
    )  # fmt: skip
    if lock:
        query = query.with_for_update()
    found = session.scalar(query, execution_options={"populate_existing": True})
    if found is None:
        raise NoAccessError
    return found


def _changes_allowed(session: Session, region_id: int) -> bool:
    query = select(SupportConsent.changes).where(SupportConsent.region_id == region_id)
    return bool(session.scalar(query))


def _rows(query: Select[SupportAccess]) -> Sequence[SupportAccess]:
    with central_read() as session:
        return session.scalars(query, execution_options={"populate_existing": True}).all()


def _hash(*parts: str) -> bytes:
    return hashlib.sha256("\x1f".join(parts).encode()).digest()
