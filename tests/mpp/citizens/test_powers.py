"""A power of attorney: offered to a number, accepted, dated, revoked at once, given back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from mpp.accounts.service import AccountError
from mpp.citizens import powers
from mpp.citizens.acting_errors import NotYoursError
from mpp.citizens.models import Citizen, CitizenMessage, CitizenSession
from mpp.citizens.powers import Draft
from mpp.citizens.powers_models import PowerOfAttorney, PowerState
from mpp.citizens.proofs import NeedProofError
from mpp.database.session import central_read, central_write
from mpp.web.flask import Platform
from tests.mpp.citizens.people import PHONES, account, browser_of

DAY = dt.timedelta(days=1)
KNOWN = {"ktp-el-baru", "instansi:disdukcapil"}


def draft(**values: Any) -> Draft:
    today = powers.today()
    usual = Draft(PHONES["Budi Contoh"], "Budi", "Sedang sakit", today, today + 30 * DAY)
    return replace(usual, **values)


def offer(app: Platform, giver: int, **values: Any) -> int:
    at = browser_of(app, giver)
    with app.app_context():
        return powers.offer(giver, at, draft(**values), KNOWN).id


def states(app: Platform, account_id: int) -> tuple[list[PowerState], list[PowerState]]:
    """Of the powers given, and of those held."""
    with app.app_context(), central_read() as session:
        who = session.get_one(Citizen, account_id)
        return [p.state for p in powers.given(session, account_id)], [
            p.state for p in powers.held(session, who)
        ]


def test_its_life(app: Platform) -> None:
    siti, budi, stranger = (account(app, name) for name in PHONES)
    power = offer(app, siti)
    assert states(app, siti) == ([PowerState.OFFERED], [])
    assert states(app, budi) == ([], [PowerState.OFFERED])
    assert states(app, stranger) == ([], [])
    for who in (siti, stranger):
        with app.app_context(), pytest.raises(NotYoursError):
            powers.answer(who, power, accept=True)
    with app.app_context():
        powers.answer(budi, power, accept=True)
    assert states(app, budi) == ([], [PowerState.HOLDS])
    with app.app_context(), central_read() as session:
        assert session.get_one(PowerOfAttorney, power).phone is None
        assert powers.held(session, session.get_one(Citizen, budi))[0].other == "Siti Contoh"
    for act in (powers.revoke, powers.give_back):
        with app.app_context(), pytest.raises(NotYoursError):
            act(stranger, power)
    # The giver can't give back what is not theirs, the holder revoke nothing.
    with app.app_context(), pytest.raises(NotYoursError):
        powers.give_back(siti, power)
    with app.app_context(), pytest.raises(NotYoursError):
        powers.revoke(budi, power)
    with app.app_context():
        powers.revoke(siti, power)
    assert states(app, siti)[0] == states(app, budi)[1] == [PowerState.REVOKED]
    with app.app_context(), pytest.raises(NotYoursError):
        powers.give_back(budi, power)


def test_refused_and_given_back(app: Platform) -> None:
    siti, budi = account(app, "Siti Contoh"), account(app, "Budi Contoh")
    first, second = offer(app, siti), offer(app, siti)
    with app.app_context():
        powers.answer(budi, first, accept=False)
        powers.answer(budi, second, accept=True)
        powers.give_back(budi, second)
    assert states(app, siti)[0] == [PowerState.RETURNED, PowerState.REFUSED]
    # Who refused it keeps nothing of it.
    assert states(app, budi)[1] == [PowerState.RETURNED]


def test_an_offer_taken_back_is_no_longer_there(app: Platform) -> None:
    siti, budi = account(app, "Siti Contoh"), account(app, "Budi Contoh")
    power = offer(app, siti)
    with app.app_context():
        powers.revoke(siti, power)
    assert states(app, budi) == ([], [])
    with app.app_context(), pytest.raises(NotYoursError):
        powers.answer(budi, power, accept=True)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"starts_on": powers.today() - DAY}, "starts_on"),
        ({"starts_on": powers.today() + 91 * DAY, "ends_on": powers.today() + 92 * DAY}, "starts_on"),
        ({"ends_on": powers.today() - DAY}, "ends_on"),
        ({"ends_on": powers.today() + 367 * DAY}, "ends_on"),
        ({"scope": ("tidak-ada",)}, "services"),
        ({"reason": "a"}, "reason"),
        ({"name": "1"}, "name"),
        ({"phone": "12"}, "phone"),
        ({"phone": PHONES["Siti Contoh"]}, "phone"),
        ({"region_id": 987654}, "region"),
    ],
)
def test_what_does_not_hold_is_refused_beside_its_field(
    app: Platform, values: dict[str, object], field: str
) -> None:
    siti = account(app, "Siti Contoh")
    with pytest.raises(AccountError) as refused:
        offer(app, siti, **values)
    assert refused.value.field == field


def test_an_unlocked_telephone_gives_no_power(app: Platform) -> None:
    siti = account(app, "Siti Contoh")
    at = browser_of(app, siti)
    with app.app_context(), central_write() as session:
        session.get_one(CitizenSession, at).proved_at = dt.datetime.now(tz=dt.UTC) - dt.timedelta(hours=1)
    with app.app_context(), pytest.raises(NeedProofError):
        powers.offer(siti, at, draft(), KNOWN)


def test_a_year_to_the_day_is_the_longest(app: Platform) -> None:
    siti = account(app, "Siti Contoh")
    offer(app, siti, ends_on=powers.latest_end(powers.today()))
    assert powers.latest_end(dt.date(2028, 2, 29)) == dt.date(2029, 2, 28)


def test_a_telephone_does_not_ring_without_end(app: Platform) -> None:
    """However many accounts offer something to one number, it is told three times a day, and never by whom."""
    givers = [account(app, name) for name in ("Siti Contoh", "Orang Asing")]
    for giver in [g for g in givers for _ in range(3)]:
        offer(app, giver)
    with app.app_context(), central_read() as session:
        told = session.query(CitizenMessage).all()
        assert [m.kind for m in told] == ["invited"] * 3
        assert {m.secret for m in told} == {None}
