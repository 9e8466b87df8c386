"""A family card: listing, inviting, agreeing, ending; and what nobody learns by it."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, text

from mpp.accounts.service import AccountError
from mpp.audit import CentralAuditEntry
from mpp.citizens import family
from mpp.citizens.acting_errors import LimitError, NotYoursError
from mpp.citizens.family import Draft
from mpp.citizens.family_models import FamilyMember, Household, MemberState
from mpp.citizens.invitations import MOST_OPEN, forget_lapsed
from mpp.citizens.models import Citizen
from mpp.database.session import central_read, central_write
from mpp.web.flask import Platform
from tests.mpp.citizens.people import PHONES, account

CHILD = Draft("Anak Contoh", "anak", birth_year=2018, nik="9975030101180001")
NOW = dt.datetime.now(tz=dt.UTC)


def state(app: Platform, row_id: int) -> MemberState:
    with app.app_context(), central_read() as session:
        return session.get_one(FamilyMember, row_id).state(NOW)


def invite(app: Platform, owner: int, whom: str) -> int:
    with app.app_context():
        return family.add(owner, Draft(whom, "istri", phone=PHONES[whom]), stated=True)[0].id


def test_a_child_is_listed_by_statement_and_stands_sealed(app: Platform) -> None:
    siti = account(app, "Siti Contoh")
    with app.app_context():
        with pytest.raises(AccountError) as refused:
            family.add(siti, CHILD, stated=False)
        assert refused.value.field == "stated"
        row, doubts = family.add(siti, CHILD, stated=True)
        # A made-up NIK is warned of, and kept.
        assert len(doubts) == 1
        assert family.state_card(siti, "9975 0301 0118 0009", stated=True) == []
    with app.app_context(), central_read() as session:
        assert [m.nik for m in family.members(session, siti)] == [CHILD.nik]
        assert family.card_of(session, siti) == "9975030101180009"
        assert session.get_one(Household, siti).stated_at is not None
        raw = session.execute(text("SELECT name, nik FROM platform.family_member")).one()
        assert all(b"Contoh" not in bytes(v) and b"9975" not in bytes(v) for v in raw)
    assert state(app, row.id) is MemberState.LISTED
    with app.app_context():
        assert family.show_nik(siti, row.id) == CHILD.nik
    with app.app_context(), central_read() as session:
        shown = session.scalars(
            select(CentralAuditEntry).where(CentralAuditEntry.action == "family.show")
        ).one()
        assert shown.data == {"field": "nik"} and shown.subject == f"family_member:{row.id}"


def test_who_has_come_of_age_is_stated_anew_or_invited(app: Platform) -> None:
    siti = account(app, "Siti Contoh")
    with app.app_context():
        row, _doubts = family.add(siti, Draft("Anak Contoh", "anak", birth_year=NOW.year - 18), stated=True)
    # Listed as an adult without a telephone: that holds.
    assert state(app, row.id) is MemberState.LISTED
    with app.app_context(), central_write() as session:
        session.get_one(FamilyMember, row.id).stated_at = NOW - dt.timedelta(days=3 * 366)
    assert state(app, row.id) is MemberState.GROWN
    with app.app_context():
        family.change(siti, row.id, Draft("Anak Contoh", "anak", birth_year=NOW.year - 18))
    assert state(app, row.id) is MemberState.LISTED


def test_an_invitation_waits_at_the_number_for_its_account_alone(app: Platform) -> None:
    siti, budi, stranger = (account(app, name) for name in PHONES)
    row_id = invite(app, siti, "Budi Contoh")
    assert state(app, row_id) is MemberState.INVITED
    with app.app_context(), central_read() as session:
        assert [t.owner for t in family.ties(session, session.get_one(Citizen, budi))] == ["Siti Contoh"]
        assert family.ties(session, session.get_one(Citizen, stranger)) == []
    for who in (stranger, siti):
        with app.app_context(), pytest.raises(NotYoursError):
            family.answer(who, row_id, agree=True)
    with app.app_context():
        family.answer(budi, row_id, agree=True)
    assert state(app, row_id) is MemberState.AGREED
    # Answered once; and the number where it waited is forgotten.
    with app.app_context(), pytest.raises(NotYoursError):
        family.answer(budi, row_id, agree=False)
    with app.app_context(), central_read() as session:
        assert session.get_one(FamilyMember, row_id).phone is None


def test_either_side_ends_it_and_nobody_else(app: Platform) -> None:
    siti, budi, stranger = (account(app, name) for name in PHONES)
    for who in (siti, budi):
        row_id = invite(app, siti, "Budi Contoh")
        with app.app_context():
            family.answer(budi, row_id, agree=True)
        with app.app_context(), pytest.raises(NotYoursError):
            family.end(stranger, row_id)
        with app.app_context():
            family.end(who, row_id)
        assert state(app, row_id) is MemberState.ENDED
        with app.app_context(), pytest.raises(NotYoursError):
            family.end(who, row_id)


def test_what_somebody_agreed_to_be_is_not_changed(app: Platform) -> None:
    siti, budi = account(app, "Siti Contoh"), account(app, "Budi Contoh")
    row_id = invite(app, siti, "Budi Contoh")
    with app.app_context():
        family.answer(budi, row_id, agree=True)
        family.change(siti, row_id, Draft("Budi saja", "anak", birth_year=1980))
    with app.app_context(), central_read() as session:
        row = session.get_one(FamilyMember, row_id)
        assert (row.name, row.relation) == ("Budi saja", "istri")


def test_a_refusal_stays_a_refusal(app: Platform) -> None:
    siti, budi = account(app, "Siti Contoh"), account(app, "Budi Contoh")
    row_id = invite(app, siti, "Budi Contoh")
    with app.app_context():
        family.answer(budi, row_id, agree=False)
    assert state(app, row_id) is MemberState.REFUSED


def test_nothing_tells_whether_a_number_has_an_account(app: Platform) -> None:
    """The same answer and the same row for a number with an account and for one without."""
    siti = account(app, "Siti Contoh")
    account(app, "Budi Contoh")
    rows = []
    for phone in (PHONES["Budi Contoh"], "081299990199"):
        with app.app_context():
            row, doubts = family.add(siti, Draft("Seseorang", "famili", phone=phone), stated=True)
            rows.append((row.state(NOW), row.member_id, doubts))
    assert rows[0] == rows[1]


def test_the_number_of_a_dead_invitation_is_forgotten(app: Platform) -> None:
    siti, budi = account(app, "Siti Contoh"), account(app, "Budi Contoh")
    row_id = invite(app, siti, "Budi Contoh")
    with app.app_context(), central_write() as session:
        forget_lapsed(session)
        session.get_one(FamilyMember, row_id).invited_until = NOW - dt.timedelta(days=31)
    assert state(app, row_id) is MemberState.LAPSED
    with app.app_context(), pytest.raises(NotYoursError):
        family.answer(budi, row_id, agree=True)
    with app.app_context(), central_write() as session:
        assert session.get_one(FamilyMember, row_id).phone is not None
        forget_lapsed(session)
        row = session.get_one(FamilyMember, row_id, populate_existing=True)
        assert row.phone is None and row.phone_index is None


def test_strangers_can_not_be_bothered_without_end(app: Platform) -> None:
    siti = account(app, "Siti Contoh")
    with app.app_context(), pytest.raises(AccountError) as refused:
        family.add(siti, Draft("Saya", "famili", phone=PHONES["Siti Contoh"]), stated=True)
    assert refused.value.field == "phone"
    for number in range(MOST_OPEN):
        with app.app_context():
            family.add(siti, Draft("Seseorang", "famili", phone=f"08129999020{number}"), stated=True)
    with app.app_context(), pytest.raises(LimitError):
        family.add(siti, Draft("Seseorang", "famili", phone="081299990209"), stated=True)


def test_another_accounts_rows_are_not_there(app: Platform) -> None:
    siti, stranger = account(app, "Siti Contoh"), account(app, "Orang Asing")
    with app.app_context():
        row, _doubts = family.add(siti, CHILD, stated=True)
    for act in (
        lambda: family.show_nik(stranger, row.id),
        lambda: family.change(stranger, row.id, CHILD),
        lambda: family.end(stranger, row.id),
        lambda: family.answer(stranger, row.id, agree=True),
        lambda: family.own(stranger, row.id),
        lambda: family.show_card(stranger),
    ):
        with app.app_context(), pytest.raises(NotYoursError):
            act()
