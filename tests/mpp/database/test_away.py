"""PostgreSQL hangs up: the next to use the line notices nothing, whoever held it learns it in one kind of error."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from mpp.database import fence
from mpp.database.away import AWAY
from mpp.database.session import central_read, db, read, serve, write
from mpp.jobs import run
from mpp.settings import Settings
from mpp.tenancy.models import RegionRecord
from mpp.tenancy.region import Region
from mpp.tenancy.resolver import CENTRE, Resolver
from mpp.web.flask import Platform
from tenants.hall.models import Hall
from tests.support.fresh import rows

HANG_UP = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename LIKE %s AND datname = %s"


def hang_up(settings: Settings) -> int:
    """Let the server end every line of the app; returns how many there were."""
    database = settings.database_url.rpartition("/")[2]
    return int(rows(settings, HANG_UP, f"{settings.role_prefix}\\_%", database)[0][0])


def halls() -> int:
    with read() as session:
        return len(session.scalars(select(Hall)).all())


def test_idle_lines_that_died_cost_nobody_an_error(app: Platform, bukittinggi: Region) -> None:
    with app.app_context():
        held = []
        for _line in range(4):
            with serve(bukittinggi):
                held.append(db.engine.connect())
        for line in held:
            line.close()
        assert hang_up(app.settings) >= 4
        for _use in range(6):
            with serve(bukittinggi):
                assert halls() == 1
            with central_read() as session:
                assert session.scalars(select(RegionRecord.id)).all()


def test_whoever_held_the_line_gets_one_error_and_goes_on(app: Platform, bukittinggi: Region) -> None:
    def changes() -> None:
        with write() as session:
            session.scalars(select(Hall)).all()
            hang_up(app.settings)
            session.scalars(select(Hall)).all()

    with app.app_context(), serve(bukittinggi):
        with pytest.raises(AWAY):
            changes()
        assert halls() == 1


def test_an_answer_that_is_ready_is_given_although_the_line_died(app: Platform, bukittinggi: Region) -> None:
    with app.app_context(), serve(bukittinggi):
        assert halls() == 1
        hang_up(app.settings)
        # The end of the context gives the session back, with an open transaction on a dead line.
    with app.app_context(), serve(bukittinggi):
        assert halls() == 1


def test_the_fence_speaks_as_sqlalchemy_does(
    app: Platform, bukittinggi: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that dies between the look and the BEGIN: those who wait for SQLAlchemy's errors hear of it."""
    opening = fence.opening

    def dies(region: Region) -> str:
        monkeypatch.setattr(fence, "opening", opening)
        hang_up(app.settings)
        return opening(region)

    monkeypatch.setattr(fence, "opening", dies)
    with app.app_context(), serve(bukittinggi):
        with pytest.raises(SQLAlchemyError) as caught:
            halls()
        assert isinstance(caught.value, OperationalError)
        db.session.rollback()
        assert halls() == 1


def test_a_host_keeps_its_last_answer(bukittinggi: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    away = [False]

    def lookup(_label: str | None, _host: str) -> Region:
        if away[0]:
            raise OperationalError("SELECT", None, Exception())
        return bukittinggi

    resolver = Resolver("localhost", lookup)
    known = resolver.resolve("bukittinggi.localhost")
    away[0] = True
    monkeypatch.setattr("mpp.tenancy.resolver.SECONDS_KEPT", 0)
    assert resolver.resolve("bukittinggi.localhost") == known
    assert resolver.resolve("localhost") == CENTRE
    with pytest.raises(OperationalError):
        resolver.resolve("lain.localhost")


def test_a_job_waits_while_nothing_can_be_written_down(
    app: Platform, bukittinggi: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_region_id: int) -> Region:
        raise OperationalError("SELECT", None, Exception())

    monkeypatch.setattr(run, "served_region", away)
    assert run.run_outbox(bukittinggi.id, 1) == run.Fate.WAITING
