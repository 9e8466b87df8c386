"""What invitations to a family card and offers of a power have in common: where they wait, how many, how long."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from mpp.citizens.acting_errors import ActingError, LimitError
from mpp.citizens.family_models import FamilyMember
from mpp.citizens.messages import Message, post
from mpp.citizens.models import Citizen
from mpp.citizens.powers_models import PowerOfAttorney
from mpp.crypto import normal
from mpp.crypto.types import same
from mpp.i18n import gettext as _

INVITED_FOR = dt.timedelta(days=14)
# So long the owner still sees where an unanswered invitation went.
KEPT_AFTER = dt.timedelta(days=30)
# Enough for a family, too few for somebody who wants to bother strangers.
MOST_OPEN = 5
MOST_A_DAY = 10
# However many accounts invite one number, its phone rings so often a day.
MOST_MESSAGES = 3
KINDS = (
    (FamilyMember, FamilyMember.account_id, FamilyMember.invited_until),
    (PowerOfAttorney, PowerOfAttorney.giver_id, PowerOfAttorney.offered_until),
)


def check_invitations(session: Session, account_id: int, phone: str) -> None:
    """Refuse an invitation to oneself, and more of them than are good. Raises ActingError, LimitError.

    The answer depends on the account's own rows alone, never on whether `phone` has an account.
    """
    own = session.scalar(select(Citizen.phone).where(Citizen.id == account_id))
    if own is not None and normal.phone(own) == normal.phone(phone):
        raise ActingError(_("Ini nomor HP Anda sendiri."), "phone")
    now, waiting, today = dt.datetime.now(tz=dt.UTC), 0, 0
    for kind, mine, until in KINDS:
        still = kind.phone_index.is_not(None) & (until > now)
        counts = select(func.count().filter(still), func.count().filter(_fresh(kind)))
        row = session.execute(counts.where(mine == account_id, until.is_not(None))).one()
        waiting, today = waiting + row[0], today + row[1]
    if waiting >= MOST_OPEN or today >= MOST_A_DAY:
        text = _("Sudah banyak undangan yang Anda kirim. Tunggu jawabannya, atau batalkan salah satu.")
        raise LimitError(text, "phone")


def tell_invited(session: Session, phone: str) -> None:
    """Tell a telephone that something waits for it; not from whom, and not more often than is bearable."""
    before = [
        select(func.count()).where(same(kind.phone_index, phone), _fresh(kind))
        for kind, _mine, _until in KINDS
    ]
    if sum(session.scalar(query) or 0 for query in before) <= MOST_MESSAGES:
        post(session, phone, Message.INVITED)


def forget_lapsed(session: Session) -> None:
    """Forget the telephones of invitations that nobody answered in time; who may act is never decided by this."""
    for kind, _mine, until in KINDS:
        gone = update(kind).where(kind.phone_index.is_not(None), until < func.now() - KEPT_AFTER)
        session.execute(
            gone.values(phone=None, phone_index=None).execution_options(synchronize_session=False)
        )


def _fresh(kind: type[FamilyMember | PowerOfAttorney]) -> ColumnElement[bool]:
    return kind.created_at > dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=1)
