"""The account below its pages: sealed, found, closed, pruned, and of one nation whatever region is at hand."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from mpp.accounts import recovery
from mpp.citizens import account, codes, entrance, jobs, messages, sessions
from mpp.citizens.codes import Purpose
from mpp.citizens.models import (
    Citizen,
    CitizenCode,
    CitizenMessage,
    CitizenPasskey,
    CitizenRecovery,
    CitizenSession,
)
from mpp.citizens.realm import nation
from mpp.crypto import keyring
from mpp.crypto.rotation import rotate
from mpp.database.session import central_read, central_write
from mpp.jobs.handlers import Job, find
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.citizens import make_citizen
from tests.support.hall import at

PHONE = "+6281299990101"


def test_names_and_numbers_stand_sealed_and_are_found(app: Platform) -> None:
    citizen_id = make_citizen(app, name="Ma'ruf", phone=PHONE, nik="9971015505900009")
    with app.app_context(), central_read() as session:
        raw = (
            session.connection()
            .exec_driver_sql("select row(c.*)::text from platform.citizen c")
            .scalars()
            .all()
        )
        for value in ("Ma'ruf", "81299990101", "9971015505900009"):
            assert all(value not in row and value.encode().hex() not in row for row in raw)
        found = entrance.by_phone(session, PHONE)
        assert found is not None and found.id == citizen_id and found.name == "Ma'ruf"


def test_one_number_is_one_living_account(app: Platform) -> None:
    first = make_citizen(app, phone=PHONE)
    with pytest.raises(IntegrityError):
        make_citizen(app, phone="0812 9999 0101")
    with app.app_context(), central_write() as session:
        account.close(session, first)
    assert make_citizen(app, phone=PHONE) != first


def test_a_closed_account_keeps_nothing_that_tells_who_it_was(app: Platform) -> None:
    citizen_id = make_citizen(app, phone=PHONE, nik="9971015505900009")
    with app.app_context():
        with central_write() as session:
            number, token = sessions.start(session, citizen_id, agent=None, address=None)
            session.add(CitizenRecovery(account_id=citizen_id, code_hash=b"x"))
        with central_write() as session:
            account.close(session, citizen_id)
            account.close(session, citizen_id)
        with central_read() as session:
            row = session.get_one(Citizen, citizen_id, populate_existing=True)
            assert (row.name, row.phone, row.phone_index, row.nik, row.nik_index, row.email) == (None,) * 6
            assert not row.active and not row.has_password and row.closed_at is not None
            assert sessions.find(session, number, token, None) is None
            for kind in (CitizenSession, CitizenPasskey, CitizenRecovery):
                assert session.scalars(select(kind).where(kind.account_id == citizen_id)).all() == []
            assert [m.kind for m in session.scalars(select(CitizenMessage))] == ["closed"]
        with central_write() as session, pytest.raises(LookupError):
            account.close(session, 999_999)
        with central_write() as session, pytest.raises(LookupError):
            sessions.start(session, citizen_id, agent=None, address=None)


def test_a_session_is_of_one_place(app: Platform, bukittinggi: Region, banyuwangi: Region) -> None:
    citizen_id = make_citizen(app)
    with app.app_context(), central_write() as session:
        here = sessions.start(session, citizen_id, bukittinggi.id, 1, agent=None, address=None)
        centre = sessions.start(session, citizen_id, agent=None, address=None)
        for (number, token), place in ((here, bukittinggi.id), (centre, None)):
            for other in (bukittinggi.id, banyuwangi.id, None):
                found = sessions.find(session, number, token, other)
                assert (found is not None) == (other == place)
            assert sessions.find(session, number, "x" * 43, place) is None
        assert sessions.find(session, here[0], centre[1], bukittinggi.id) is None
        sessions.end_region(session, citizen_id, bukittinggi.id)
        assert sessions.find(session, *here, bukittinggi.id) is None
        assert sessions.find(session, *centre, None) is not None
        with pytest.raises(IntegrityError):
            sessions.start(session, citizen_id, bukittinggi.id, agent=None, address=None)


def test_sessions_run_out_by_rest_and_by_age(app: Platform) -> None:
    citizen_id = make_citizen(app)
    with app.app_context(), central_write() as session:
        for column, span in (("seen_at", dt.timedelta(hours=13)), ("created_at", dt.timedelta(days=8))):
            number, token = sessions.start(session, citizen_id, agent=None, address=None)
            assert sessions.find(session, number, token, None) is not None
            old = {column: dt.datetime.now(tz=dt.UTC) - span}
            session.execute(update(CitizenSession).where(CitizenSession.id == number).values(old))
            assert sessions.find(session, number, token, None) is None


def test_the_same_rules_hold_inside_a_region(app: Platform, bukittinggi: Region) -> None:
    """A region's request asks the nation, not itself."""
    citizen_id = make_citizen(app, phone=PHONE)
    with at(app, bukittinggi), central_write() as session:
        found = entrance.by_phone(session, PHONE)
        assert found is not None and found.id == citizen_id
        number, token = sessions.start(session, citizen_id, bukittinggi.id, 5, agent=None, address=None)
        assert sessions.find(session, number, token, bukittinggi.id) is not None


def test_what_ran_out_is_deleted(app: Platform) -> None:
    assert find("citizens.prune", None) and find("citizens.message", None) and find("citizens.waits", None)
    with app.app_context():
        for _ in range(2):
            codes.send(Purpose.ENTER, PHONE, address="203.0.113.9", device=None)
        with central_write() as session:
            first = session.scalars(select(CitizenCode).order_by(CitizenCode.id)).first()
            assert first is not None
            old = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=2)
            first.expires_at = old
            session.get_one(CitizenMessage, first.message_id).created_at = old
        with central_write() as session:
            jobs.prune(Job(session, {}, app.settings, None))
        with central_read() as session:
            assert len(session.scalars(select(CitizenCode)).all()) == 1
            assert len(session.scalars(select(CitizenMessage)).all()) == 1


def test_a_message_goes_out_once_and_its_secret_goes_with_it(
    app: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(messages, "send", lambda phone, words: sent.append((phone, words)))
    with app.app_context():
        with nation(), central_write() as session:
            row = messages.post(session, PHONE, messages.Message.CODE, "123456")
        for settings in (app.settings, replace(app.settings, environment="production")):
            with central_write() as session:
                job = Job(session, {"message_id": row.id}, settings, None)
                jobs.message(job)
        assert sent == [
            (
                PHONE,
                "Kode MPP Digital Anda: 123456. Berlaku 5 menit. Petugas tidak pernah menanyakan kode ini.",
            )
        ]
        with central_write() as session:
            other = messages.post(session, PHONE, messages.Message.CODE, "654321")
        with central_write() as session:
            jobs.message(
                Job(session, {"message_id": other.id}, replace(app.settings, environment="production"), None)
            )
        with central_read() as session:
            assert session.get_one(CitizenMessage, other.id, populate_existing=True).secret is None


def test_no_log_line_names_a_number(app: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    with app.app_context():
        messages.send(PHONE, "Kode MPP Digital Anda: 123456.")
    out = capsys.readouterr()
    assert "123456" not in out.out + out.err and "9999" not in out.out + out.err


def test_a_turn_of_the_nations_keys_shuts_nobody_out(
    app: Platform, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sent, written on paper or sealed before still opens, also when the old keys are retired."""
    monkeypatch.setattr(keyring, "SECONDS_ANNOUNCED", 0.0)
    monkeypatch.setattr(keyring, "SECONDS_KEPT", 0.0)
    citizen_id = make_citizen(app, phone=PHONE, nik="9971015505900009")
    with app.app_context():
        with nation(), central_write() as session:
            paper = recovery.renew(session, citizen_id)
        ticket = codes.send(Purpose.ENTER, PHONE, address=None, device=None)
        row = codes.under_way(ticket, Purpose.ENTER)
        assert row is not None and row[1] is not None
    assert rotate(settings, None, lambda _line: None).left == 0
    with app.app_context():
        assert codes.check(ticket, Purpose.ENTER, row[1]) is not None
        arrived = entrance.arrive(ticket, lambda _citizen_id: False)
        assert arrived is not None and arrived.id == citizen_id and arrived.nik == "9971015505900009"
        found = entrance.by_paper(PHONE, paper[0], address=None, device=None)
        assert found is not None and found.id == citizen_id
    with pytest.raises(IntegrityError):
        make_citizen(app, phone=PHONE)


def test_a_stranger_uses_up_nobodys_codes(app: Platform) -> None:
    """By network, under a bound for the telephone's peace; beyond the first ten each form must bring its work."""
    with app.app_context():

        def ask(network: int, *, worked: bool = True, device: str | None = None) -> bool:
            try:
                codes.send(Purpose.ENTER, PHONE, address=f"10.{network}.0.1", device=device, worked=worked)
            except codes.TooManyCodesError:
                return False
            return True

        assert [ask(1) for _ in range(4)] == [True, True, True, False]
        # The owner, who sits elsewhere, is not concerned; nor a browser that has been in with this number.
        assert ask(2) and ask(1, device="dikenal")
        assert all(ask(network) for network in range(3, 9))
        assert not ask(9, worked=False) and ask(9)
        # Bounded all the same.
        asked = [ask(network) for network in range(10, 60)]
        assert asked.count(True) == codes.ALL_WORKED.tries - 11 and not asked[-1]
        assert ask(1, device="dikenal")


def test_who_answers_may_ask_again(app: Platform) -> None:
    with app.app_context():
        for _ in range(5):
            ticket = codes.send(Purpose.ENTER, PHONE, address="10.1.0.1", device=None, worked=True)
            waiting = codes.under_way(ticket, Purpose.ENTER)
            assert waiting is not None and waiting[1] is not None
            assert codes.check(ticket, Purpose.ENTER, waiting[1], address="10.1.0.1") is not None
