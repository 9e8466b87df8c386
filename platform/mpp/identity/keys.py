"""The keys that sign id tokens: made by themselves, sealed with the nation's keys, turned every season."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, cast

from joserfc.jwk import RSAKey
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, undefer

from mpp.database.session import central_read, central_write
from mpp.identity.models import SigningKey

# The one that every client of OpenID Connect must know (Discovery 1.0, 3).
ALGORITHM = "RS256"
BITS = 2048
SIGNS_FOR = dt.timedelta(days=90)
# Longer than any id token is good for, or any client remembers what was published.
PUBLISHED_AFTER = dt.timedelta(days=1)


def signing_key() -> RSAKey:
    """Return the newest key; the very first one is made when somebody asks for it."""
    with central_read() as session:
        found = _newest(session)
        if found is not None:
            return RSAKey.import_key(json.loads(found.private))
    with central_write() as session:
        return make(session)


def published() -> dict[str, Any]:
    """Return the public halves of every key in use, as a JWK set. Makes the first key when there is none."""
    with central_read() as session:
        found = list(session.scalars(select(SigningKey.public).order_by(SigningKey.created_at.desc())))
    if not found:
        signing_key()
        return published()
    return {"keys": found}


def make(session: Session) -> RSAKey:
    """Make a new key, which signs from now on."""
    key = RSAKey.generate_key(BITS, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    public = cast("dict[str, Any]", key.as_dict(private=False))
    session.add(SigningKey(kid=str(key.kid), public=public, private=json.dumps(key.as_dict(private=True))))
    session.flush()
    return key


def turn(session: Session) -> None:
    """Make a new key when the newest has signed long enough, and forget those whose tokens have all run out."""
    newest = _newest(session)
    now = dt.datetime.now(tz=dt.UTC)
    if newest is not None and now - newest.created_at > SIGNS_FOR:
        make(session)
    oldest = func.now() - (SIGNS_FOR + PUBLISHED_AFTER)
    last = select(func.max(SigningKey.created_at)).scalar_subquery()
    session.execute(delete(SigningKey).where(SigningKey.created_at < oldest, SigningKey.created_at < last))


def _newest(session: Session) -> SigningKey | None:
    query = select(SigningKey).order_by(SigningKey.created_at.desc(), SigningKey.kid).limit(1)
    return session.scalar(query.options(undefer(SigningKey.private)))
