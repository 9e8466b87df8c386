"""The two ways to one's own data: signed in as a citizen of this region, or a guest who has proved it lately."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import undefer

from mpp.accounts.secrets import UnreadableSecretError, hide, reveal
from mpp.citizens.codes import Purpose, Ticket
from mpp.database.session import read
from tenants.people.models import Profile
from tenants.privacy.owner import Owner

# A guest's proof, and a code under way, in the signed cookie of this host.
PROOF, WAY = "own data", "own data code"
SECONDS = 20 * 60


@dataclass(frozen=True, slots=True)
class Door:
    """One of the two ways: the first part of its endpoints, and who stands in it."""

    name: str
    path: str
    owner: Callable[[], Owner | None]

    def url(self, view: str, **values: Any) -> str:
        """Return the address of one of its pages."""
        return url_for(f"privacy_rights.{self.name}_{view}", **values)

    @property
    def is_guest(self) -> bool:
        """Whether it is for people without an account."""
        return self.name == "guest"

    def closed(self) -> ResponseReturnValue:
        """Send whoever has no proof to where one is given."""
        return redirect(url_for("privacy_rights.ask" if self.is_guest else "people.enter"), 303)


def _signed_in() -> Owner | None:
    with read() as database:
        profile = database.get(Profile, current_user.id, options=[undefer(Profile.phone)])
        if profile is None or not profile.living:
            return None
        return Owner(profile_id=profile.id, phone=profile.phone)


def _guest() -> Owner | None:
    kind, value, at = session.get(PROOF) or ("", "", 0)
    if time.time() - at > SECONDS:
        return None
    if kind == "ticket":
        return Owner(ticket_id=int(value))
    try:
        return Owner(phone=reveal(base64.b64decode(value), PROOF))
    except UnreadableSecretError:
        return None


CITIZEN_DOOR = Door("mine", "/warga/data", _signed_in)
GUEST_DOOR = Door("guest", "/data-saya/isi", _guest)


def let_in(owner: Owner) -> None:
    """Remember for twenty minutes what a guest has proved: an id, or a telephone sealed, nothing readable."""
    kind, value = "ticket", str(owner.ticket_id)
    if owner.phone is not None:
        kind, value = "phone", base64.b64encode(hide(owner.phone, PROOF)).decode()
    session[PROOF] = [kind, value, int(time.time())]
    session.pop(WAY, None)


def forget() -> None:
    """Forget it again."""
    session.pop(PROOF, None)
    session.pop(WAY, None)


def keep(ticket: Ticket) -> None:
    """Keep the code under way."""
    session[WAY] = [ticket.id, ticket.browser]


def way() -> Ticket | None:
    """Return the code under way."""
    kept = session.get(WAY)
    return Ticket(kept[0], kept[1]) if kept else None


__all__ = ["CITIZEN_DOOR", "GUEST_DOOR", "Door", "Purpose", "forget", "keep", "let_in", "way"]
