"""A thief's fresh password never becomes ripe by being proved and taken away at once."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy import update

from mpp.citizens import account, proofs, sessions
from mpp.citizens.models import Citizen, CitizenSession
from mpp.database.session import central_read, central_write
from mpp.web.flask import Platform
from tests.mpp.citizens.people import browser_of
from tests.support.citizens import make_citizen

FIRST, SECOND = "kuda terbang makan sate padang", "empat kata yang lain lagi"


@pytest.fixture
def thief(app: Platform) -> tuple[int, int]:
    """An old account with a telephone alone, and a browser in it that has just set a first password by a code."""
    citizen_id = make_citizen(app)
    at = browser_of(app, citizen_id)
    with app.app_context():
        with central_write() as session:
            old = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=300)
            session.execute(update(Citizen).values(created_at=old))
        proofs.set_password(citizen_id, at, FIRST)
    return citizen_id, at


def moments(app: Platform, citizen_id: int, at: int) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Since when the account's proofs count, and when the browser gave a strong one."""
    with app.app_context(), central_read() as session:
        citizen = session.get_one(Citizen, citizen_id, populate_existing=True)
        return citizen.strong_from, session.get_one(CitizenSession, at, populate_existing=True).strong_at


def test_a_password_taken_away_while_it_is_looked_at_proves_nothing(
    app: Platform, thief: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two threads, held at the one moment between looking at the hash and writing down that it was right."""
    citizen_id, at = thief
    looking, gone = threading.Event(), threading.Event()
    true_verify = account.verify

    def slow_verify(kept: str, typed: str) -> bool:
        right = true_verify(kept, typed)
        looking.set()
        assert gone.wait(10)
        return right

    monkeypatch.setattr(account, "verify", slow_verify)
    answers: list[bool] = []

    def prove() -> None:
        with app.app_context():
            answers.append(account.prove_by_password(citizen_id, at, FIRST))

    thread = threading.Thread(target=prove)
    thread.start()
    assert looking.wait(10)
    with app.app_context():
        proofs.remove_password(citizen_id, at)
    gone.set()
    thread.join(10)
    assert answers == [False]
    assert moments(app, citizen_id, at) == (None, None)
    with app.app_context():
        proofs.set_password(citizen_id, at, SECOND)
        assert not proofs.of(citizen_id, at).ripe


def test_a_strong_proof_of_before_ripens_no_first_one(app: Platform, thief: tuple[int, int]) -> None:
    """Whatever way a browser came to hold one: signing in is two steps as well."""
    citizen_id, at = thief
    with app.app_context():
        proofs.remove_password(citizen_id, at)
        with central_write() as session:
            sessions.proved(session, at, strong=True)
        proofs.set_password(citizen_id, at, SECOND)
        assert not proofs.of(citizen_id, at).ripe
    since, _strong = moments(app, citizen_id, at)
    assert since is not None and since - dt.datetime.now(tz=dt.UTC) > proofs.RIPENS - dt.timedelta(minutes=1)
