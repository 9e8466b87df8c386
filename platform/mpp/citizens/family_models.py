"""Who belongs to an account's family card, in schema `platform`, sealed with the nation's keys."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from mpp.citizens.models import ACCOUNT
from mpp.crypto import normal
from mpp.crypto.types import Encrypted, EncryptedPhone, blind_index
from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt

# Who turns 17 must have an identity card (UU 24/2013, article 63) and speaks for themself.
ADULT_AGE = 17


def is_child(birth_year: int | None, moment: dt.datetime) -> bool:
    """Whether somebody stated to be born in that year counts as a child at `moment`.

    So it is until the year of coming of age ends; nobody is one of whom no year was stated.
    """
    return birth_year is not None and moment.year <= birth_year + ADULT_AGE


class Relation(enum.StrEnum):
    """What somebody on the family card is to the account's owner."""

    HUSBAND = "suami"
    WIFE = "istri"
    CHILD = "anak"
    PARENT = "orang_tua"
    OTHER = "famili"


class MemberState(enum.StrEnum):
    """How far a row of the family goes. Only LISTED (children) and AGREED ones may be acted for."""

    LISTED = "listed"
    INVITED = "invited"
    AGREED = "agreed"
    GROWN = "grown"
    LAPSED = "lapsed"
    REFUSED = "refused"
    ENDED = "ended"


class Household(Base):
    """The family card that an account says to be on: when it said so, and the number if it gave one."""

    __tablename__ = "citizen_household"
    __table_args__ = (
        Index("ix_citizen_household_card_index", "card_index"),
        {"schema": PLATFORM_SCHEMA},
    )

    account_id: Mapped[int] = mapped_column(
        ForeignKey(ACCOUNT, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    card: Mapped[str | None] = mapped_column(
        Encrypted("citizen_household.card", national=True), deferred=True
    )
    card_index: Mapped[bytes | None] = blind_index(
        "citizen_household.card", "card", normal.digits, national=True
    )
    # When the owner last said: "Saya menyatakan satu KK dengan orang yang saya tambahkan".
    stated_at: Mapped[dt.datetime]


class FamilyMember(Base):
    """Somebody whom an account lists on its family card: stated, or agreed to by the person's own account.

    A row lets its owner act for the person, never the other way round: that is a row of the person's own.
    """

    __tablename__ = "family_member"
    __table_args__ = (
        CheckConstraint("relation IN ('suami','istri','anak','orang_tua','famili')", name="relation"),
        CheckConstraint("(agreed_at IS NULL) = (member_id IS NULL)", name="agreed"),
        CheckConstraint("member_id <> account_id", name="other"),
        CheckConstraint("NOT mutual OR invited_until IS NOT NULL", name="mutual"),
        CheckConstraint("birth_year BETWEEN 1900 AND 2200", name="birth_year"),
        Index(
            "uq_family_member_pair", "account_id", "member_id", unique=True,
            postgresql_where=text("member_id IS NOT NULL AND ended_at IS NULL"),
        ),
        Index("ix_family_member_phone_index", "phone_index", postgresql_where=text("phone_index IS NOT NULL")),
        Index("ix_family_member_nik_index", "nik_index", postgresql_where=text("nik_index IS NOT NULL")),
        {"schema": PLATFORM_SCHEMA},
    )  # fmt: skip

    id: Mapped[BigId]
    account_id: Mapped[int] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"), index=True)
    # The person's own account, once they have agreed.
    member_id: Mapped[int | None] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Encrypted("family_member.name", national=True))
    relation: Mapped[str] = mapped_column(Text)
    # Odd ones are kept: real NIK with a wrong date exist and can't be changed.
    nik: Mapped[str | None] = mapped_column(Encrypted("family_member.nik", national=True), deferred=True)
    nik_index: Mapped[bytes | None] = blind_index("family_member.nik", "nik", normal.digits, national=True)
    birth_year: Mapped[int | None]
    # Where the invitation waits; emptied by the answer.
    phone: Mapped[str | None] = mapped_column(EncryptedPhone("family_member.phone", national=True))
    phone_index: Mapped[bytes | None] = blind_index(
        "family_member.phone", "phone", normal.phone, national=True
    )
    # NULL: listed by statement alone, as children are. Else nobody is acted for before the person has agreed.
    invited_until: Mapped[dt.datetime | None]
    # The owner agreed to the other way too: by the person's agreement a row of the person's own comes about.
    mutual: Mapped[bool] = mapped_column(server_default=text("false"))
    # When the owner last stated that the person is on the card and has no account of their own.
    stated_at: Mapped[dt.datetime]
    agreed_at: Mapped[dt.datetime | None]
    refused_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    created_at: Mapped[CreatedAt]

    def state(self, moment: dt.datetime) -> MemberState:
        """Return what the row is worth at `moment` (aware; its date is the local day of whoever asks)."""
        if self.ended_at is not None:
            return MemberState.ENDED
        if self.refused_at is not None:
            return MemberState.REFUSED
        if self.agreed_at is not None:
            return MemberState.AGREED
        if self.invited_until is not None:
            return MemberState.INVITED if moment < self.invited_until else MemberState.LAPSED
        return MemberState.LISTED if is_child(self.birth_year, moment) else MemberState.GROWN

    def holds(self, moment: dt.datetime) -> bool:
        """Whether the owner may act for this person at `moment`."""
        return self.state(moment) in {MemberState.LISTED, MemberState.AGREED}
