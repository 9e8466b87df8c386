"""A family card: listing, inviting, agreeing, ending; and what nobody learns by it."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, text

from mpp.accounts.service import AccountError
from mpp.audit import CentralAuditEntry
from mpp.citizens import acting, agreements, family, proofs
from mpp.citizens.acting import Wanted
from mpp.citizens.acting_errors import ActingError, LimitError, NotYoursError
from mpp.citizens.family import Draft
from mpp.citizens.family_models import FamilyMember, Household, MemberState
from mpp.citizens.invitations import MOST_OPEN, forget_lapsed
from mpp.citizens.models import Citizen, CitizenSession
from mpp.citizens.proofs import NeedProofError
from mpp.database.session import central_read, central_write, serve
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.mpp.citizens.people import PHONES, account, browser_of

CHILD = Draft("Anak Contoh", "anak", birth_year=2018, nik="9975030101180001")
NOW = dt.datetime.now(tz=dt.UTC)


def state(app: Platform, row_id: int) -> MemberState:
    with app.app_context(), central_read() as session:
        return session.get_one(FamilyMember, row_id).state(NOW)


def invite(app: Platform, owner: int, whom: str) -> int:
    with app.app_context():
        return family.add(owner, Draft(whom, "istri", phone=PHONES[whom]), stated=True, at=0)[0].id


def test_a_child_is_listed_by_statement_and_stands_sealed(app: Platform) -> None:
    siti = account(app, "Siti Contoh")
    with app.app_context():
        with pytest.raises(AccountError) as refused:
            family.add(siti, CHILD, stated=False, at=0)
        assert refused.value.field == "stated"
        row, doubts = family.add(siti, CHILD, stated=True, at=0)
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
        with pytest.raises(NeedProofError):
            family.show_nik(siti, row.id, 0)
        assert family.show_nik(siti, row.id, browser_of(app, siti)) == CHILD.nik
    with app.app_context(), central_read() as session:
        shown = session.scalars(
            select(CentralAuditEntry).where(CentralAuditEntry.action == "family.show")
        ).one()
        assert shown.data == {"field": "nik"} and shown.subject == f"family_member:{row.id}"


def test_only_children_are_listed_without_their_word(app: Platform) -> None:
    siti = account(app, "Siti Contoh")
    for year in (None, NOW.year - 18, 1950):
        with app.app_context(), pytest.raises(AccountError) as refused:
            family.add(siti, Draft("Orang Dewasa", "orang_tua", birth_year=year), stated=True, at=0)
        assert refused.value.field == "birth_year"
    with app.app_context():
        row, _doubts = family.add(
            siti, Draft("Anak Contoh", "anak", birth_year=NOW.year - 16), stated=True, at=0
        )
        key = row.id
        for year in (None, NOW.year - 18):
            with pytest.raises(AccountError):
                family.change(siti, key, Draft("Anak Contoh", "anak", birth_year=year))
    assert state(app, key) is MemberState.LISTED
    # Come of age, or listed without a year before this was asked for: stating it anew is not enough.
    for year in (None, NOW.year - 18):
        with app.app_context(), central_write() as session:
            session.get_one(FamilyMember, key).birth_year = year
        assert state(app, key) is MemberState.GROWN


def test_who_is_on_another_card_can_not_agree(app: Platform) -> None:
    siti, budi, _stranger = (account(app, name) for name in PHONES)
    row_id, at = invite(app, siti, "Budi Contoh"), browser_of(app, budi)
    with app.app_context():
        family.state_card(siti, "9975 0301 0118 0009", stated=True)
        family.state_card(budi, "9975 0301 0118 0010", stated=True)
        with pytest.raises(ActingError, match="lain dari nomor KK"):
            agreements.answer(budi, row_id, agree=True, at=at)
    assert state(app, row_id) is MemberState.INVITED
    with app.app_context():
        # Written otherwise, it is the same card.
        family.state_card(budi, "9975-0301-0118-0009", stated=True)
        agreements.answer(budi, row_id, agree=True, at=at)
    assert state(app, row_id) is MemberState.AGREED


def test_an_invitation_waits_at_the_number_for_its_account_alone(app: Platform) -> None:
    siti, budi, stranger = (account(app, name) for name in PHONES)
    row_id = invite(app, siti, "Budi Contoh")
    assert state(app, row_id) is MemberState.INVITED
    with app.app_context(), central_read() as session:
        assert [t.owner for t in agreements.ties(session, session.get_one(Citizen, budi))] == ["Siti Contoh"]
        assert agreements.ties(session, session.get_one(Citizen, stranger)) == []
    for who in (stranger, siti):
        with app.app_context(), pytest.raises(NotYoursError):
            agreements.answer(who, row_id, agree=True, at=browser_of(app, who))
    with app.app_context():
        agreements.answer(budi, row_id, agree=True, at=browser_of(app, budi))
    assert state(app, row_id) is MemberState.AGREED
    # Answered once; and the number where it waited is forgotten.
    with app.app_context(), pytest.raises(NotYoursError):
        agreements.answer(budi, row_id, agree=False, at=browser_of(app, budi))
    with app.app_context(), central_read() as session:
        assert session.get_one(FamilyMember, row_id).phone is None


def test_either_side_ends_it_and_nobody_else(app: Platform) -> None:
    siti, budi, stranger = (account(app, name) for name in PHONES)
    for who in (siti, budi):
        row_id = invite(app, siti, "Budi Contoh")
        with app.app_context():
            agreements.answer(budi, row_id, agree=True, at=browser_of(app, budi))
        with app.app_context(), pytest.raises(NotYoursError):
            agreements.end(stranger, row_id)
        with app.app_context():
            agreements.end(who, row_id)
        assert state(app, row_id) is MemberState.ENDED
        with app.app_context(), pytest.raises(NotYoursError):
            agreements.end(who, row_id)


def may(app: Platform, actor: int, region: Region) -> list[str]:
    """Whom an account may act for in its family."""
    with app.app_context(), serve(region):
        return [p.name for p in acting.for_whom(actor, region.id, Wanted("ktp-el-baru", "disdukcapil"))]


def invite_both_ways(app: Platform, owner: int, whom: str) -> int:
    draft = Draft(whom, "istri", phone=PHONES[whom], mutual=True)
    at = browser_of(app, owner)
    with app.app_context():
        return family.add(owner, draft, stated=True, at=at)[0].id


def test_one_side_alone_makes_it_one_way(app: Platform, bukittinggi: Region) -> None:
    siti, budi = account(app, "Siti Contoh"), account(app, "Budi Contoh")
    row_id = invite(app, siti, "Budi Contoh")
    with app.app_context():
        agreements.answer(budi, row_id, agree=True, at=browser_of(app, budi))
    assert (may(app, siti, bukittinggi), may(app, budi, bukittinggi)) == (["Budi Contoh"], [])


def test_both_ways_hold_when_both_have_said_so(app: Platform, bukittinggi: Region) -> None:
    siti, budi = account(app, "Siti Contoh"), account(app, "Budi Contoh")
    row_id = invite_both_ways(app, siti, "Budi Contoh")
    assert (may(app, siti, bukittinggi), may(app, budi, bukittinggi)) == ([], []), "one has said so"
    with app.app_context():
        assert agreements.answer(budi, row_id, agree=True, at=browser_of(app, budi)).mutual
    assert (may(app, siti, bukittinggi), may(app, budi, bukittinggi)) == (["Budi Contoh"], ["Siti Contoh"])
    with app.app_context(), central_read() as session:
        (mine,) = family.members(session, budi)
        assert (mine.relation, mine.member_id) == ("suami", siti)
        assert [t.owner for t in agreements.ties(session, session.get_one(Citizen, siti))] == ["Budi Contoh"]
        entries = session.scalars(select(CentralAuditEntry).order_by(CentralAuditEntry.id)).all()
        assert [e.action for e in entries if e.action == "family.agree"] == ["family.agree"] * 2


@pytest.mark.parametrize("by", ["Siti Contoh", "Budi Contoh"])
@pytest.mark.parametrize("which", [0, 1])
def test_either_one_ends_both_ways(app: Platform, bukittinggi: Region, by: str, which: int) -> None:
    ids = {name: account(app, name) for name in PHONES}
    siti, budi = ids["Siti Contoh"], ids["Budi Contoh"]
    row_id = invite_both_ways(app, siti, "Budi Contoh")
    with app.app_context():
        agreements.answer(budi, row_id, agree=True, at=browser_of(app, budi))
        with central_read() as session:
            both = [row_id, family.members(session, budi)[0].id]
        with pytest.raises(NotYoursError):
            agreements.end(ids["Orang Asing"], both[which])
        agreements.end(ids[by], both[which])
    assert (may(app, siti, bukittinggi), may(app, budi, bukittinggi)) == ([], [])
    # And may begin anew.
    again = invite_both_ways(app, siti, "Budi Contoh")
    with app.app_context():
        agreements.answer(budi, again, agree=True, at=browser_of(app, budi))
    assert may(app, budi, bukittinggi) == ["Siti Contoh"]


def test_a_way_that_is_there_already_stays_one(app: Platform, bukittinggi: Region) -> None:
    siti, budi = account(app, "Siti Contoh"), account(app, "Budi Contoh")
    first = invite(app, budi, "Siti Contoh")
    with app.app_context():
        agreements.answer(siti, first, agree=True, at=browser_of(app, siti))
    second = invite_both_ways(app, siti, "Budi Contoh")
    with app.app_context():
        agreements.answer(budi, second, agree=True, at=browser_of(app, budi))
    assert (may(app, siti, bukittinggi), may(app, budi, bukittinggi)) == (["Budi Contoh"], ["Siti Contoh"])


def test_a_refused_or_full_side_gives_no_way_at_all(app: Platform, bukittinggi: Region) -> None:
    siti, budi = account(app, "Siti Contoh"), account(app, "Budi Contoh")
    refused = invite_both_ways(app, siti, "Budi Contoh")
    with app.app_context():
        agreements.answer(budi, refused, agree=False, at=browser_of(app, budi))
    waiting = invite_both_ways(app, siti, "Budi Contoh")
    with app.app_context():
        for _one in range(family.MOST_MEMBERS):
            family.add(budi, CHILD, stated=True, at=0)
        with pytest.raises(LimitError):
            agreements.answer(budi, waiting, agree=True, at=browser_of(app, budi))
    assert state(app, waiting) is MemberState.INVITED
    assert may(app, siti, bukittinggi) == []


def test_a_telephone_left_unlocked_lets_nobody_act_for_its_owner(app: Platform) -> None:
    siti, budi = account(app, "Siti Contoh"), account(app, "Budi Contoh")
    row_id = invite(app, siti, "Budi Contoh")
    at = browser_of(app, budi)
    with app.app_context(), central_write() as session:
        session.get_one(CitizenSession, at).proved_at = NOW - proofs.FRESH
    with app.app_context():
        with pytest.raises(NeedProofError):
            agreements.answer(budi, row_id, agree=True, at=at)
        draft = Draft("Orang Asing", "famili", phone=PHONES["Orang Asing"], mutual=True)
        with pytest.raises(NeedProofError):
            family.add(budi, draft, stated=True, at=at)
        # What takes nothing from the owner asks for nothing.
        agreements.answer(budi, row_id, agree=False, at=at)


def test_what_somebody_agreed_to_be_is_not_changed(app: Platform) -> None:
    siti, budi = account(app, "Siti Contoh"), account(app, "Budi Contoh")
    row_id = invite(app, siti, "Budi Contoh")
    with app.app_context():
        agreements.answer(budi, row_id, agree=True, at=browser_of(app, budi))
        family.change(siti, row_id, Draft("Budi saja", "anak", birth_year=1980))
    with app.app_context(), central_read() as session:
        row = session.get_one(FamilyMember, row_id)
        assert (row.name, row.relation) == ("Budi saja", "istri")


def test_a_refusal_stays_a_refusal(app: Platform) -> None:
    siti, budi = account(app, "Siti Contoh"), account(app, "Budi Contoh")
    row_id = invite(app, siti, "Budi Contoh")
    with app.app_context():
        agreements.answer(budi, row_id, agree=False, at=browser_of(app, budi))
    assert state(app, row_id) is MemberState.REFUSED


def test_nothing_tells_whether_a_number_has_an_account(app: Platform) -> None:
    """The same answer and the same row for a number with an account and for one without."""
    siti = account(app, "Siti Contoh")
    account(app, "Budi Contoh")
    rows = []
    for phone in (PHONES["Budi Contoh"], "081299990199"):
        with app.app_context():
            row, doubts = family.add(siti, Draft("Seseorang", "famili", phone=phone), stated=True, at=0)
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
        agreements.answer(budi, row_id, agree=True, at=browser_of(app, budi))
    with app.app_context(), central_write() as session:
        assert session.get_one(FamilyMember, row_id).phone is not None
        forget_lapsed(session)
        row = session.get_one(FamilyMember, row_id, populate_existing=True)
        assert row.phone is None and row.phone_index is None


def test_strangers_can_not_be_bothered_without_end(app: Platform) -> None:
    siti = account(app, "Siti Contoh")
    with app.app_context(), pytest.raises(AccountError) as refused:
        family.add(siti, Draft("Saya", "famili", phone=PHONES["Siti Contoh"]), stated=True, at=0)
    assert refused.value.field == "phone"
    for number in range(MOST_OPEN):
        with app.app_context():
            family.add(siti, Draft("Seseorang", "famili", phone=f"08129999020{number}"), stated=True, at=0)
    with app.app_context(), pytest.raises(LimitError):
        family.add(siti, Draft("Seseorang", "famili", phone="081299990209"), stated=True, at=0)


def test_another_accounts_rows_are_not_there(app: Platform) -> None:
    siti, stranger = account(app, "Siti Contoh"), account(app, "Orang Asing")
    with app.app_context():
        row, _doubts = family.add(siti, CHILD, stated=True, at=0)
    for act in (
        lambda: family.show_nik(stranger, row.id, browser_of(app, stranger)),
        lambda: family.change(stranger, row.id, CHILD),
        lambda: agreements.end(stranger, row.id),
        lambda: agreements.answer(stranger, row.id, agree=True, at=browser_of(app, stranger)),
        lambda: family.own(stranger, row.id),
        lambda: family.show_card(stranger, browser_of(app, stranger)),
    ):
        with app.app_context(), pytest.raises(NotYoursError):
            act()
