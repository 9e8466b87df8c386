"""The database itself keeps regions apart, whatever the code above it tries."""

from __future__ import annotations

import threading

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mpp.database.roles import app_url, central_url, gate_url
from mpp.database.session import db, read, serve, write
from mpp.settings import Settings
from mpp.tenancy.region import NoRegionError, Region, WrongRegionError, region_context
from mpp.web.flask import Platform
from tenants.catalogue.models import Service
from tenants.hall.models import Hall


def names(session: Session) -> list[str]:
    return list(session.scalars(select(Hall.name)))


def test_each_region_sees_its_own_rows(app: Platform, bukittinggi: Region, banyuwangi: Region) -> None:
    seen = {}
    with app.app_context():
        for region in (bukittinggi, banyuwangi):
            with serve(region), read() as session:
                seen[region.slug] = names(session)
                assert session.scalar(select(func.current_user())) == region.role
    assert seen["bukittinggi"] and seen["banyuwangi"]
    assert not set(seen["bukittinggi"]) & set(seen["banyuwangi"])


def test_without_a_region_nothing_reaches_the_database(app: Platform) -> None:
    with app.app_context(), pytest.raises(NoRegionError), read() as session:
        names(session)
    with app.app_context(), pytest.raises(NoRegionError), db.engine.begin():
        pass


def test_naming_the_neighbours_table_is_refused_by_the_database(
    app: Platform, bukittinggi: Region, banyuwangi: Region
) -> None:
    # Text on purpose: this is what an injected or careless statement would be.
    for statement in (
        "SELECT * FROM {}.ticket",
        "SELECT * FROM {}.staff",
        "DELETE FROM {}.hall",
        "DROP SCHEMA {} CASCADE",
    ):
        with app.app_context(), serve(bukittinggi), pytest.raises(DBAPIError) as refused, write() as session:
            session.execute(text(statement.format(banyuwangi.schema)))
        assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM platform.central_staff",
        "SELECT * FROM platform.audit_log",
        "SELECT * FROM platform.outbox",
        "SELECT * FROM platform.region_rollup",
        "SELECT schema_name FROM platform.region",
        "UPDATE platform.service SET active = false",
        "SELECT pg_catalog.set_config('role', 'none', true)",
        "DO $$ BEGIN RAISE NOTICE 'x'; END $$",
        "UPDATE audit_log SET actor_name = 'x'",
        "DELETE FROM audit_log",
        "DELETE FROM ticket_event",
        "UPDATE ticket_event SET at = now()",
        "UPDATE ticket_event SET actor_id = 1, reason = NULL",
        "UPDATE schema_version SET version_num = 'x'",
        "CREATE TABLE sneaky (id int)",
        "ALTER TABLE hall ADD COLUMN x int",
    ],
)
def test_a_regions_role_can_do_no_more_than_its_work(
    app: Platform, bukittinggi: Region, statement: str
) -> None:
    with app.app_context(), serve(bukittinggi), pytest.raises(DBAPIError) as refused, write() as session:
        session.execute(text(statement))
    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


def test_the_national_catalogue_can_be_read(app: Platform, bukittinggi: Region) -> None:
    with app.app_context(), serve(bukittinggi), read() as session:
        assert session.scalar(select(func.count()).select_from(Service)) == 46


def test_a_session_never_serves_two_regions(app: Platform, bukittinggi: Region, banyuwangi: Region) -> None:
    with app.app_context(), serve(bukittinggi), read() as session:
        names(session)
        with region_context(banyuwangi), pytest.raises(WrongRegionError):
            names(session)


def test_logins_alone_reach_nothing(settings: Settings, app: Platform, bukittinggi: Region) -> None:
    for url, table in (
        (app_url(settings), "platform.service"),
        (central_url(settings), f"{bukittinggi.schema}.ticket"),
    ):
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            assert connection.execute("SHOW search_path").fetchone() == ('""',)
            with pytest.raises(psycopg.errors.UndefinedTable):
                connection.execute("SELECT * FROM ticket")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM {table}")


def test_a_process_that_hangs_holds_nobody_up_for_long(
    settings: Settings, app: Platform, bukittinggi: Region
) -> None:
    """A server frozen between two statements keeps its locks; PostgreSQL ends the wait, then the holder."""
    with app.app_context(), serve(bukittinggi), read() as session:
        for name, value in (("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "1min")):
            assert session.scalar(text("SELECT current_setting(:name)"), {"name": name}) == value


def test_the_gates_login_sees_a_number_and_a_state(
    settings: Settings, app: Platform, bukittinggi: Region
) -> None:
    address = gate_url(settings).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        assert connection.execute(f"SELECT version FROM {bukittinggi.schema}.content_state").fetchone()
        for forbidden in (
            f"SELECT * FROM {bukittinggi.schema}.hall",
            f"UPDATE {bukittinggi.schema}.content_state SET version = 1",
            "SELECT name FROM platform.region",
            "SELECT * FROM platform.service",
            f"SET ROLE {bukittinggi.role}",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)


def test_the_centres_login_can_become_no_region(
    settings: Settings, app: Platform, bukittinggi: Region
) -> None:
    address = central_url(settings).set(drivername="postgresql").render_as_string(hide_password=False)
    with (
        psycopg.connect(address, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"SET ROLE {bukittinggi.role}")


def test_a_pooled_connection_carries_nothing_over(
    app: Platform, bukittinggi: Region, banyuwangi: Region
) -> None:
    """Many threads, few connections, regions in turn: each transaction sees its own role and schema."""
    wrong: list[str] = []

    def work(number: int) -> None:
        for turn in range(25):
            region = (bukittinggi, banyuwangi)[(number + turn) % 2]
            with app.app_context(), serve(region), read() as session:
                role = session.scalar(select(func.current_user()))
                if role != region.role:
                    wrong.append(f"{region.slug}: {role}")
                if turn % 5 == 0:
                    session.rollback()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_savepoint_keeps_the_region(app: Platform, bukittinggi: Region) -> None:
    with app.app_context(), serve(bukittinggi), read() as session:
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text("SELECT 1/0"))
        assert session.scalar(select(func.current_user())) == bukittinggi.role
