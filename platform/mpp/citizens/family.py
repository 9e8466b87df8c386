"""The people on an account's family card: listed by statement, or invited to agree by their own account.

Nobody is looked up by a telephone number: an invitation waits at the number, and whoever holds an account with that
number finds it (mpp.citizens.agreements). So nothing here tells whether a number has an account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from mpp import audit
from mpp.citizens import proofs
from mpp.citizens.acting_errors import ActingError, LimitError, NotYoursError
from mpp.citizens.family_models import FamilyMember, Household, Relation, is_child
from mpp.citizens.invitations import INVITED_FOR, check_invitations, tell_invited
from mpp.citizens.models import Citizen
from mpp.citizens.person import NIK_DIGITS, clean_name, clean_number, clean_phone, nik_doubts
from mpp.database.session import central_read, central_write
from mpp.i18n import gettext as _

MOST_MEMBERS = 20
EARLIEST_YEAR = 1900
RELATION_WORDS = {
    Relation.HUSBAND: "Suami",
    Relation.WIFE: "Istri",
    Relation.CHILD: "Anak",
    Relation.PARENT: "Orang tua",
    Relation.OTHER: "Famili lain",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What the owner writes of somebody; `phone` only when the person is to agree by an account of their own.

    `mutual`: once they agree, they may act for the owner too.
    """

    name: str
    relation: str
    birth_year: int | None = None
    nik: str | None = None
    phone: str | None = None
    mutual: bool = False


def household(session: Session, account_id: int) -> Household | None:
    """Return the family card the account says to be on, its number still sealed."""
    return session.get(Household, account_id, populate_existing=True)


def card_of(session: Session, account_id: int) -> str | None:
    """Return the number of the family card, to be covered or shown as a logged act."""
    return session.scalar(select(Household.card).where(Household.account_id == account_id))


def members(session: Session, account_id: int) -> Sequence[FamilyMember]:
    """Return whom the account lists and has not taken out, with their NIK, the first listed first."""
    mine = select(FamilyMember).where(FamilyMember.account_id == account_id, FamilyMember.ended_at.is_(None))
    rows = session.scalars(
        mine.options(undefer(FamilyMember.nik)).order_by(FamilyMember.id),
        execution_options={"populate_existing": True},
    )
    return rows.all()


def state_card(account_id: int, card: str | None, *, stated: bool) -> list[str]:
    """Keep the number of the family card, and that the owner says to be on it; return what looks odd about it.

    An empty `card` keeps the number that stands. Raises ActingError.
    """
    number = clean_number(card, "card")
    with central_write() as session:
        keep_statement(session, account_id, stated=stated, card=number)
        audit.record(session, action="family.card", subject=f"citizen:{account_id}")
    return (
        [_("Nomor KK biasanya 16 angka. Periksa sekali lagi.")]
        if number and len(number) != NIK_DIGITS
        else []
    )


def add(account_id: int, draft: Draft, *, stated: bool, at: int) -> tuple[FamilyMember, list[str]]:
    """List somebody, or invite their account, from session `at`; return the row and what looks odd about the NIK.

    `stated` is the owner's statement to be on one family card with the person. Only children are listed without their
    word. Raises ActingError, LimitError, and
    NeedProofError for a mutual invitation, which lets somebody act for the owner.
    """
    values, mutual = _checked(draft), draft.mutual
    if mutual and not draft.phone:
        raise ActingError(_("Saling hanya untuk orang yang diundang dengan nomor HP-nya."), "mutual")
    if not draft.phone:
        _check_child(draft.birth_year)
    with by_hand(account_id, at, proof=mutual) as session:
        keep_statement(session, account_id, stated=stated)
        check_room(session, account_id)
        row = FamilyMember(account_id=account_id, stated_at=_now(), **values)
        phone = clean_phone(draft.phone) if draft.phone else None
        if phone is not None:
            check_invitations(session, account_id, phone)
            row.phone, row.invited_until, row.mutual = phone, _now() + INVITED_FOR, mutual
        session.add(row)
        session.flush()
        if phone is not None:
            tell_invited(session, phone)
        audit.record(
            session, action="family.add", subject=f"family_member:{row.id}",
            data={"relation": row.relation, "invited": phone is not None, "mutual": mutual},
        )  # fmt: skip
    return row, nik_doubts(draft.nik, draft.birth_year)


def change(account_id: int, row_id: int, draft: Draft) -> list[str]:
    """Correct what is written of somebody, and state anew that they are on the card; return what looks odd.

    An empty NIK keeps the one that stands, and whoever was invited keeps the relation. Raises AccountError.
    """
    values = _checked(draft)
    if values["nik"] is None:
        del values["nik"]
    with central_write() as session:
        row = _own(session, account_id, row_id)
        if row.invited_until is not None:
            # What somebody is to the owner is what they agreed to.
            del values["relation"]
        else:
            _check_child(draft.birth_year)
        for key, value in values.items():
            setattr(row, key, value)
        row.stated_at = _now()
        audit.record(session, action="family.change", subject=f"family_member:{row.id}")
    return nik_doubts(draft.nik, draft.birth_year)


def show_nik(account_id: int, row_id: int, at: int) -> str:
    """Return the whole NIK of somebody whom the account lists, after writing down that it was shown.

    Asks in session `at` for the proof of a change, as one's own NIK does. Raises NeedProofError, NotYoursError.
    """
    with by_hand(account_id, at, proof=True) as session:
        row = _own(session, account_id, row_id)
        nik = session.scalar(select(FamilyMember.nik).where(FamilyMember.id == row.id))
        if nik is None:
            raise NotYoursError
        audit.record(session, action="family.show", subject=f"family_member:{row.id}", data={"field": "nik"})
    return nik


def show_card(account_id: int, at: int) -> str:
    """Return the whole number of the account's own family card, as `show_nik` does a NIK."""
    with by_hand(account_id, at, proof=True) as session:
        card = card_of(session, account_id)
        if card is None:
            raise NotYoursError
        audit.record(session, action="family.show", subject=f"citizen:{account_id}", data={"field": "card"})
    return card


def own(account_id: int, row_id: int) -> FamilyMember:
    """Return somebody whom the account lists. Raises NotYoursError."""
    with central_read() as session:
        return _own(session, account_id, row_id, lock=False)


@contextmanager
def by_hand(account_id: int, at: int, *, proof: bool) -> Iterator[Session]:
    """Write; with `proof` only once the owner has proved to be at the browser of session `at`."""
    if proof:
        with proofs.changing(account_id, at) as change:
            yield change.session
    else:
        with central_write() as session:
            yield session


def check_room(session: Session, account_id: int) -> None:
    """Refuse more people on a card than a family has. Raises LimitError."""
    living = select(func.count()).where(
        FamilyMember.account_id == account_id, FamilyMember.ended_at.is_(None)
    )
    if (session.scalar(living) or 0) >= MOST_MEMBERS:
        raise LimitError(_("Paling banyak %(most)s anggota keluarga.", most=MOST_MEMBERS))


def _own(session: Session, account_id: int, row_id: int, *, lock: bool = True) -> FamilyMember:
    query = select(FamilyMember).where(
        FamilyMember.id == row_id, FamilyMember.account_id == account_id, FamilyMember.ended_at.is_(None)
    )
    options = {"populate_existing": True}
    row = session.scalar(query.with_for_update() if lock else query, execution_options=options)
    if row is None:
        raise NotYoursError
    return row


def keep_statement(session: Session, account_id: int, *, stated: bool, card: str | None = None) -> None:
    """Keep the statement, without which nothing is listed. The account's lock lets one person be added at a time."""
    if not stated:
        raise ActingError(_("Centang pernyataan ini untuk melanjutkan."), "stated")
    session.execute(select(Citizen.id).where(Citizen.id == account_id).with_for_update(key_share=True))
    row = session.get(Household, account_id, populate_existing=True) or Household(account_id=account_id)
    session.add(row)
    row.stated_at = _now()
    if card is not None:
        row.card = card


def _check_child(birth_year: int | None) -> None:
    """Refuse to list an adult who has not been asked: nobody is acted for without their word."""
    if birth_year is None:
        text = _("Tulis tahun lahirnya. Hanya anak di bawah 17 tahun bisa ditambahkan tanpa persetujuannya.")
        raise ActingError(text, "birth_year")
    if not is_child(birth_year, _now()):
        text = _("Yang sudah 17 tahun harus setuju sendiri. Tambahkan dengan nomor HP-nya.")
        raise ActingError(text, "birth_year")


def _checked(draft: Draft) -> dict[str, object]:
    try:
        relation = Relation(draft.relation)
    except ValueError:
        raise ActingError(_("Pilih hubungan keluarga."), "relation") from None
    year = draft.birth_year
    if year is not None and not EARLIEST_YEAR <= year <= _now().year:
        text = _("Tulis tahun lahir dengan empat angka, misalnya 2015.")
        raise ActingError(text, "birth_year")
    return {
        "name": clean_name(draft.name),
        "relation": relation.value,
        "birth_year": year,
        "nik": clean_number(draft.nik, "nik"),
    }


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)
