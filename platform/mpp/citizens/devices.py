"""Ending one's other browsers. It only takes away, and yet not everybody may do it.

A thief with the SIM would begin with it: what waits for days is told in every browser of the owner's, and one that is
out tells nothing. So where the account has a proof that no thief can have set, ending others asks for it; and while
something waits, the code alone ends nobody.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from mpp.accounts import sessions as rows
from mpp.accounts.service import AccountError
from mpp.citizens import proofs, sessions, waits
from mpp.citizens.models import Citizen
from mpp.citizens.realm import nation
from mpp.database.session import central_write
from mpp.i18n import gettext as _


def sign_out(citizen_id: int, at: int, session_id: int) -> bool:
    """Sign another browser of the owner's out, from that of session `at`; False when there is no such session.

    Raises NeedProofError, and AccountError while something waits that only the code has begun.
    """
    with nation(), central_write() as session:
        _check(session, citizen_id, at)
        return sessions.end(session, citizen_id, session_id)


def sign_out_others(citizen_id: int, at: int) -> int:
    """Sign the owner out everywhere, save in the browser of session `at`; return of how many. Raises as sign_out."""
    with nation(), central_write() as session:
        _check(session, citizen_id, at)
        ended = sessions.end_all(session, citizen_id, but=at)
        rows.tell_ended(session, citizen_id)
        return ended


def _check(session: Session, citizen_id: int, at: int) -> None:
    citizen = session.get_one(Citizen, citizen_id, with_for_update=True, populate_existing=True)
    have = proofs.here(session, citizen, at)
    if have.ripe:
        if not have.strong:
            raise proofs.NeedProofError
    elif waits.open_one(session, citizen_id) is not None:
        text = _(
            "Selama ada permintaan yang menunggu, perangkat lain tidak bisa dikeluarkan. Batalkan dahulu."
        )
        raise AccountError(text)
