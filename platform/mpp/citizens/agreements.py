"""The other side of a family card: whose card one is on or invited to, agreeing to it, and ending it from either side.

Each way is agreed to by the person who is acted for. Both ways at once ("saling") hold only when both have said so: the
one by inviting in that way, the other by accepting it; and either one ends both.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, false, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mpp import audit
from mpp.citizens.acting_errors import ActingError, NotYoursError
from mpp.citizens.family import by_hand, card_of, check_room, keep_statement
from mpp.citizens.family_models import FamilyMember, MemberState, Relation
from mpp.citizens.models import Citizen
from mpp.crypto import normal
from mpp.crypto.types import same
from mpp.database.session import central_write
from mpp.i18n import gettext as _

# What the owner is to whoever is this to the owner.
CONVERSE = {
    Relation.HUSBAND: Relation.WIFE,
    Relation.WIFE: Relation.HUSBAND,
    Relation.CHILD: Relation.PARENT,
    Relation.PARENT: Relation.CHILD,
    Relation.OTHER: Relation.OTHER,
}


@dataclass(frozen=True, slots=True)
class Tie:
    """Somebody else's family card that the account is on, or is invited to."""

    row: FamilyMember
    owner: str


def ties(session: Session, account: Citizen) -> list[Tie]:
    """Return the cards of others that the account is on, and the invitations that wait for its answer."""
    waits = same(FamilyMember.phone_index, account.phone) if account.phone else false()
    rows = session.execute(
        select(FamilyMember, Citizen.name)
        .join(Citizen, Citizen.id == FamilyMember.account_id)
        .where(FamilyMember.ended_at.is_(None), FamilyMember.refused_at.is_(None), Citizen.active)
        .where(or_(FamilyMember.member_id == account.id, waits))
        .where(FamilyMember.account_id != account.id)
        .where(or_(FamilyMember.agreed_at.is_not(None), FamilyMember.invited_until > func.now()))
        .order_by(FamilyMember.id),
        execution_options={"populate_existing": True},
    )
    return [Tie(row, name or "") for row, name in rows]


def answer(account_id: int, row_id: int, *, agree: bool, at: int) -> FamilyMember:
    """Agree to be on somebody's card, or refuse, from session `at`; return the row.

    A mutual invitation that is agreed to puts its owner on the account's own card as well. Raises NotYoursError when
    no invitation waits for this account, LimitError when its own card is full, ActingError when both have written
    the number of their card and it is another, and, where it agrees, NeedProofError:
    who finds a telephone unlocked does not get to act for its owner.
    """
    try:
        with by_hand(account_id, at, proof=agree) as session:
            account = session.get_one(Citizen, account_id)
            row = session.scalar(
                select(FamilyMember)
                .where(FamilyMember.id == row_id, FamilyMember.account_id != account_id)
                .where(same(FamilyMember.phone_index, account.phone or ""))
                .with_for_update()
            )
            if row is None or row.state(_now()) is not MemberState.INVITED:
                raise NotYoursError
            row.phone = None
            if agree:
                _check_cards(session, account_id, row.account_id)
                row.member_id, row.agreed_at = account_id, _now()
                if row.mutual:
                    _answer_in_kind(session, account_id, row)
            else:
                row.refused_at = _now()
            action = "family.agree" if agree else "family.refuse"
            audit.record(session, action=action, subject=f"family_member:{row.id}")
            return row
    except IntegrityError as error:
        raise ActingError(_("Anda sudah ada di keluarga orang ini.")) from error


def ended() -> dict[str, Any]:
    """Return what is written over a row that ends: whatever else was known of the person than the name goes at once."""
    gone = dict.fromkeys(("nik", "nik_index", "phone", "phone_index", "birth_year"))
    return {**gone, "ended_at": func.clock_timestamp()}


def end(account_id: int, row_id: int) -> None:
    """Take somebody out of the card, or oneself out of somebody's: from this moment nobody acts by it.

    Where both may act for each other, both ways end: nobody keeps a right that the other believes to be over.
    Raises NotYoursError.
    """
    mine = or_(FamilyMember.account_id == account_id, FamilyMember.member_id == account_id)
    with central_write() as session:
        row = session.scalar(
            select(FamilyMember).where(FamilyMember.id == row_id, FamilyMember.ended_at.is_(None), mine),
            execution_options={"populate_existing": True},
        )
        if row is None:
            raise NotYoursError
        back = and_(FamilyMember.account_id == row.member_id, FamilyMember.member_id == row.account_id)
        over = session.execute(
            update(FamilyMember)
            .where(or_(FamilyMember.id == row_id, back), FamilyMember.ended_at.is_(None))
            .values(ended())
            .returning(FamilyMember.id, FamilyMember.account_id)
            .execution_options(synchronize_session=False)
        ).all()
        if row_id not in {number for number, _owner in over}:
            raise NotYoursError
        for number, owner in over:
            data = {"by": "owner" if owner == account_id else "member"}
            audit.record(session, action="family.end", subject=f"family_member:{number}", data=data)


def _check_cards(session: Session, *accounts: int) -> None:
    """Refuse a tie between two who say to be on different family cards; one that is not written says nothing."""
    cards = {normal.digits(card) for card in (card_of(session, one) for one in accounts) if card}
    if len(cards) > 1:
        raise ActingError(
            _(
                "Nomor KK Anda lain dari nomor KK pengundang. Periksa keduanya. Yang tidak satu KK memakai surat kuasa."
            )
        )


def _answer_in_kind(session: Session, account_id: int, row: FamilyMember) -> None:
    """Put who has invited in a mutual way on the account's own card, as agreed by the invitation itself."""
    back = select(FamilyMember.id).where(
        FamilyMember.account_id == account_id, FamilyMember.member_id == row.account_id,
        FamilyMember.ended_at.is_(None),
    )  # fmt: skip
    if session.scalar(back) is not None:
        return
    keep_statement(session, account_id, stated=True)
    check_room(session, account_id)
    owner, now = session.get_one(Citizen, row.account_id), _now()
    mine = FamilyMember(
        account_id=account_id, member_id=owner.id, name=owner.called, relation=CONVERSE[Relation(row.relation)].value,
        invited_until=row.invited_until, mutual=True, stated_at=now, agreed_at=now,
    )  # fmt: skip
    session.add(mine)
    session.flush()
    audit.record(session, action="family.agree", subject=f"family_member:{mine.id}", data={"mutual": True})


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)
