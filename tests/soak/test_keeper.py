"""The keeper's verdict: quiet while everybody is as they should be, and it finds each kind of loss."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select, update

from mpp.database.session import read, write
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.people.models import Profile
from tests.soak.keeper import Keeper
from tests.soak.running import Running
from tests.support.hall import at


def test_the_verdict_finds_who_was_lost(
    app: Platform, bukittinggi: Region, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Keeper(app, Running(0, 0, settings, Path("-")), [bukittinggi], random.Random(1))
    done = subprocess.CompletedProcess([], 0, b"", b"")
    monkeypatch.setattr(Keeper, "_command", lambda *_words: done)
    for _person in range(5):
        keeper._add(bukittinggi)
    keeper._erase(bukittinggi)
    keeper._look(bukittinggi)
    keeper.judge()
    assert keeper.wrong == [] and keeper.looks == 1
    with at(app, bukittinggi), write() as session:
        living = list(
            session.scalars(select(Profile.id).where(Profile.erased_at.is_(None)).order_by(Profile.id))
        )
        session.execute(update(Profile).where(Profile.id == living[0]).values(nik_index=None))
        session.execute(update(Profile).where(Profile.id == living[1]).values(name="Orang lain"))
    keeper.leaving.add((bukittinggi.id, living[2]))
    done.returncode = 1
    keeper.judge()
    words = ("found 0 times", "something else", "should be gone", "audit chain")
    assert len(keeper.wrong) == len(words)
    assert all(any(word in line for line in keeper.wrong) for word in words), keeper.wrong
    with at(app, bukittinggi), read() as session:
        assert session.get_one(Profile, living[3]).name == f"Warga {keeper.people[bukittinggi.id, living[3]]}"
