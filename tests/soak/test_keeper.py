"""The keeper's verdict: quiet while everybody is as they should be, and it finds each kind of loss."""

from __future__ import annotations

import random
import subprocess
import threading
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, update

from mpp.citizens.models import Citizen
from mpp.database.session import central_read, central_write, read, write
from mpp.jobs import run
from mpp.outbox import CentralOutboxEntry, OutboxEntry
from mpp.settings import Settings
from mpp.storage.models import StoredFile
from mpp.storage.service import remove
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.people.models import Profile
from tenants.queueing.models import Ticket
from tests.soak import kept_verdict
from tests.soak.keeper import NATION, Keeper
from tests.soak.running import Running
from tests.support.hall import at

Done = subprocess.CompletedProcess[bytes]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    """What every command of the operator answers here."""
    answer = subprocess.CompletedProcess([], 0, b"", b"")
    monkeypatch.setattr(Keeper, "command", lambda *_words: answer)
    return answer


@pytest.fixture
def keeper(app: Platform, bukittinggi: Region, settings: Settings) -> Keeper:
    return Keeper(app, Running(0, 0, settings, Path("-")), [bukittinggi], random.Random(1))


def work(app: Platform, region: Region) -> None:
    """Do what the platform's workers would: the centre's jobs, then the region's."""
    run.configure(lambda: app)
    with app.app_context(), central_read() as session:
        central = session.scalars(
            select(CentralOutboxEntry.id).where(CentralOutboxEntry.kind == "privacy.close_accounts")
        ).all()
    for outbox_id in central:
        run.run_outbox(None, outbox_id)
    with at(app, region), read() as session:
        regional = session.scalars(
            select(OutboxEntry.id).where(OutboxEntry.kind.like("privacy.%"), OutboxEntry.done_at.is_(None))
        ).all()
    for outbox_id in regional:
        run.run_outbox(region.id, outbox_id)


def test_the_verdict_finds_who_was_lost(
    app: Platform, bukittinggi: Region, keeper: Keeper, done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _person in range(5):
        keeper.add(bukittinggi)
    for aged in (False, False, False, False, True):
        keeper.add_guest(bukittinggi, aged=aged)
    for _account in range(3):
        keeper.add_account(bukittinggi)
    for act in (keeper.erase, keeper.erase_guest, keeper.close, keeper.retain, keeper.look):
        act(bukittinggi)
    work(app, bukittinggi)
    kept_verdict.judge(keeper)
    assert keeper.wrong == [] and keeper.looks == 2 and keeper.retains == 1
    assert (len(keeper.erased), len(keeper.gone), len(keeper.closed), len(keeper.aged)) == (2, 1, 1, 1)

    living = sorted(key[1] for key in keeper.people if key not in keeper.erased)
    guests = sorted(key[1] for key in keeper.guests if key not in keeper.gone | keeper.aged)
    accounts = [key for key in keeper.accounts if key not in keeper.closed]
    with at(app, bukittinggi), write() as session:
        session.execute(update(Profile).where(Profile.id == living[0]).values(nik_index=None))
        session.execute(update(Profile).where(Profile.id == living[1]).values(name="Orang lain"))
        session.execute(update(Ticket).where(Ticket.id == guests[0]).values(phone_index=None))
        remove(session, session.scalars(select(StoredFile).order_by(StoredFile.id.desc()).limit(1)).one())
    with app.app_context(), central_write() as session:
        session.execute(update(Citizen).where(Citizen.id == accounts[0]).values(phone_index=None))
    keeper.leaving.add((bukittinggi.id, living[2]))
    keeper.gone.add((bukittinggi.id, guests[1]))
    keeper.closed.add(accounts[1])
    done.returncode = 1
    monkeypatch.setattr(kept_verdict, "SECONDS_FOR_CLOSING", 0.1)
    kept_verdict.judge(keeper)
    words = (
        "found 0 times", "something else", "should be gone", "not found by telephone", "letter is lost",
        "lost, or not found by telephone", "should be closed", "audit chain",
    )  # fmt: skip
    assert all(any(word in line for line in keeper.wrong) for word in words), keeper.wrong


def test_a_thread_that_dies_or_a_command_that_hangs_is_told(
    bukittinggi: Region, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hangs(*_words: object) -> Done:
        raise subprocess.TimeoutExpired("mpp", 1)

    monkeypatch.setattr(Keeper, "command", hangs)
    assert keeper._rotate(NATION) is False and keeper.turned.total() == 0

    stop = threading.Event()

    def away(_region: Region) -> None:
        stop.set()
        raise psycopg.OperationalError("the connection is lost")

    keeper._often(away, 0.0, stop)
    assert keeper.troubles == 1 and keeper.wrong == []

    def breaks(_region: Region) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        keeper._watched("look", lambda: keeper._often(breaks, 0.0, threading.Event()))
    assert "the thread that does look died" in keeper.wrong[0]
