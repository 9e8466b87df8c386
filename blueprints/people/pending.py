"""What a browser keeps while somebody is on the way in: signed, of this host alone, each part used once."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from typing import Any

from flask import session

from mpp.accounts.secrets import UnreadableSecretError, hide, reveal
from mpp.identity.relying import Arrival, Begun

JOURNEYS, CONSENT = "sso", "consent"
# Registering on the way takes its time.
SECONDS_JOURNEY = 30 * 60
# As long as the access token lasts.
SECONDS_CONSENT = 20 * 60
# A person has a few tabs; a cookie has little room.
MOST_JOURNEYS = 4
USE = "sign in at a region"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who came back from the centre and has not agreed yet."""

    subject: str
    access_token: str
    target: str


def set_out(begun: Begun, target: str) -> None:
    """Keep a sign-in that begins now, and where it leads."""
    journeys: dict[str, Any] = session.get(JOURNEYS) or {}
    newest = sorted(journeys.items(), key=lambda pair: pair[1][3])[-(MOST_JOURNEYS - 1) :]
    session[JOURNEYS] = {**dict(newest), begun.state: [begun.nonce, begun.verifier, target, int(time.time())]}


def taken(state: str) -> tuple[Begun, str] | None:
    """Return the sign-in of a state and forget it; None for a state that did not begin in this browser, or long ago."""
    journeys: dict[str, Any] = dict(session.get(JOURNEYS) or {})
    found = journeys.pop(state, None)
    if found is None:
        return None
    session[JOURNEYS] = journeys
    nonce, verifier, target, at = found
    return (Begun(state, nonce, verifier), target) if time.time() - at <= SECONDS_JOURNEY else None


def wait(arrival: Arrival, target: str) -> None:
    """Keep who came back until they have read what they agree to. The token is sealed: a cookie can be read."""
    token = base64.b64encode(hide(arrival.access_token, USE)).decode()
    session[CONSENT] = [arrival.subject, token, target, int(time.time())]


def waiting() -> Waiting | None:
    """Return who has come back and not agreed yet."""
    subject, token, target, at = session.get(CONSENT) or ("", "", "", 0)
    if not subject or time.time() - at > SECONDS_CONSENT:
        return None
    try:
        return Waiting(subject, reveal(base64.b64decode(token), USE), target)
    except (UnreadableSecretError, ValueError):
        return None


def forget() -> None:
    """Forget who has come back."""
    session.pop(CONSENT, None)
