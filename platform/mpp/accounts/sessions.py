"""Signed-in browsers, kept on the server: listed to their owner, ended one by one or all at once."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts.guard import network
from mpp.accounts.models import Role, Staff
from mpp.accounts.proof_models import SessionColumns
from mpp.accounts.realm import Person, realm

# Who may change a whole region, or all of them, is signed out sooner when nobody is at the screen.
IDLE_POWERFUL = dt.timedelta(hours=1)
IDLE = dt.timedelta(hours=4)
SEEN_EVERY = dt.timedelta(minutes=1)

BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "Chromebook"),
    ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def device_words(agent: str | None) -> str:
    """Return a browser in words that its owner recognises: "Chrome di Windows"."""
    text = agent or ""
    browser = next((name for mark, name in BROWSERS if mark in text), "Peramban")
    system = next((name for mark, name in SYSTEMS if mark in text), None)
    return f"{browser} di {system}" if system else browser


def start(
    session: Session, account: Person, *, agent: str | None, address: str | None, **more: object
) -> tuple[int, str]:
    """Start a session of `account` and note that it came in; return its id and the token that the browser keeps.

    `more` are the columns that only this realm's sessions have.
    """
    table, token = realm().table(realm().session), secrets.token_urlsafe(32)
    accounts = realm().table(realm().account)
    came = update(accounts).where(accounts.c.id == account.id).values(last_login_at=func.now())
    row = {
        "account_id": account.id, "token_hash": _hash(token), "device": device_words(agent),
        "address": network(address), **more,
    }  # fmt: skip
    # One statement for both: sign-ins are many in the minutes before a hall opens.
    begun = insert(table).values(row).returning(table.c.id).add_cte(came.cte("came"))
    return session.scalars(begun).one(), token


def find(session: Session, session_id: int, token: str) -> tuple[Person, SessionColumns] | None:
    """Return the account and row of a living session, None for any other; one read over primary keys."""
    kind, account = realm().session, realm().account
    query = select(account, kind).join(kind, kind.account_id == account.id).where(kind.id == session_id)
    # What stands in the database now, not what an earlier request of a test or job left in memory.
    found = session.execute(query, execution_options={"populate_existing": True}).first()
    if found is None:
        return None
    person, row = found
    now = dt.datetime.now(tz=dt.UTC)
    if not person.active or not hmac.compare_digest(row.token_hash, _hash(token)):
        return None
    if now - row.created_at > realm().longest or now - row.seen_at > idle_limit(person):
        return None
    return person, row


def idle_limit(person: Person) -> dt.timedelta:
    """Return after how long without an act the person is signed out."""
    if (idle := realm().idle) is not None:
        return idle
    return IDLE if isinstance(person, Staff) and person.role != Role.ADMIN else IDLE_POWERFUL


def is_stale(row: SessionColumns) -> bool:
    """Whether "last seen" is old enough to be written again."""
    return dt.datetime.now(tz=dt.UTC) - row.seen_at > SEEN_EVERY


def seen(session: Session, session_id: int) -> None:
    """Note that the person is at the screen."""
    kind = realm().session
    session.execute(update(kind).where(kind.id == session_id).values(seen_at=func.now()))


def living(session: Session, account_id: int) -> Sequence[SessionColumns]:
    """Return the account's sessions that have not run out, the one last used first."""
    kind = realm().session
    query = select(kind).where(kind.account_id == account_id, kind.created_at > func.now() - realm().longest)
    return session.scalars(query.order_by(kind.seen_at.desc())).all()


def end(session: Session, account_id: int, session_id: int) -> bool:
    """Sign one browser of the account out; False when there is no such session of this account."""
    kind = realm().session
    gone = delete(kind).where(kind.id == session_id, kind.account_id == account_id).returning(kind.id)
    if session.scalar(gone) is None:
        return False
    tell_ended(session, account_id)
    return True


def tell_ended(session: Session, account_id: int) -> None:
    """Write into the audit log that browsers of an account were signed out."""
    audit.record(session, action="account.session_end", subject=realm().subject(account_id))


def end_all(session: Session, account_id: int, *, but: int | None = None) -> int:
    """Sign every browser of the account out, save `but`; return how many."""
    kind = realm().session
    gone = delete(kind).where(kind.account_id == account_id, kind.id != (but or 0)).returning(kind.id)
    return len(session.scalars(gone).all())


def end_browser(session: Session, session_id: int) -> int | None:
    """Sign out the browser at hand; return whose it was, None when it was signed out already."""
    kind = realm().session
    return session.scalar(delete(kind).where(kind.id == session_id).returning(kind.account_id))


def prune(session: Session) -> None:
    """Delete sessions that ran out."""
    kind = realm().session
    session.execute(delete(kind).where(kind.created_at < func.now() - realm().longest))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
